package org.concordat.schemas.identity;

import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;

/** An X-Wing public key (X25519 with ML-KEM-768), to which HPKE seals. */
public final class SealingPublicKey {
  public static final int KEY_BYTES = 1216;

  private final byte[] bytes;
  private final AsymmetricKeyParameter key;

  /**
   * @param bytes 1,216 bytes, copied
   * @throws IllegalArgumentException for anything else
   */
  public SealingPublicKey(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException("A sealing key has 1216 bytes.");
    }
    this.bytes = bytes.clone();
    this.key = hpke().deserializePublicKey(this.bytes);
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
}
