package org.concordat.schemas.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three components rebuild a block, any one aggregator's two are uniform. */
class Rep3SharingTest {
  private static final int PARTIES = Rep3Sharing.PARTIES;

  private static ShareLayout everyWidth() {
    List<ShareField> fields = new ArrayList<>();
    for (int width = 1; width <= 64; width++) {
      fields.add(ShareField.bits(width));
      if (width % 16 == 0) {
        fields.add(ShareField.arithmetic());
      }
    }
    return new ShareLayout(fields);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1024})
  void threeComponentsRebuildWhatWasSplit(int rows) {
    ShareLayout layout = everyWidth();
    long[] words = Seeds.random("split" + rows).longs(layout.words(rows)).toArray();
    long[] before = words.clone();
    for (int explicit = 0; explicit < PARTIES; explicit++) {
      Components components =
          Rep3Sharing.split(layout, words, rows, explicit, new FixedRandom("split" + explicit));
      assertThat(words).isEqualTo(before);
      long[][] parts = new long[PARTIES][];
      for (int c = 0; c < PARTIES; c++) {
        assertThat(components.seeded(c)).isEqualTo(c != explicit);
        assertThat(components.body(c)).hasSize(c == explicit ? 8 * words.length : 32);
        parts[c] = components.words(c, words.length);
      }
      assertThat(Rep3Sharing.reconstruct(layout, rows, parts[0], parts[1], parts[2]))
          .isEqualTo(words);
      parts[explicit][words.length - 1] ^= 1;
      assertThat(Rep3Sharing.reconstruct(layout, rows, parts[0], parts[1], parts[2]))
          .isNotEqualTo(words);
    }
  }

  /** Components of an all-zero block, so that any bias would be the sharing's own. */
  @Test
  void everyComponentOfZerosIsUniformAndFresh() {
    var layout = new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(64)));
    int rows = 1024;
    long[] zeros = new long[layout.words(rows)];
    var random = new FixedRandom("uniform" + Seeds.seed());
    long[][] last = new long[PARTIES][zeros.length];
    for (int i = 0; i < PARTIES; i++) {
      Components components = Rep3Sharing.split(layout, zeros, rows, i, random);
      for (int c = 0; c < PARTIES; c++) {
        long[] words = components.words(c, zeros.length);
        assertThat(words).isNotEqualTo(last[c]);
        assertUniform(words);
        last[c] = words;
      }
    }
  }

  /** Chi-squared over byte values: 255 degrees of freedom, six standard deviations either side. */
  private static void assertUniform(long[] words) {
    int[] counts = new int[256];
    for (long word : words) {
      for (int b = 0; b < Long.BYTES; b++) {
        counts[(int) (word >>> 8 * b) & 0xFF]++;
      }
    }
    double expected = words.length * Long.BYTES / 256.0;
    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += (count - expected) * (count - expected) / expected;
    }
    assertThat(chiSquared).isBetween(255 - 6 * Math.sqrt(510), 255 + 6 * Math.sqrt(510));
  }

  @Test
  void aComponentIsUnrelatedToTheValues() {
    var layout = new ShareLayout(List.of(ShareField.arithmetic()));
    int rows = 512;
    Random values = Seeds.random("unrelated");
    long[] words = values.longs(rows).toArray();
    Components components = Rep3Sharing.split(layout, words, rows, 0, new FixedRandom("unrelated"));
    for (int c = 0; c < PARTIES; c++) {
      long[] difference = components.words(c, rows);
      for (int r = 0; r < rows; r++) {
        difference[r] -= words[r];
      }
      assertUniform(difference);
    }
  }

  /** Blocks that are on the bus or in a spool were expanded this way: a change needs an ADR. */
  @Test
  void seedsExpandToGoldenWords() {
    byte[] seed =
        HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    long[] words = Rep3Sharing.expandSeed(seed, 5_000);
    assertThat(HexFormat.of().toHexDigits(words[0])).isEqualTo("d09f492ab60090f2");
    assertThat(HexFormat.of().toHexDigits(words[1])).isEqualTo("80772edd6a9af3a9");
    // The words on both sides of the 16 KiB chunk's end.
    assertThat(HexFormat.of().toHexDigits(words[2_047])).isEqualTo("e156f30e58789ae5");
    assertThat(HexFormat.of().toHexDigits(words[2_048])).isEqualTo("95a465ef4a76a0a3");
    assertThat(Rep3Sharing.expandSeed(seed, 3)).containsExactly(words[0], words[1], words[2]);
    assertThat(Rep3Sharing.expandSeed(seed, 0)).isEmpty();
  }

  @Test
  void refusesTooFewWordsAndUnknownComponents() {
    var layout = new ShareLayout(List.of(ShareField.arithmetic()));
    var random = new FixedRandom("refuses");
    assertThatThrownBy(() -> Rep3Sharing.split(layout, new long[1], 2, 0, random))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rep3Sharing.split(layout, new long[2], 2, 3, random))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rep3Sharing.split(layout, new long[2], 2, -1, random))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsNothingOfAComponent() {
    var layout = new ShareLayout(List.of(ShareField.arithmetic()));
    Components components =
        Rep3Sharing.split(layout, new long[] {42}, 1, 0, new FixedRandom("print"));
    assertThat(components).hasToString("Components[count=3]");
    components.destroy();
    assertThat(components.body(1)).containsOnly(0);
  }
}
