package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import org.apache.avro.specific.SpecificRecordBase;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.VerifyingKey;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;

/**
 * Signs and verifies records. What is signed is the record in Avro binary with its signature (and,
 * for a vote, its sealed part) left empty, under the record's name as label, so that a signature on
 * one kind of record is good for no other.
 *
 * <p>Whoever verifies must also hold the record's charter, names and numbers against what it
 * expects: the signature only says who wrote them.
 */
public final class Signed {
  private static final Signature NONE = new Signature(new byte[VerifyingKey.SIGNATURE_BYTES]);
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private Signed() {}

  /** A copy of the record with the key's signature. */
  public static <T extends SpecificRecordBase> T sign(T unsigned, SigningKey key) {
    T copy = copyOf(unsigned);
    byte[] signature = key.sign(label(unsigned), signedBytes(unsigned));
    copy.put(copy.getSchema().getField("signature").pos(), new Signature(signature));
    return copy;
  }

  /** Whether the record carries the key's signature over what it says. */
  public static boolean verify(SpecificRecordBase record, VerifyingKey key) {
    Object signature = record.get(record.getSchema().getField("signature").pos());
    return signature instanceof Signature given
        && key.verify(label(record), signedBytes(record), given.bytes());
  }

  /** SHA-256 of a header as it travels. */
  public static byte[] headerDigest(BlockHeader header) {
    return sha256(RecordCodec.body(header));
  }

  private static String label(SpecificRecordBase record) {
    return record.getSchema().getName();
  }

  private static byte[] signedBytes(SpecificRecordBase record) {
    SpecificRecordBase bare = copyOf(record);
    put(bare, "signature", NONE);
    if (bare instanceof Vote) {
      put(bare, "sealed", EMPTY.duplicate());
    }
    return RecordCodec.body(bare);
  }

  private static void put(SpecificRecordBase record, String field, Object value) {
    record.put(record.getSchema().getField(field).pos(), value);
  }

  /** Field by field: the fields themselves are never changed. */
  private static <T extends SpecificRecordBase> T copyOf(T record) {
    @SuppressWarnings("unchecked")
    T copy =
        (T)
            org.apache.avro.specific.SpecificData.newInstance(
                record.getClass(), record.getSchema());
    for (int i = 0; i < record.getSchema().getFields().size(); i++) {
      copy.put(i, record.get(i));
    }
    return copy;
  }

  private static byte[] sha256(byte[] bytes) {
    return Hashes.sha256().digest(bytes);
  }
}
