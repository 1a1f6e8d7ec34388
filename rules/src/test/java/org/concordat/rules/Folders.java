package org.concordat.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** Rule sets in folders, as tests need them. */
public final class Folders {
  private Folders() {}

  /** A shipped rule set's folder. */
  public static Path shipped(String name) {
    return Path.of("src/main/rulesets", name);
  }

  /** A mapping that has to be right. */
  public static SourceMapping mapping(Path file) {
    var problems = new Problems();
    Document document = Document.read(file, problems);
    SourceMapping mapping = SourceMapping.read(document);
    document.finish();
    problems.throwIfAny();
    return mapping;
  }

  /** Copies the files of a folder, no folders in it. */
  static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(from)) {
      files = list.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Files.copy(file, to.resolve(file.getFileName().toString()));
    }
  }

  /** Writes a rule set of two files. */
  public static Path write(Path folder, String contract, String rules) throws IOException {
    Files.writeString(folder.resolve("contract.yaml"), contract);
    Files.writeString(folder.resolve("rules.yaml"), rules);
    return folder;
  }
}
