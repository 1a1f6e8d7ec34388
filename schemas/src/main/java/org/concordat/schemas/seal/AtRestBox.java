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
 * Seals what an aggregator writes to Kafka or disk for itself: AES-256-GCM under a data key of this
 * box, which travels wrapped under the aggregator's own key. Associated data bind each record to
 * its place, so that a broker can't pass one off as another. Safe for use by several threads.
 *
 * <p>Does not protect against a broker that withholds a record or serves an older one of the same
 * place, nor once the aggregator's own key is taken.
 */
public final class AtRestBox {
  /** Nonces are random: NIST SP 800-38D section 8.3 allows 2^32 of them for one key. */
  static final long RECORDS_MAX = 1L << 32;

  /** Data keys of earlier boxes that are remembered; there is one for each start of a process. */
  static final int EARLIER_KEYS_MAX = 1_024;

  private final SymmetricKey wrappingKey;
  private final SecureRandom random;
  private final String keyId;
  private final byte[] dataKey = new byte[32];
  private final byte[] wrapped;
  private final AtomicLong sealed = new AtomicLong();
  private final Map<String, byte[]> earlierKeys = new ConcurrentHashMap<>();

  public AtRestBox(SymmetricKey wrappingKey, SecureRandom random) {
    this.wrappingKey = wrappingKey;
    this.random = random;
    byte[] id = new byte[16];
    random.nextBytes(id);
    random.nextBytes(dataKey);
    this.keyId = HexFormat.of().formatHex(id);
    byte[] nonce = nonce();
    byte[] wrapping = wrapping();
    byte[] body = Gcm.seal(wrapping, nonce, wrapInfo(keyId), dataKey);
    Gcm.wipe(wrapping);
    this.wrapped = ByteBuffer.allocate(nonce.length + body.length).put(nonce).put(body).array();
  }

  /**
   * Seals a record for its place.
   *
   * @param position what tells the record from others of its kind and partition
   */
  public byte[] seal(String topic, int partition, String kind, byte[] position, byte[] plain) {
    if (sealed.incrementAndGet() > RECORDS_MAX) {
      throw new IllegalStateException("The data key has sealed as many records as it may.");
    }
    byte[] nonce = nonce();
    byte[] body = Gcm.seal(dataKey, nonce, place(topic, partition, kind, position), plain);
    return RecordCodec.encode(
        new AtRest(keyId, ByteBuffer.wrap(wrapped), ByteBuffer.wrap(nonce), ByteBuffer.wrap(body)));
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
    if (record.getKeyId().equals(keyId)) {
      return dataKey;
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
