package org.concordat.schemas.identity;

import java.security.SecureRandom;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** An Ed25519 private key (RFC 8032). Signs bytes under a label that names what is signed. */
public final class SigningKey {
  public static final int SEED_BYTES = 32;

  private final Ed25519PrivateKeyParameters key;
  private final VerifyingKey verifier;

  /**
   * @param seed 32 bytes, copied
   */
  public SigningKey(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("seed");
    }
    this.key = new Ed25519PrivateKeyParameters(seed);
    this.verifier = new VerifyingKey(key.generatePublicKey().getEncoded());
  }

  public static SigningKey generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  public VerifyingKey verifier() {
    return verifier;
  }

  /**
   * Signs.
   *
   * @param label names the kind of record, so that no signature is good for another kind
   * @return 64 bytes
   */
  public byte[] sign(String label, byte[] bytes) {
    byte[] message = VerifyingKey.labelled(label, bytes);
    var signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  /** The seed, to be written to a key file. */
  byte[] seed() {
    return key.getEncoded();
  }

  @Override
  public String toString() {
    return "SigningKey[of " + verifier + "]";
  }
}
