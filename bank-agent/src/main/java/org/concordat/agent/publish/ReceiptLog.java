package org.concordat.agent.publish;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why aggregators skipped blocks, and which rules have used up their flags of the day.
 * Evidence only: what happens to the rows is decided by agreed cuts.
 */
public final class ReceiptLog {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiptLog.class);
  private static final String NOT_GENUINE =
      "A receipt isn't signed by an aggregator of the charter.";
  private static final String NOT_READABLE = "A record of the receipt topic isn't readable.";

  private final Charter charter;
  private final String bank;
  private final HeldFlags heldFlags;
  private final MeterRegistry registry;
  private final BadRecordLines badRecords = new BadRecordLines("receipts", System::nanoTime);

  public ReceiptLog(Charter charter, String bank, HeldFlags heldFlags, MeterRegistry registry) {
    this.charter = charter;
    this.bank = bank;
    this.heldFlags = heldFlags;
    this.registry = registry;
  }

  /**
   * Takes a record of topic {@code receipts.BANK}.
   *
   * @param value null where somebody wrote a record without one
   */
  public void record(int partition, long offset, byte @Nullable [] value) {
    badRecords.tick();
    switch (read(value)) {
      case Receipt receipt -> {
        if (genuine(receipt, receipt.getCharter(), receipt.getBank(), receipt.getAggregator())) {
          notScored(receipt);
        } else {
          tell(partition, offset, NOT_GENUINE);
        }
      }
      case HeldNotice notice -> {
        if (genuine(notice, notice.getCharter(), notice.getBank(), notice.getAggregator())) {
          held(notice);
        } else {
          tell(partition, offset, NOT_GENUINE);
        }
      }
      case null, default -> tell(partition, offset, NOT_READABLE);
    }
  }

  private void tell(int partition, long offset, String what) {
    if (badRecords.mayTell()) {
      LOG.atWarn().addKeyValue("partition", partition).addKeyValue("offset", offset).log(what);
    }
  }

  private static @Nullable SpecificRecordBase read(byte @Nullable [] value) {
    for (var type : List.of(Receipt.class, HeldNotice.class)) {
      try {
        return RecordCodec.decode(type, value);
      } catch (MalformedRecordException e) {
        // Of the other type, or of none.
      }
    }
    return null;
  }

  private boolean genuine(SpecificRecordBase record, Digest of, String to, String aggregator) {
    return of.equals(charter.hash())
        && to.equals(bank)
        && charter
            .aggregator(aggregator)
            .map(known -> Signed.verify(record, known.verifyingKey()))
            .orElse(false);
  }

  private void held(HeldNotice notice) {
    heldFlags.take(notice);
    registry
        .counter("concordat.agent.held.notices", "aggregator", notice.getAggregator())
        .increment();
    LOG.atWarn()
        .addKeyValue("code", Code.CDT_360.label())
        .addKeyValue("aggregator", notice.getAggregator())
        .addKeyValue("partition", notice.getPartition())
        .addKeyValue("rule", notice.getRule())
        .addKeyValue("cap", notice.getCap())
        .addKeyValue("rows", notice.getRows())
        .log(Code.CDT_360.cause());
  }

  private void notScored(Receipt receipt) {
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
        .addKeyValue("nextSequence", receipt.getNextSequence())
        .log("An aggregator did not score these sequences.");
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
