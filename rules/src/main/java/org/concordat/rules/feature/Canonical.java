package org.concordat.rules.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The bytes of a text file that hashes and signatures cover: its own, with line ends as a line feed
 * alone, so that a checkout on another system has the same hash.
 */
public final class Canonical {
  private Canonical() {}

  /** A file's canonical bytes; none for a file that can't be read, which its reader will report. */
  public static byte[] read(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      return text.replace("\r\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /** SHA-256 over a label and parts, each after its length. */
  public static byte[] sha256(String label, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, ("concordat rules " + label).getBytes(StandardCharsets.UTF_8));
      for (byte[] part : parts) {
        update(digest, part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void update(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    digest.update(part);
  }
}
