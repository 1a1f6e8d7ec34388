package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/** SHA-256 over length-prefixed parts, and HKDF-SHA-256 (RFC 5869). */
final class Hashes {
  private Hashes() {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /** Each part after its length, so that no two lists of parts hash alike. */
  static byte[] sha256(String label, byte[]... parts) {
    MessageDigest sha = sha256();
    byte[] name = ("concordat/" + label).getBytes(StandardCharsets.US_ASCII);
    update(sha, name);
    for (byte[] part : parts) {
      update(sha, part);
    }
    return sha.digest();
  }

  private static void update(MessageDigest sha, byte[] part) {
    sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    sha.update(part);
  }

  /** HKDF-Expand: 32 bytes from a pseudo-random key. */
  static byte[] expand(byte[] key, byte[] info) {
    var generator = new HKDFBytesGenerator(new SHA256Digest());
    generator.init(HKDFParameters.skipExtractParameters(key, info));
    byte[] out = new byte[32];
    generator.generateBytes(out, 0, out.length);
    return out;
  }

  /** A label and parts after their lengths, to be used as HPKE or HKDF info. */
  static byte[] info(String label, byte[]... parts) {
    byte[] name = ("concordat/" + label).getBytes(StandardCharsets.US_ASCII);
    int length = Integer.BYTES + name.length;
    for (byte[] part : parts) {
      length += Integer.BYTES + part.length;
    }
    ByteBuffer info = ByteBuffer.allocate(length).putInt(name.length).put(name);
    for (byte[] part : parts) {
      info.putInt(part.length).put(part);
    }
    return info.array();
  }

  /** In an encoding that maps no two names to the same bytes, whatever a stranger sends. */
  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
