package org.concordat.schemas.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.concordat.schemas.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Planes hold exactly the bits of the column, wherever they start and however many there are. */
class BitPlanesTest {
  private static final int OFFSET = 3;
  private static final long UNTOUCHED = 0x5555_AAAA_5555_AAAAL;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 127, 128, 1023, 1024})
  void everyWidthComesBack(int rows) {
    Random random = Seeds.random("planes" + rows);
    int planeWords = ShareLayout.planeWords(rows);
    long[] column = random.longs(rows).toArray();
    for (int width = 1; width <= 64; width++) {
      long[] words = new long[OFFSET + width * planeWords + 2];
      Arrays.fill(words, UNTOUCHED);
      BitPlanes.toPlanes(column, rows, width, words, OFFSET);
      for (int p = 0; p < width; p++) {
        for (int r = 0; r < planeWords * 64; r++) {
          long bit = words[OFFSET + p * planeWords + (r >> 6)] >>> (r & 63) & 1;
          long expected = r < rows ? column[r] >>> p & 1 : 0;
          assertThat(bit).as("width %d, plane %d, row %d", width, p, r).isEqualTo(expected);
        }
      }
      assertThat(words).startsWith(UNTOUCHED, UNTOUCHED, UNTOUCHED).endsWith(UNTOUCHED, UNTOUCHED);

      long[] back = new long[rows];
      BitPlanes.fromPlanes(words, OFFSET, rows, width, back);
      long mask = width == 64 ? -1 : (1L << width) - 1;
      assertThat(back).isEqualTo(Arrays.stream(column).map(v -> v & mask).toArray());
    }
  }

  @Test
  void transposingTwiceChangesNothing() {
    long[] square = Seeds.random("transpose").longs(64).toArray();
    long[] twice = square.clone();
    BitPlanes.transpose(twice);
    assertThat(twice).isNotEqualTo(square);
    BitPlanes.transpose(twice);
    assertThat(twice).isEqualTo(square);
  }
}
