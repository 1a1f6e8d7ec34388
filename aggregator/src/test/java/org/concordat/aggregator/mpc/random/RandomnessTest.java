package org.concordat.aggregator.mpc.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HexFormat;
import java.util.Random;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Step;
import org.junit.jupiter.api.Test;

class RandomnessTest {
  private final byte[][] keys = new byte[3][32];

  RandomnessTest() {
    var random = new Random(Seeds.seed());
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
  }

  private Randomness of(int party) {
    return new Randomness(keys[party], keys[(party + 1) % 3]);
  }

  @Test
  void zeroSharesAddUpToZero() {
    for (int length : new int[] {1, 2, 3, 2047, 2048, 2049, 10_001}) {
      long[][] bits = new long[3][length];
      long[][] words = new long[3][length];
      for (int party = 0; party < 3; party++) {
        Randomness randomness = of(party);
        randomness.zeroShareBits(new Step(3, "bits"), bits[party], length);
        randomness.zeroShareWords(new Step(4, "words"), words[party], length);
      }
      for (int i = 0; i < length; i++) {
        assertThat(bits[0][i] ^ bits[1][i] ^ bits[2][i]).isZero();
        assertThat(words[0][i] + words[1][i] + words[2][i]).isZero();
        assertThat(words[0][i]).isNotZero();
      }
    }
  }

  @Test
  void neighboursDrawAlike() {
    long[] left = new long[5000];
    long[] right = new long[5000];
    of(0).withNext(new Step(0, "a"), left, 5000);
    of(1).withPrevious(new Step(0, "a"), right, 5000);
    assertThat(left).isEqualTo(right);
    of(2).withPrevious(new Step(0, "a"), right, 5000);
    assertThat(left).isNotEqualTo(right);
  }

  @Test
  void stepsDrawDifferently() {
    long[] left = new long[100];
    long[] right = new long[100];
    Randomness randomness = of(0);
    randomness.withNext(new Step(1, "same path"), left, 100);
    randomness.withNext(new Step(2, "same path"), right, 100);
    for (int i = 0; i < 100; i++) {
      assertThat(left[i]).isNotEqualTo(right[i]);
    }
  }

  @Test
  void aStepNeverDrawsTwice() {
    Randomness randomness = of(0);
    long[] words = new long[8];
    randomness.zeroShareBits(new Step(5, "once"), words, 8);
    assertThatIllegalStateException()
        .isThrownBy(() -> randomness.zeroShareBits(new Step(5, "once"), words, 8));
    assertThatIllegalStateException()
        .isThrownBy(() -> randomness.withNext(new Step(5, "other path"), words, 8));
    assertThatIllegalStateException()
        .isThrownBy(() -> randomness.zeroShareWords(new Step(4, "earlier"), words, 8));
    randomness.zeroShareWords(new Step(6, "later"), words, 8);
  }

  @Test
  void keysHave32Bytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Randomness(new byte[31], new byte[32]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Randomness(new byte[32], new byte[33]));
  }

  /** AES-256 of the counter blocks, by NIST SP 800-38A with an IV of step 258 and counter 0. */
  @Test
  void wordsAreAesInCounterMode() throws Exception {
    var cipher = javax.crypto.Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(
        javax.crypto.Cipher.ENCRYPT_MODE, new javax.crypto.spec.SecretKeySpec(keys[1], "AES"));
    byte[] counter = HexFormat.of().parseHex("00000102" + "00".repeat(11) + "01");
    byte[] block = cipher.doFinal(counter);
    long[] words = new long[4];
    of(0).withNext(new Step(258, "vector"), words, 4);
    var bytes = java.nio.ByteBuffer.wrap(block).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    assertThat(words[2]).isEqualTo(bytes.getLong());
    assertThat(words[3]).isEqualTo(bytes.getLong());
  }
}
