package org.concordat.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Values so distinctive that finding one anywhere means that plaintext got there. Each is sought in
 * every form in which it could hide: UTF-8, UTF-16 both ways, hex of those, base64 at all three
 * alignments, and numbers as 64-bit integers in both byte orders.
 */
final class Canaries {
  /** Shorter needles would be found by chance in a heap of a gigabyte. */
  static final int NEEDLE_BYTES_MIN = 6;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int KEY_BYTES = 4;

  private final Map<Integer, List<Needle>> byKey = new HashMap<>();

  /** By the first two bytes of a key: almost every position passes without a look-up. */
  private final boolean[] starts = new boolean[1 << 16];

  private int longest;

  /**
   * What is sought.
   *
   * @param keyAt where the bytes begin by which it is looked up
   */
  private record Needle(String name, byte[] bytes, int keyAt) {}

  /** A name, an account number, any text. */
  Canaries text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    add(value + " as UTF-8", utf8);
    add(value + " as UTF-16BE", value.getBytes(StandardCharsets.UTF_16BE));
    add(value + " as UTF-16LE", value.getBytes(StandardCharsets.UTF_16LE));
    String hex = HexFormat.of().formatHex(utf8);
    add(value + " as hex", hex.getBytes(StandardCharsets.US_ASCII));
    add(
        value + " as HEX",
        hex.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
    for (int shift = 0; shift < 3; shift++) {
      byte[] shifted = new byte[shift + utf8.length];
      System.arraycopy(utf8, 0, shifted, shift, utf8.length);
      String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      // The first and last characters depend on neighbours that we don't know.
      String inner = base64.substring(shift == 0 ? 0 : shift + 1, base64.length() - 1);
      add(value + " as base64, shift " + shift, inner.getBytes(StandardCharsets.US_ASCII));
    }
    return this;
  }

  /** An amount: its decimal text, and its minor units as text and as 64-bit integers. */
  Canaries amount(String decimal, long minorUnits) {
    text(decimal);
    text(Long.toString(minorUnits));
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] bytes = ByteBuffer.allocate(8).order(order).putLong(minorUnits).array();
      add(decimal + " as a 64-bit integer, " + order, bytes);
      add(
          decimal + " as hex of a 64-bit integer, " + order,
          HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII));
    }
    return this;
  }

  private void add(String name, byte[] needle) {
    if (needle.length < NEEDLE_BYTES_MIN) {
      throw new IllegalArgumentException("too short a needle: " + name);
    }
    longest = Math.max(longest, needle.length);
    int at = keyAt(needle);
    int key = key(needle, at);
    starts[key & 0xffff] = true;
    byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(new Needle(name, needle, at));
  }

  /** Where it has the fewest zeros: much of a heap and of a broker's indexes is nothing else. */
  private static int keyAt(byte[] needle) {
    int best = 0;
    int fewest = KEY_BYTES + 1;
    for (int at = 0; at + KEY_BYTES <= needle.length; at++) {
      int zeros = 0;
      for (int i = at; i < at + KEY_BYTES; i++) {
        zeros += needle[i] == 0 || needle[i] == '0' ? 1 : 0;
      }
      if (zeros < fewest) {
        fewest = zeros;
        best = at;
      }
    }
    return best;
  }

  private static int key(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | (bytes[at + 3] & 0xff) << 24;
  }

  /** The names of the needles that a file of any size holds. */
  TreeSet<String> foundIn(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return foundIn(in);
    }
  }

  TreeSet<String> foundIn(byte[] bytes) {
    TreeSet<String> found = new TreeSet<>();
    search(bytes, bytes.length, found);
    return found;
  }

  TreeSet<String> foundIn(InputStream in) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    byte[] window = new byte[longest + CHUNK_BYTES];
    int kept = 0;
    int read;
    while ((read = in.readNBytes(window, kept, CHUNK_BYTES)) > 0) {
      int end = kept + read;
      search(window, end, found);
      kept = Math.min(longest, end);
      System.arraycopy(window, end - kept, window, 0, kept);
    }
    return found;
  }

  private void search(byte[] window, int end, TreeSet<String> found) {
    for (int i = 0; i + KEY_BYTES <= end; i++) {
      if (starts[(window[i] & 0xff) | (window[i + 1] & 0xff) << 8]) {
        match(window, i, end, found);
      }
    }
  }

  private void match(byte[] window, int keyAt, int end, TreeSet<String> found) {
    List<Needle> candidates = byKey.get(key(window, keyAt));
    if (candidates == null) {
      return;
    }
    for (Needle needle : candidates) {
      int length = needle.bytes.length;
      int at = keyAt - needle.keyAt;
      if (at >= 0
          && at + length <= end
          && Arrays.equals(window, at, at + length, needle.bytes, 0, length)) {
        found.add(needle.name);
      }
    }
  }
}
