package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;

/**
 * Seals alert details for the bank concerned: HPKE single shot (RFC 9180 section 6.1, base mode,
 * X-Wing) to the bank's alert key, one encapsulation an alert share, bound to the share's open
 * fields.
 *
 * <p>Hides rule, transaction, reasons and score shares from the bus. The alert's existence, its
 * bank and its time are open. Authenticity comes from the aggregator's signature on the share.
 */
public final class AlertSealing {
  private static final int ENCAPSULATION_BYTES = 1120;

  /** A detail holds two components of a score and of at most 4,096 reason bits. */
  static final int SEALED_BYTES_MAX = 64 << 10;

  static final int DETAIL_BYTES_MAX =
      SEALED_BYTES_MAX - ENCAPSULATION_BYTES - Gcm.TAG_BYTES - Integer.BYTES;

  private AlertSealing() {}

  /**
   * Seals a detail for a share whose open fields are set.
   *
   * @param share read for its open fields; its sealed part and signature are ignored
   * @param detailBytes the length that every detail of the rule set is padded to
   * @return encapsulation, then ciphertext
   * @throws IllegalArgumentException the detail is longer than that, or that than the limit
   */
  public static byte[] seal(
      AlertShare share, AlertDetail detail, int detailBytes, SealingPublicKey bank) {
    byte[] bare = RecordCodec.encode(detail);
    if (bare.length > detailBytes || detailBytes > DETAIL_BYTES_MAX) {
      throw new IllegalArgumentException("detailBytes");
    }
    byte[] plain =
        ByteBuffer.allocate(Integer.BYTES + detailBytes).putInt(bare.length).put(bare).array();
    try {
      byte[][] sealed =
          SealingPublicKey.hpke()
              .seal(bank.key(), info(share), associated(share), plain, null, null, null);
      // Bouncy Castle gives the ciphertext first.
      return ByteBuffer.allocate(sealed[1].length + sealed[0].length)
          .put(sealed[1])
          .put(sealed[0])
          .array();
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("Sealing has no bad input.", e);
    } finally {
      Gcm.wipe(plain);
      Gcm.wipe(bare);
    }
  }

  /** Opens a share's detail; nothing where it isn't for this key, was changed or is malformed. */
  public static Optional<AlertDetail> open(AlertShare share, SealingKeyPair key) {
    byte[] sealed = Hashes.bytesOf(share.getSealed());
    if (sealed.length <= ENCAPSULATION_BYTES + Gcm.TAG_BYTES + Integer.BYTES
        || sealed.length > SEALED_BYTES_MAX) {
      return Optional.empty();
    }
    byte[] encapsulation = Arrays.copyOf(sealed, ENCAPSULATION_BYTES);
    byte[] ciphertext = Arrays.copyOfRange(sealed, ENCAPSULATION_BYTES, sealed.length);
    try {
      byte[] plain =
          SealingPublicKey.hpke()
              .open(
                  encapsulation,
                  key.pair(),
                  info(share),
                  associated(share),
                  ciphertext,
                  null,
                  null,
                  null);
      ByteBuffer content = ByteBuffer.wrap(plain);
      int length = content.getInt();
      if (length < 0 || length > content.remaining()) {
        return Optional.empty();
      }
      byte[] bare = new byte[length];
      content.get(bare);
      return Optional.of(RecordCodec.decode(AlertDetail.class, bare));
    } catch (InvalidCipherTextException
        | MalformedRecordException
        | IllegalArgumentException
        | IllegalStateException e) {
      // Bouncy Castle throws the last two for encapsulations of a wrong length or a zero agreement.
      return Optional.empty();
    }
  }

  private static byte[] info(AlertShare share) {
    return Hashes.info(
        "alert",
        Hashes.number(Charter.PROTOCOL),
        share.getCharter().bytes(),
        Hashes.text(share.getBank()),
        Hashes.text(share.getAggregator()));
  }

  private static byte[] associated(AlertShare share) {
    return Hashes.info(
        "alert-share",
        share.getAlertId().bytes(),
        Hashes.number(share.getPartition()),
        Hashes.number(share.getBatch()),
        Hashes.number(share.getAttempt()),
        share.getCut().bytes(),
        share.getRuleSet().bytes());
  }
}
