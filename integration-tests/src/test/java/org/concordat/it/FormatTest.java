package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every Java file is formatted by google-java-format; {@code -Dconcordat.format=apply} rewrites
 * those that aren't. ADR 0004 says why this is a test.
 */
class FormatTest {
  private static final int LINES_MAX = 500;
  private static final Path HOME = Path.of(System.getProperty("concordat.home", ".."));
  private static final boolean APPLY = "apply".equals(System.getProperty("concordat.format"));

  @Test
  void everyFileIsFormatted() throws Exception {
    List<Path> wrong =
        sources().parallelStream()
            .filter(file -> !isFormatted(file))
            .map(HOME::relativize)
            .toList();
    assertThat(wrong).as("files to be formatted with -Dconcordat.format=apply").isEmpty();
  }

  private static boolean isFormatted(Path file) {
    try {
      String text = Files.readString(file);
      String formatted =
          new Formatter()
              .formatSource(
                  ImportOrderer.reorderImports(
                      RemoveUnusedImports.removeUnusedImports(text), Style.GOOGLE));
      boolean isFormatted = formatted.equals(text);
      if (!isFormatted && APPLY) {
        Files.writeString(file, formatted);
      }
      return isFormatted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FormatterException e) {
      throw new IllegalStateException(file.toString(), e);
    }
  }

  @Test
  void noFileIsTooLong() throws Exception {
    List<Path> tooLong = new ArrayList<>();
    for (Path file : sources()) {
      if (Files.readAllLines(file).size() > LINES_MAX) {
        tooLong.add(HOME.relativize(file));
      }
    }
    assertThat(tooLong).as("files of more than %d lines", LINES_MAX).isEmpty();
  }

  private static List<Path> sources() throws Exception {
    try (Stream<Path> files = Files.walk(HOME)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> HOME.relativize(file).toString().contains("src"))
          .filter(file -> !HOME.relativize(file).toString().contains("target"))
          .toList();
    }
  }
}
