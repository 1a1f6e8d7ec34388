package org.concordat.schemas.identity;

import java.security.SecureRandom;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;

/** An X-Wing key pair; its private half is the 32-byte seed of the X-Wing draft, section 5.2. */
public final class SealingKeyPair {
  public static final int SEED_BYTES = 32;

  private final byte[] seed;
  private final AsymmetricCipherKeyPair pair;
  private final SealingPublicKey publicKey;

  /**
   * @param seed 32 bytes, copied
   */
  public SealingKeyPair(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("A sealing key's seed has 32 bytes.");
    }
    this.seed = seed.clone();
    var hpke = SealingPublicKey.hpke();
    this.pair = hpke.deserializePrivateKey(this.seed, null);
    this.publicKey = new SealingPublicKey(hpke.serializePublicKey(pair.getPublic()));
  }

  public static SealingKeyPair generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new SealingKeyPair(seed);
  }

  public SealingPublicKey publicKey() {
    return publicKey;
  }

  /** For Bouncy Castle's HPKE. */
  public AsymmetricCipherKeyPair pair() {
    return pair;
  }

  byte[] seed() {
    return seed;
  }

  @Override
  public String toString() {
    return "SealingKeyPair";
  }
}
