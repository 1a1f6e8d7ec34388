package org.concordat.agent.alert;

import java.security.MessageDigest;
import java.util.Optional;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.AlertIds;
import org.concordat.schemas.seal.AlertOpening;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;

/**
 * Decides which records of the alert topic are shares of this bank's alerts. Belongs to one thread.
 */
final class ShareGate {
  /**
   * Twice what an alert share takes whose rule has the longest name. Bounds the memory of shares
   * that wait: an aggregator chooses how long its details are.
   */
  static final int RECORD_BYTES_MAX = 4 << 10;

  private final Charter charter;
  private final String bank;
  private final AlertOpening opening;

  ShareGate(Charter charter, String bank, SealingKeyPair alertKey) {
    this.charter = charter;
    this.bank = bank;
    this.opening = new AlertOpening(alertKey);
  }

  /** What became of a record. */
  sealed interface Admission {
    /**
     * Signed by an aggregator for this bank under this charter.
     *
     * @param aggregator the signer's index
     */
    record Admitted(AlertShare share, int aggregator) implements Admission {}

    record Refused(Code code) implements Admission {}
  }

  /** Decides by the open fields and the signature. A test alert isn't a production charter's. */
  Admission admit(byte @Nullable [] record, int partition) {
    if (record == null || record.length > RECORD_BYTES_MAX) {
      return new Admission.Refused(Code.CDT_701);
    }
    AlertShare share;
    try {
      share = RecordCodec.decode(AlertShare.class, record);
    } catch (MalformedRecordException e) {
      return new Admission.Refused(Code.CDT_701);
    }
    if (!share.getCharter().equals(charter.hash())
        || share.getProtocol() != Charter.PROTOCOL
        || !share.getBank().equals(bank)
        || !share.getMode().equals(charter.modeName())
        || share.getPartition() != partition) {
      return new Admission.Refused(Code.CDT_702);
    }
    int aggregator = charter.aggregatorIndex(share.getAggregator());
    if (aggregator < 0
        || !Signed.verify(share, charter.aggregators().get(aggregator).verifyingKey())) {
      return new Admission.Refused(Code.CDT_703);
    }
    return new Admission.Admitted(share, aggregator);
  }

  /** Opens an admitted share; nothing where it doesn't open, or is another alert's. */
  Optional<OpenedShare> open(Admission.Admitted admitted, long offset) {
    return opening
        .open(admitted.share())
        .filter(detail -> MessageDigest.isEqual(alertId(detail), idBytes(admitted.share())))
        .map(detail -> new OpenedShare(admitted.share(), detail, admitted.aggregator(), offset));
  }

  private byte[] alertId(AlertDetail detail) {
    return AlertIds.alertId(
        charter.hash().bytes(), detail.getRule(), detail.getTransactionId().bytes());
  }

  private static byte[] idBytes(AlertShare share) {
    return share.getAlertId().bytes();
  }
}
