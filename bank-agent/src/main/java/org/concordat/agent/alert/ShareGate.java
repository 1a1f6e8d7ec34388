package org.concordat.agent.alert;

import java.util.Optional;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.AlertIds;
import org.concordat.schemas.seal.AlertSealing;
import org.concordat.schemas.seal.Signed;

/** Decides which records of the alert topic are shares of this bank's alerts. */
final class ShareGate {
  private final Charter charter;
  private final String bank;
  private final SealingKeyPair alertKey;

  ShareGate(Charter charter, String bank, SealingKeyPair alertKey) {
    this.charter = charter;
    this.bank = bank;
    this.alertKey = alertKey;
  }

  /** What became of a record. */
  sealed interface Result {
    record Opened(OpenedShare share) implements Result {}

    record Refused(Code code) implements Result {}
  }

  Result open(byte[] record, long offset) {
    AlertShare share;
    try {
      share = RecordCodec.decode(AlertShare.class, record);
    } catch (MalformedRecordException e) {
      return new Result.Refused(Code.CDT_701);
    }
    if (!share.getCharter().equals(charter.hash())
        || share.getProtocol() != Charter.PROTOCOL
        || !share.getBank().equals(bank)
        || !share.getMode().equals(charter.modeName())) {
      return new Result.Refused(Code.CDT_702);
    }
    int aggregator = charter.aggregatorIndex(share.getAggregator());
    if (aggregator < 0
        || !Signed.verify(share, charter.aggregators().get(aggregator).verifyingKey())) {
      return new Result.Refused(Code.CDT_703);
    }
    Optional<AlertDetail> detail = AlertSealing.open(share, alertKey);
    if (detail.isEmpty()) {
      return new Result.Refused(Code.CDT_704);
    }
    byte[] expected =
        AlertIds.alertId(
            charter.hash().bytes(),
            detail.get().getRule(),
            detail.get().getTransactionId().bytes());
    if (!java.security.MessageDigest.isEqual(expected, share.getAlertId().bytes())) {
      return new Result.Refused(Code.CDT_704);
    }
    return new Result.Opened(new OpenedShare(share, detail.get(), aggregator, offset));
  }
}
