package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.record.AtRest;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;

/**
 * Seals what a party writes to Kafka or disk for itself: AES-256-GCM under a data key of this box,
 * which travels wrapped under the party's own key; a new one follows when it has sealed as much as
 * it may. Associated data bind each record to its place, so that a broker can't pass one off as
 * another. Safe for use by several threads.
 *
 * <p>Does not protect against a broker that withholds a record or serves an older one of the same
 * place, nor once the party's own key is taken.
 */
public final class AtRestBox {
  /** Nonces are random: NIST SP 800-38D section 8.3 allows 2^32 of them for one key. */
  static final long RECORDS_MAX = 1L << 32;

  /** Earlier data keys that are remembered: one for each start of a process, and more by use. */
  static final int EARLIER_KEYS_MAX = 1_024;

  private final SymmetricKey wrappingKey;
  private final SecureRandom random;
  private final long recordsMax;
  private final Map<String, byte[]> earlierKeys = new ConcurrentHashMap<>();
  private volatile DataKey current;

  /** A key, how it travels, and how many records it has sealed. */
  private static final class DataKey {
    final String id;
    final byte[] key;
    final byte[] wrapped;
    final AtomicLong sealed = new AtomicLong();

    DataKey(String id, byte[] key, byte[] wrapped) {
      this.id = id;
      this.key = key;
      this.wrapped = wrapped;
    }
  }

  public AtRestBox(SymmetricKey wrappingKey, SecureRandom random) {
    this(wrappingKey, random, RECORDS_MAX);
  }

  /**
   * As above.
   *
   * @param recordsMax that one data key seals
   */
  AtRestBox(SymmetricKey wrappingKey, SecureRandom random, long recordsMax) {
    this.wrappingKey = wrappingKey;
    this.random = random;
    this.recordsMax = recordsMax;
    this.current = newKey();
  }

  private DataKey newKey() {
    byte[] id = new byte[16];
    random.nextBytes(id);
    String keyId = HexFormat.of().formatHex(id);
    byte[] key = new byte[SymmetricKey.KEY_BYTES];
    random.nextBytes(key);
    byte[] nonce = nonce();
    byte[] wrapping = wrapping();
    byte[] body = Gcm.seal(wrapping, nonce, wrapInfo(keyId), key);
    Gcm.wipe(wrapping);
    return new DataKey(
        keyId, key, ByteBuffer.allocate(nonce.length + body.length).put(nonce).put(body).array());
  }

  /** A key that may seal one more record, and has counted it. */
  private DataKey forOneMore() {
    DataKey key = current;
    while (key.sealed.incrementAndGet() > recordsMax) {
      key = after(key);
    }
    return key;
  }

  private synchronized DataKey after(DataKey spent) {
    if (current == spent) {
      current = newKey();
    }
    return current;
  }

  /**
   * Seals a record for its place.
   *
   * @param position what tells the record from others of its kind and partition
   */
  public byte[] seal(String topic, int partition, String kind, byte[] position, byte[] plain) {
    DataKey key = forOneMore();
    byte[] nonce = nonce();
    byte[] body = Gcm.seal(key.key, nonce, place(topic, partition, kind, position), plain);
    return RecordCodec.encode(
        new AtRest(
            key.id, ByteBuffer.wrap(key.wrapped), ByteBuffer.wrap(nonce), ByteBuffer.wrap(body)));
  }

  /**
   * Opens what any box with the same wrapping key sealed for this place.
   *
   * @throws InvalidInputException CDT-507: changed, moved, or sealed under another key
   */
  public byte[] open(String topic, int partition, String kind, byte[] position, byte[] record) {
    Place where = Place.of(topic + "/" + partition + "/" + kind);
    try {
      AtRest atRest = RecordCodec.decode(AtRest.class, record);
      byte[] key = keyOf(atRest, where);
      byte[] nonce = Hashes.bytesOf(atRest.getNonce());
      if (nonce.length != Gcm.NONCE_BYTES) {
        throw wrong(where);
      }
      return Gcm.open(
              key,
              nonce,
              place(topic, partition, kind, position),
              Hashes.bytesOf(atRest.getCiphertext()))
          .orElseThrow(() -> wrong(where));
    } catch (MalformedRecordException e) {
      throw wrong(where);
    }
  }

  private byte[] keyOf(AtRest record, Place where) {
    DataKey now = current;
    if (record.getKeyId().equals(now.id)) {
      return now.key;
    }
    if (earlierKeys.size() >= EARLIER_KEYS_MAX) {
      // Whatever is still needed is unwrapped again.
      earlierKeys.clear();
    }
    return earlierKeys.computeIfAbsent(record.getKeyId(), id -> unwrap(record, where));
  }

  private byte[] unwrap(AtRest record, Place where) {
    byte[] given = Hashes.bytesOf(record.getWrappedKey());
    if (given.length < Gcm.NONCE_BYTES) {
      throw wrong(where);
    }
    byte[] nonce = Arrays.copyOf(given, Gcm.NONCE_BYTES);
    byte[] body = Arrays.copyOfRange(given, Gcm.NONCE_BYTES, given.length);
    byte[] wrapping = wrapping();
    Optional<byte[]> key = Gcm.open(wrapping, nonce, wrapInfo(record.getKeyId()), body);
    Gcm.wipe(wrapping);
    return key.filter(bytes -> bytes.length == SymmetricKey.KEY_BYTES)
        .orElseThrow(() -> wrong(where));
  }

  private static InvalidInputException wrong(Place where) {
    return new InvalidInputException(Code.CDT_507, where, Code.CDT_507.cause(), Code.CDT_507.fix());
  }

  private byte[] wrapping() {
    return wrappingKey.forAlgorithm("AES").getEncoded();
  }

  private static byte[] wrapInfo(String keyId) {
    return Hashes.info("at-rest-wrap", Hashes.text(keyId));
  }

  private static byte[] place(String topic, int partition, String kind, byte[] position) {
    return Hashes.info(
        "at-rest", Hashes.text(topic), Hashes.number(partition), Hashes.text(kind), position);
  }

  private byte[] nonce() {
    byte[] nonce = new byte[Gcm.NONCE_BYTES];
    random.nextBytes(nonce);
    return nonce;
  }
}
