package org.concordat.schemas.share;

/**
 * Turns columns of codes into bit planes and back: plane p, word w, bit b is bit p of row {@code 64
 * w + b}. Hacker's Delight (2nd ed.), section 7-3, in its recursive form over 64 rows held in an
 * array.
 */
public final class BitPlanes {
  private BitPlanes() {}

  /**
   * Writes {@code widthBits} planes of {@code ceil(rows / 64)} words each, starting at an offset.
   *
   * @param column at least {@code rows} codes, bits above {@code widthBits} are ignored
   */
  public static void toPlanes(long[] column, int rows, int widthBits, long[] words, int offset) {
    int planeWords = ShareLayout.planeWords(rows);
    if (widthBits == 1) {
      onePlane(column, rows, words, offset);
      return;
    }
    long[] square = new long[64];
    for (int w = 0; w < planeWords; w++) {
      int from = w << 6;
      int present = Math.min(64, rows - from);
      System.arraycopy(column, from, square, 0, present);
      java.util.Arrays.fill(square, present, 64, 0);
      transpose(square);
      for (int p = 0; p < widthBits; p++) {
        words[offset + p * planeWords + w] = square[p];
      }
    }
  }

  /** Reads what {@link #toPlanes} wrote; bits above {@code widthBits} come out as zeros. */
  public static void fromPlanes(long[] words, int offset, int rows, int widthBits, long[] column) {
    int planeWords = ShareLayout.planeWords(rows);
    long[] square = new long[64];
    for (int w = 0; w < planeWords; w++) {
      for (int p = 0; p < widthBits; p++) {
        square[p] = words[offset + p * planeWords + w];
      }
      java.util.Arrays.fill(square, widthBits, 64, 0);
      transpose(square);
      int from = w << 6;
      System.arraycopy(square, 0, column, from, Math.min(64, rows - from));
    }
  }

  private static void onePlane(long[] column, int rows, long[] words, int offset) {
    for (int from = 0; from < rows; from += 64) {
      int present = Math.min(64, rows - from);
      long plane = 0;
      for (int b = 0; b < present; b++) {
        plane |= (column[from + b] & 1) << b;
      }
      words[offset + (from >>> 6)] = plane;
    }
  }

  /** Transposes a 64 x 64 bit matrix, row r in {@code square[r]}, column c in bit c. */
  static void transpose(long[] square) {
    long mask = 0x00000000FFFFFFFFL;
    for (int width = 32; width != 0; width >>>= 1, mask ^= mask << width) {
      for (int block = 0; block < 64; block += 2 * width) {
        for (int i = block; i < block + width; i++) {
          long swap = ((square[i] >>> width) ^ square[i + width]) & mask;
          square[i + width] ^= swap;
          square[i] ^= swap << width;
        }
      }
    }
  }
}
