package org.concordat.rules.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * The files of a rule set that its hash covers, each read once. Signatures are verified over what
 * is compiled: nothing is read again, so a file that is swapped in between changes neither.
 */
public final class RuleFiles {
  /** Files of one rule set. */
  public static final int FILES_MAX = 256;

  /** Of all of them. */
  public static final int BYTES_MAX = 256 << 20;

  private static final List<String> ALWAYS = List.of("contract.yaml", "rules.yaml");
  private static final String RATES = "rates.yaml";
  private static final String MODELS = "models";

  private final Path directory;

  /** By name, in the order in which they are hashed. */
  private final Map<String, SourceFile> files;

  private RuleFiles(Path directory, Map<String, SourceFile> files) {
    this.directory = directory;
    this.files = files;
  }

  /** Reads a directory; what is wrong goes to {@code problems}. */
  public static RuleFiles read(Path directory, Problems problems) {
    List<String> names = new ArrayList<>(ALWAYS);
    if (Files.exists(directory.resolve(RATES))) {
      names.add(RATES);
    }
    Path models = directory.resolve(MODELS);
    if (Files.isDirectory(models)) {
      try (Stream<Path> listed = Files.list(models)) {
        listed
            .filter(Files::isRegularFile)
            .map(file -> MODELS + "/" + file.getFileName())
            .sorted()
            .limit(FILES_MAX)
            .forEach(names::add);
      } catch (IOException | UncheckedIOException e) {
        problems.add(Problem.of(Code.CDT_101, Place.of(models.toString())));
      }
    }
    Map<String, SourceFile> files = new LinkedHashMap<>();
    if (names.size() > FILES_MAX) {
      problems.add(
          Code.CDT_220,
          Place.of(models.toString()),
          "There are more than " + FILES_MAX + " files.",
          "Remove those that no rule uses.");
      return new RuleFiles(directory, files);
    }
    int left = BYTES_MAX;
    for (String name : names) {
      SourceFile file = SourceFile.read(directory.resolve(name), left + 1);
      left -= file.bytes().length;
      if (left < 0) {
        problems.add(
            Code.CDT_220,
            Place.of(directory.toString()),
            "Its files have more than " + BYTES_MAX + " bytes.",
            "Remove files that no rule uses.");
        return new RuleFiles(directory, files);
      }
      files.put(name, file);
    }
    return new RuleFiles(directory, files);
  }

  /** Adds which of them couldn't be read. */
  public void addUnread(Problems problems) {
    for (SourceFile file : files.values()) {
      if (!file.isPresent()) {
        problems.add(Problem.of(Code.CDT_101, Place.of(file.name())));
      }
    }
  }

  public Path directory() {
    return directory;
  }

  public boolean has(String name) {
    return file(name).isPresent();
  }

  public boolean hasRates() {
    return files.containsKey(RATES);
  }

  public SourceFile rates() {
    return file(RATES);
  }

  /** One of them; it says itself that it is missing. */
  public SourceFile file(String name) {
    SourceFile file = files.get(name);
    return file == null ? SourceFile.missing(directory.resolve(name)) : file;
  }

  /** SHA-256 of all of them, names included. */
  public byte[] hash() {
    List<byte[]> parts = new ArrayList<>();
    files.forEach(
        (name, file) -> {
          parts.add(name.getBytes(StandardCharsets.UTF_8));
          parts.add(file.bytes());
        });
    return Canonical.sha256("rule set", parts.toArray(new byte[0][]));
  }
}
