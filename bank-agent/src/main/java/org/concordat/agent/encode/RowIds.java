package org.concordat.agent.encode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import org.concordat.agent.store.Id;
import org.concordat.schemas.identity.KeyedHash;

/**
 * Keyed hashes under the bank-local key, by HMAC-SHA-256 cut to 128 bits: stable across restarts,
 * and nobody without the key can test a guess.
 *
 * <p>The transaction id of a first version is the hash of its source key. A later version's is the
 * hash of source key and content, so that it has alert ids of its own, and so that reading a source
 * again gives every version the id it had. Where rows are linked its first half is the first
 * version's: aggregators count a transaction once in windows, and so have to know its versions.
 *
 * <p>Belongs to one thread.
 */
public final class RowIds {
  private static final byte[] FIRST = KeyedHash.label("first version");
  private static final byte[] LATER = KeyedHash.label("later version");
  private static final byte[] CONTENT = KeyedHash.label("content");
  private static final byte[] REFERENCE = KeyedHash.label("reference");
  private static final byte[] REQUEST = KeyedHash.label("request");
  private static final byte[] BODY = KeyedHash.label("body");
  private static final byte[] TAIL = KeyedHash.label("source tail");

  private final KeyedHash hash;

  /**
   * @param key the bank-local key for transaction ids
   */
  public RowIds(SecretKey key) {
    this.hash = new KeyedHash(key);
  }

  Id firstVersion(byte[] sourceKey) {
    return Id.of(hash.with(FIRST).hash(sourceKey));
  }

  /**
   * @param isLinked whether it tells whose version it is
   */
  Id laterVersion(byte[] sourceKey, Id content, boolean isLinked) {
    Id later = Id.of(hash.with(LATER).with(content.bytes()).hash(sourceKey));
    return isLinked ? new Id(firstVersion(sourceKey).high(), later.low()) : later;
  }

  /** Of all that is scored, and the time. */
  Id content(long eventMillis, long[] fields) {
    return content(eventMillis, fields, new byte[0], new byte[0]);
  }

  /** Of all that is scored, the time, and the parties whose history counts, if any does. */
  Id content(long eventMillis, long[] fields, byte[] account, byte[] beneficiary) {
    hash.with(CONTENT);
    if (account.length > 0) {
      // Counted, so that no fields look like an account.
      hash.with(counted(account)).with(counted(beneficiary));
    }
    var bytes = ByteBuffer.allocate(Long.BYTES * (1 + fields.length)).putLong(eventMillis);
    bytes.asLongBuffer().put(fields);
    return Id.of(hash.hash(bytes.array()));
  }

  private static byte[] counted(byte[] bytes) {
    return ByteBuffer.allocate(Integer.BYTES + bytes.length)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** Of a bank's own reference, by which its rows are found. */
  public Id reference(String reference) {
    return Id.of(hash.with(REFERENCE).hash(reference.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of who sent a request, to where, under which idempotency key. */
  public Id request(String caller, String operation, String key) {
    return Id.of(
        hash.with(REQUEST)
            .with(KeyedHash.label(caller))
            .with(KeyedHash.label(operation))
            .hash(key.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of what a request or a record carries. */
  public Id body(byte[] body) {
    return Id.of(hash.with(BODY).hash(body));
  }

  /** Of a source's bytes before a position. */
  public String tail(byte[] bytes) {
    return HexFormat.of().formatHex(hash.with(TAIL).hash(bytes), 0, Id.BYTES);
  }
}
