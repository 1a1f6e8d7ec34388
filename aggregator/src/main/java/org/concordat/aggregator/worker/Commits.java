package org.concordat.aggregator.worker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.seal.Signed;

/**
 * What the transaction of a batch writes: alert shares, the cut, receipts, what it adds to the
 * memory of entities, and the new state.
 */
final class Commits {
  private final PartitionSetup setup;
  private final OwnLog log;
  private final LinkLog links;
  private long firstVoteOffset = -1;

  Commits(PartitionSetup setup, OwnLog log, LinkLog links) {
    this.setup = setup;
    this.log = log;
    this.links = links;
  }

  /** Where a vote on the open batch was written. */
  void voteAt(long offset) {
    firstVoteOffset = firstVoteOffset < 0 ? offset : Math.min(firstVoteOffset, offset);
  }

  /** The state after a batch. */
  PartitionState stateAfter(PartitionState before, PreparedContent content, BlockShelf shelf) {
    CutRecord cut = content.getCut();
    Map<String, Long> sequences = new HashMap<>(before.getNextSequences());
    Map<String, Long> watermarks = new HashMap<>(before.getWatermarkMinutes());
    for (CutEntry entry : cut.getEntries()) {
      sequences.put(entry.getBank(), entry.getNextSequence());
      watermarks.merge(entry.getBank(), entry.getWatermarkMinute(), Math::max);
    }
    Map<String, Long> alerts = new HashMap<>(before.getNextAlertSequences());
    for (AlertShare alert : content.getAlerts()) {
      alerts.merge(alert.getBank(), alert.getAlertSequence() + 1, Math::max);
    }
    Map<String, Long> positions = new HashMap<>(before.getNextOffsets());
    for (String bank : setup.settings().banks()) {
      positions.put(bank, shelf.resumeOffset(bank, sequences.getOrDefault(bank, 0L)));
    }
    if (firstVoteOffset >= 0) {
      positions.put(OwnLog.VOTES, firstVoteOffset);
      firstVoteOffset = -1;
    }
    PartitionState.Builder after =
        PartitionState.newBuilder(before)
            .setNextBatch(cut.getBatch() + 1)
            .setPreviousCut(cut.getCut())
            .setNextSequences(sequences)
            .setNextAlertSequences(alerts)
            .setNextOffsets(positions)
            .setWatermarkMinutes(watermarks);
    if (content.getLinkage() != null) {
      after.setLinkage(content.getLinkage());
    }
    setup.flagCounts().apply(after, before, content);
    return after.build();
  }

  List<ProducerRecord<byte[], byte[]>> records(
      PartitionState before, PreparedContent content, PartitionState after) {
    int partition = setup.partition();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (AlertShare alert : content.getAlerts()) {
      records.add(
          new ProducerRecord<>(
              setup.topics().alerts(alert.getBank()),
              partition,
              alert.getAlertId().bytes(),
              RecordCodec.encode(alert)));
    }
    CutRecord cut =
        Signed.sign(
            CutRecord.newBuilder(content.getCut())
                .setAggregator(setup.aggregator())
                .setCommittedMillis(System.currentTimeMillis())
                .build(),
            setup.signingKey());
    byte[] name = setup.aggregator().getBytes(StandardCharsets.US_ASCII);
    records.add(
        new ProducerRecord<>(setup.topics().cuts(), partition, name, RecordCodec.encode(cut)));
    for (Skip skip : cut.getSkips()) {
      records.add(receipt(skip));
    }
    for (HeldNotice notice : setup.flagCounts().notices(before, content, setup.aggregator())) {
      records.add(
          toBank(notice.getBank(), RecordCodec.encode(Signed.sign(notice, setup.signingKey()))));
    }
    if (content.getLinks() != null) {
      records.add(links.record(content.getLinks()));
    }
    records.add(
        new ProducerRecord<>(
            setup.topics().state(setup.aggregator()),
            partition,
            log.stateKey(),
            log.sealed(after)));
    return records;
  }

  private ProducerRecord<byte[], byte[]> receipt(Skip skip) {
    Receipt receipt =
        Signed.sign(
            Receipt.newBuilder()
                .setProtocol(setup.settings().protocol())
                .setCharter(setup.settings().charter())
                .setBank(skip.getBank())
                .setPartition(setup.partition())
                .setSequence(skip.getSequence())
                .setReason(skip.getReason())
                .setAggregator(setup.aggregator())
                .setIssuedMillis(System.currentTimeMillis())
                .setSignature(new Signature(new byte[64]))
                .build(),
            setup.signingKey());
    return toBank(skip.getBank(), RecordCodec.encode(receipt));
  }

  private ProducerRecord<byte[], byte[]> toBank(String bank, byte[] value) {
    byte[] name = setup.aggregator().getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(setup.topics().receipts(bank), 0, name, value);
  }
}
