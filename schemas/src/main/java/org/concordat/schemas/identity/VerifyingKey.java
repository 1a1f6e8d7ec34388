package org.concordat.schemas.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** An Ed25519 public key (RFC 8032). */
public final class VerifyingKey {
  public static final int KEY_BYTES = 32;

  public static final int SIGNATURE_BYTES = 64;

  private final byte[] bytes;
  private final Ed25519PublicKeyParameters key;

  /**
   * @param bytes 32 bytes, copied
   * @throws IllegalArgumentException for bytes that are no point of the curve
   */
  public VerifyingKey(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException("A verifying key has 32 bytes.");
    }
    this.bytes = bytes.clone();
    this.key = new Ed25519PublicKeyParameters(bytes);
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** Whether a signature over labelled bytes is this key's; false for one of a wrong length. */
  public boolean verify(String label, byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE_BYTES) {
      return false;
    }
    byte[] signed = labelled(label, message);
    var verifier = new Ed25519Signer();
    verifier.init(false, key);
    verifier.update(signed, 0, signed.length);
    return verifier.verifySignature(signature);
  }

  /** The label, a zero byte (labels hold none), the message. */
  static byte[] labelled(String label, byte[] message) {
    byte[] prefix = ("concordat/" + label).getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(prefix, prefix.length + 1 + message.length);
    System.arraycopy(message, 0, all, prefix.length + 1, message.length);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifyingKey key && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
