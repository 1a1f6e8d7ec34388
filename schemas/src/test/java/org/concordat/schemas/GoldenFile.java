package org.concordat.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file under {@code src/test/resources} that says what bytes have to be. Run with {@code
 * -Dconcordat.golden=write} to write it anew; whoever changes one that was released needs an ADR.
 */
public final class GoldenFile {
  private final Path file;

  public GoldenFile(Class<?> test, String name) {
    String folder = test.getPackageName().replace('.', '/');
    this.file = Path.of("src/test/resources", folder, name);
  }

  public String text() {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Holds a text against the file's. */
  public void assertHolds(String text) {
    if (System.getProperty("concordat.golden", "").equals("write")) {
      try {
        Files.writeString(file, text, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(text).as(file.toString()).isEqualTo(text());
  }
}
