package org.concordat.schemas.identity;

import java.util.Arrays;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** An X-Wing public key (X25519 with ML-KEM-768), to which HPKE seals. */
public final class SealingPublicKey {
  public static final int KEY_BYTES = 1216;

  private static final int X25519_BYTES = 32;

  private final byte[] bytes;
  private final AsymmetricKeyParameter key;

  /**
   * @param bytes 1,216 bytes, copied
   * @throws IllegalArgumentException for anything else, and for a key that nothing can be sealed
   *     to: ML-KEM's modulus check fails (FIPS 203, section 7.2), or X25519 with it gives zero
   */
  public SealingPublicKey(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException("A sealing key has 1216 bytes.");
    }
    this.bytes = bytes.clone();
    this.key = hpke().deserializePublicKey(this.bytes);
    if (!agrees(this.bytes)) {
      throw new IllegalArgumentException("A sealing key has an X25519 point of full order.");
    }
  }

  /**
   * Whether X25519 with a key gives anything but zero (RFC 7748, section 6.1). Bouncy Castle would
   * find out when something is sealed: a member could stop others with such a key.
   */
  private static boolean agrees(byte[] publicKey) {
    byte[] scalar = new byte[X25519_BYTES];
    byte[] agreed = new byte[X25519_BYTES];
    return X25519.calculateAgreement(scalar, 0, publicKey, KEY_BYTES - X25519_BYTES, agreed, 0);
  }

  /** HPKE (RFC 9180), base mode, X-Wing, HKDF-SHA-256, AES-256-GCM. */
  public static HPKE hpke() {
    return new HPKE(HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** For Bouncy Castle's HPKE. */
  public AsymmetricKeyParameter key() {
    return key;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SealingPublicKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
