package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces give what the JDK gives in one call, at every edge of a piece. */
class GcmTest {
  private static final int PIECE = Gcm.PIECE_BYTES;
  private static final byte[] NONCE = new byte[Gcm.NONCE_BYTES];
  private static final byte[] ASSOCIATED = {1, 2, 3};

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        16,
        PIECE - 17,
        PIECE - 16,
        PIECE - 15,
        PIECE - 1,
        PIECE,
        PIECE + 1,
        2 * PIECE,
        2 * PIECE + 1,
        13 * PIECE + 77
      })
  void sealsAndOpensAsInOneCall(int length) throws Exception {
    var random = new SplittableRandom(length);
    byte[] key = new byte[32];
    byte[] plain = new byte[length];
    random.nextBytes(key);
    random.nextBytes(plain);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(key, "AES"),
        new GCMParameterSpec(8 * Gcm.TAG_BYTES, NONCE));
    cipher.updateAAD(ASSOCIATED);
    byte[] sealed = cipher.doFinal(plain);
    assertThat(Gcm.seal(key, NONCE, ASSOCIATED, plain)).isEqualTo(sealed);
    assertThat(Gcm.open(key, NONCE, ASSOCIATED, sealed)).contains(plain);
    for (int at : new int[] {0, sealed.length / 2, sealed.length - 1}) {
      byte[] changed = sealed.clone();
      changed[at] ^= 1;
      assertThat(Gcm.open(key, NONCE, ASSOCIATED, changed)).isEmpty();
    }
    assertThat(Gcm.open(key, NONCE, new byte[] {1, 2, 4}, sealed)).isEmpty();
  }
}
