package org.concordat.ops.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The rows of one bank for the rule set {@code bench}, as CSV: uniform, independent, from a seed,
 * every row with an id of its own.
 */
final class UniformRows implements AutoCloseable {
  private static final String PREFIX = "tx-";
  private static final int NARROW = 16;
  private static final int NARROW_BITS = 32;
  private static final int[] WIDE_BITS = {48, 48, 50, 50, 52, 52, 54, 54};
  private static final int CODES = 8;
  private static final int CODE_BITS = 10;

  private final BufferedWriter out;
  private final SplittableRandom random;
  private final StringBuilder line = new StringBuilder(512);
  private long written;

  private UniformRows(BufferedWriter out, long seed) {
    this.out = out;
    this.random = new SplittableRandom(seed);
  }

  /** Creates a file with its header. */
  static UniformRows create(Path file, long seed) throws IOException {
    var rows = new UniformRows(Files.newBufferedWriter(file, StandardCharsets.US_ASCII), seed);
    rows.out.write(header());
    rows.out.flush();
    return rows;
  }

  private static String header() {
    var header = new StringBuilder("id,time");
    names(header, 'n', NARROW);
    names(header, 'w', WIDE_BITS.length);
    names(header, 'c', CODES);
    return header.append('\n').toString();
  }

  private static void names(StringBuilder header, char letter, int count) {
    for (int i = 1; i <= count; i++) {
      header.append(',').append(letter).append(i < 10 ? "0" : "").append(i);
    }
  }

  /** Appends rows, visible to readers when it returns. */
  void write(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      line.setLength(0);
      line.append(PREFIX).append(written++).append(",2026-01-05T10:15:00Z");
      for (int n = 0; n < NARROW; n++) {
        value(NARROW_BITS);
      }
      for (int bits : WIDE_BITS) {
        value(bits);
      }
      for (int c = 0; c < CODES; c++) {
        value(CODE_BITS);
      }
      out.append(line.append('\n'));
    }
    out.flush();
  }

  private void value(int bits) {
    line.append(',').append(random.nextLong() >>> Long.SIZE - bits);
  }

  /** Which row of its file has a reference. */
  static long number(String reference) {
    return Long.parseLong(reference.substring(PREFIX.length()));
  }

  long written() {
    return written;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
