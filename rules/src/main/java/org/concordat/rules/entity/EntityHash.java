package org.concordat.rules.entity;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The salted hash that stands for an entity: the first 128 bits of {@code
 * SHA-256("concordat-entity" || 0 || salt || kind || 0 || identifier)}, the same at all banks. It
 * leaves a bank only as shares: whoever knew it could try identifiers until one fits.
 */
public final class EntityHash {
  public static final int SALT_BYTES = 16;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] LABEL = "concordat-entity\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MISSING =
      "concordat-entity-missing\0".getBytes(StandardCharsets.US_ASCII);

  private final byte[] salt;
  private final byte[] kind;

  public EntityHash(byte[] salt, EntityKind kind) {
    if (salt.length != SALT_BYTES) {
      throw new IllegalArgumentException("the salt's length");
    }
    this.salt = salt.clone();
    this.kind = (kind.label() + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes an entity's two words, the low one first: byte i of the hash is bits 8i to 8i+7.
   *
   * @param identifier normalised
   */
  public void put(String identifier, long[] fields, int field) {
    MessageDigest digest = digest();
    digest.update(LABEL);
    digest.update(salt);
    digest.update(kind);
    put(digest.digest(identifier.getBytes(StandardCharsets.UTF_8)), fields, field);
  }

  /**
   * Writes what stands for an entity that a row doesn't name: a hash of the row itself, which no
   * other row has, so that it links to nothing. The same whenever the same row is read again.
   *
   * @param row its key and its content
   */
  public void putMissing(byte[] row, long[] fields, int field) {
    MessageDigest digest = digest();
    digest.update(MISSING);
    digest.update(salt);
    digest.update(kind);
    digest.update((byte) field);
    digest.update((byte) (field >>> 8));
    put(digest.digest(row), fields, field);
  }

  private static void put(byte[] hash, long[] fields, int field) {
    fields[field] = (long) WORD.get(hash, 0);
    fields[field + 1] = (long) WORD.get(hash, Long.BYTES);
    Arrays.fill(hash, (byte) 0);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  @Override
  public String toString() {
    return "EntityHash";
  }
}
