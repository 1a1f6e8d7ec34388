package org.concordat.rules.feature;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * A file's bytes, read once: what is hashed is what is parsed, whoever writes to the file
 * meanwhile.
 *
 * <p>A text's line ends are line feeds alone here, so that a checkout on another system has the
 * same hash. A binary model, which some byte below a tab tells from a text, is left as it is.
 */
public final class SourceFile {
  /** What a reader of a single file takes into memory, and one more to see that there is more. */
  private static final int BYTES_MAX = Document.FILE_BYTES_MAX + 1;

  private static final int BELOW_TEXT = '\t';

  private final String name;
  private final byte @Nullable [] bytes;

  private SourceFile(String name, byte @Nullable [] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /** Reads a file that its reader will find too long if this doesn't hold all of it. */
  public static SourceFile read(Path file) {
    return read(file, BYTES_MAX);
  }

  /** Reads as many bytes at most. */
  static SourceFile read(Path file, int bytesMax) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] raw = in.readNBytes(bytesMax);
      // One that is too long stays so: without its returns a piece of it could look whole.
      return new SourceFile(file.toString(), raw.length < bytesMax ? canonical(raw) : raw);
    } catch (IOException e) {
      return missing(file);
    }
  }

  static SourceFile missing(Path file) {
    return new SourceFile(file.toString(), null);
  }

  private static byte[] canonical(byte[] raw) {
    for (byte each : raw) {
      if (each >= 0 && each < BELOW_TEXT) {
        return raw;
      }
    }
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    return text.replace("\r\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Where it was read, for people. */
  public String name() {
    return name;
  }

  /** Whether it could be read. */
  public boolean isPresent() {
    return bytes != null;
  }

  /** What a hash covers; none where it couldn't be read. Not to be changed. */
  public byte[] bytes() {
    return bytes == null ? new byte[0] : bytes;
  }

  /** Its place; adds that it can't be read where that is so. */
  public Document document(Problems problems) {
    if (bytes == null) {
      problems.add(Problem.of(Code.CDT_101, Place.of(name)));
      return Document.absent(name, problems);
    }
    return Document.parse(name, bytes, problems);
  }

  @Override
  public String toString() {
    return name;
  }
}
