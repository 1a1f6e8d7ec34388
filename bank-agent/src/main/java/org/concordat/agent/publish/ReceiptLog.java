package org.concordat.agent.publish;

import io.micrometer.core.instrument.MeterRegistry;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why aggregators didn't score a block. Evidence only: what happens to the rows is decided by
 * agreed cuts.
 */
public final class ReceiptLog {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiptLog.class);

  private final Charter charter;
  private final String bank;
  private final MeterRegistry registry;

  public ReceiptLog(Charter charter, String bank, MeterRegistry registry) {
    this.charter = charter;
    this.bank = bank;
    this.registry = registry;
  }

  /** Takes a record of topic {@code receipts.BANK}. */
  public void record(byte[] value) {
    Receipt receipt;
    try {
      receipt = RecordCodec.decode(Receipt.class, value);
    } catch (MalformedRecordException e) {
      LOG.atWarn().log("A record of the receipt topic isn't readable.");
      return;
    }
    boolean genuine =
        receipt.getCharter().equals(charter.hash())
            && receipt.getBank().equals(bank)
            && charter
                .aggregator(receipt.getAggregator())
                .map(aggregator -> Signed.verify(receipt, aggregator.verifyingKey()))
                .orElse(false);
    if (!genuine) {
      LOG.atWarn().log("A receipt isn't signed by an aggregator of the charter.");
      return;
    }
    // A label that comes from outside: only codes that exist become one.
    String reason = known(receipt.getReason());
    registry
        .counter(
            "concordat.agent.receipts", "reason", reason, "aggregator", receipt.getAggregator())
        .increment();
    LOG.atWarn()
        .addKeyValue("reason", reason)
        .addKeyValue("aggregator", receipt.getAggregator())
        .addKeyValue("partition", receipt.getPartition())
        .addKeyValue("sequence", receipt.getSequence())
        .log("An aggregator did not score a block.");
  }

  private static String known(String label) {
    for (Code code : Code.values()) {
      if (code.label().equals(label)) {
        return label;
      }
    }
    return "unknown";
  }
}
