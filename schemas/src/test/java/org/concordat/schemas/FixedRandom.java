package org.concordat.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** Gives the same bytes for the same name: SHA-256 of the name and a counter. For tests only. */
public final class FixedRandom extends SecureRandom {
  private static final long serialVersionUID = 1L;

  private final byte[] name;
  private byte[] ready = new byte[0];
  private int used;
  private long counter;

  public FixedRandom(String name) {
    super(null, null);
    this.name = name.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void nextBytes(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (used == ready.length) {
        ready = next();
        used = 0;
      }
      bytes[i] = ready[used++];
    }
  }

  private byte[] next() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(name);
      return sha.digest(ByteBuffer.allocate(Long.BYTES).putLong(counter++).array());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
