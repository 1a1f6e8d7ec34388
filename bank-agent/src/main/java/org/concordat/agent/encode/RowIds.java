package org.concordat.agent.encode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.concordat.agent.store.Id;

/**
 * Keyed hashes under the bank-local key, by HMAC-SHA-256 cut to 128 bits: stable across restarts,
 * and nobody without the key can test a guess.
 *
 * <p>The transaction id of a first version is the hash of its source key. A later version's is the
 * hash of source key and content, so that it has alert ids of its own, and so that reading a source
 * again gives every version the id it had.
 *
 * <p>Belongs to one thread.
 */
public final class RowIds {
  private static final byte[] FIRST = label("first version");
  private static final byte[] LATER = label("later version");
  private static final byte[] CONTENT = label("content");
  private static final byte[] REFERENCE = label("reference");
  private static final byte[] REQUEST = label("request");
  private static final byte[] BODY = label("body");
  private static final byte[] TAIL = label("source tail");

  private final Mac mac;

  /**
   * @param key the bank-local key for transaction ids
   */
  public RowIds(SecretKey key) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("HMAC-SHA-256 is missing.", e);
    }
  }

  private static byte[] label(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
  }

  Id firstVersion(byte[] sourceKey) {
    mac.update(FIRST);
    return Id.of(mac.doFinal(sourceKey));
  }

  Id laterVersion(byte[] sourceKey, Id content) {
    mac.update(LATER);
    mac.update(content.bytes());
    return Id.of(mac.doFinal(sourceKey));
  }

  /** Of all that is scored, and the time. */
  Id content(long eventMillis, long[] fields) {
    return content(eventMillis, fields, new byte[0], new byte[0]);
  }

  /** Of all that is scored, the time, and the parties whose history counts, if any does. */
  Id content(long eventMillis, long[] fields, byte[] account, byte[] beneficiary) {
    mac.update(CONTENT);
    if (account.length > 0) {
      // Counted, so that no fields look like an account.
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(account.length).flip());
      mac.update(account);
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(beneficiary.length).flip());
      mac.update(beneficiary);
    }
    var bytes = ByteBuffer.allocate(Long.BYTES * (1 + fields.length)).putLong(eventMillis);
    bytes.asLongBuffer().put(fields);
    return Id.of(mac.doFinal(bytes.array()));
  }

  /** Of a bank's own reference, by which its rows are found. */
  public Id reference(String reference) {
    mac.update(REFERENCE);
    return Id.of(mac.doFinal(reference.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of who sent a request, to where, under which idempotency key. */
  public Id request(String caller, String operation, String key) {
    mac.update(REQUEST);
    mac.update(label(caller));
    mac.update(label(operation));
    return Id.of(mac.doFinal(key.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of what a request or a record carries. */
  public Id body(byte[] body) {
    mac.update(BODY);
    return Id.of(mac.doFinal(body));
  }

  /** Of a source's bytes before a position. */
  public String tail(byte[] bytes) {
    mac.update(TAIL);
    return HexFormat.of().formatHex(mac.doFinal(bytes), 0, Id.BYTES);
  }
}
