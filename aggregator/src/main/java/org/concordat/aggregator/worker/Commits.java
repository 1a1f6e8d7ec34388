package org.concordat.aggregator.worker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.aggregator.batch.PreparedCut;
import org.concordat.aggregator.batch.Progress;
import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the transaction of a batch writes: alert shares, the cut, receipts, what it adds to the
 * memory of entities, and the new state.
 */
final class Commits {
  private static final Logger LOG = LoggerFactory.getLogger(Commits.class);
  private static final String NOT_BUILT = "What was prepared was built on what was prepared.";

  private final PartitionSetup setup;
  private final OwnLog log;
  private final LinkLog links;

  /** By batch: where the first vote on it was written. */
  private final TreeMap<Long, Long> firstVotes = new TreeMap<>();

  private long knownFrom;

  Commits(PartitionSetup setup, OwnLog log, LinkLog links) {
    this.setup = setup;
    this.log = log;
    this.links = links;
  }

  /** An earlier process may have voted on batches from this one on. */
  void recovered(long nextBatch) {
    knownFrom = nextBatch + Settings.BATCHES_IN_FLIGHT_MAX;
  }

  /**
   * The attempts that this party has prepared.
   *
   * @param results gets what it computed of them
   */
  List<PreparedCut> prepared(PartitionState state, List<Vote> found, Results results) {
    List<PreparedCut> prepared = new ArrayList<>();
    Map<Digest, PartitionState> after = new HashMap<>(Map.of(state.getPreviousCut(), state));
    for (Vote vote : found) {
      if (vote.getBatch() >= state.getNextBatch() && vote.getKind() == VoteKind.PREPARED) {
        PreparedContent content = log.content(vote);
        PartitionState before = after.get(content.getCut().getPreviousCut());
        if (before == null) {
          // Told here, for people: what halts the process is logged without its message.
          LOG.atError()
              .addKeyValue("partition", setup.partition())
              .addKeyValue("batch", vote.getBatch())
              .log(NOT_BUILT);
          throw new IllegalStateException(NOT_BUILT);
        }
        PartitionState then = stateAfter(setup, before, content);
        after.put(vote.getCut(), then);
        results.recovered(content, then);
        prepared.add(new PreparedCut(vote.getAttempt(), content.getCut()));
      }
    }
    return prepared;
  }

  /**
   * Where the partition stands. Which rule set scored the last batch says the state; a release that
   * didn't write it there has left it in the vote on that batch alone, as long as that is kept.
   */
  Progress progress(PartitionState state, List<Vote> found) {
    RuleSetId ruleSet =
        RuleSetId.in(state.getNextOffsets()).stream().findFirst().orElse(RuleSetId.NONE);
    for (Vote vote : found) {
      if (vote.getKind() == VoteKind.PREPARED && vote.getCut().equals(state.getPreviousCut())) {
        ruleSet = ruleSet(log.content(vote).getCut());
      }
    }
    if (!ruleSet.equals(RuleSetId.NONE)) {
      setup.scorings().scored(setup.partition(), ruleSet.hash());
    }
    return new Progress(
        state.getNextBatch(), state.getPreviousCut(), state.getNextSequences(), ruleSet);
  }

  private static RuleSetId ruleSet(CutRecord cut) {
    return new RuleSetId(cut.getRuleSet(), cut.getRuleSetVersion());
  }

  /** Where a vote on a batch was written. */
  void voteAt(long batch, long offset) {
    firstVotes.merge(batch, offset, Math::min);
  }

  /** The state after a batch, but for the positions in topics. */
  static PartitionState stateAfter(
      PartitionSetup setup, PartitionState before, PreparedContent content) {
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
    PartitionState.Builder after =
        PartitionState.newBuilder(before)
            .setNextBatch(cut.getBatch() + 1)
            .setPreviousCut(cut.getCut())
            .setNextSequences(sequences)
            .setNextAlertSequences(alerts)
            .setWatermarkMinutes(watermarks);
    if (content.getLinkage() != null) {
      after.setLinkage(content.getLinkage());
    }
    setup.flagCounts().apply(after, before, content);
    return after.build();
  }

  /**
   * The state after a batch that is being committed: with the positions in topics and the rule set
   * that scored it, which a start goes on from whenever it is.
   */
  PartitionState stateAfter(PartitionState before, PreparedContent content, BlockShelf shelf) {
    PartitionState after = stateAfter(setup, before, content);
    Map<String, Long> positions = new HashMap<>(before.getNextOffsets());
    for (String bank : setup.settings().banks()) {
      long next = after.getNextSequences().getOrDefault(bank, 0L);
      positions.put(bank, shelf.resumeOffset(bank, next));
    }
    // What a peer may still need is kept; what an earlier process wrote, this one can't place.
    long keptFrom = after.getNextBatch() - Settings.BATCHES_IN_FLIGHT_MAX;
    if (keptFrom >= knownFrom) {
      firstVotes.headMap(keptFrom, false).clear();
      firstVotes.values().stream()
          .min(Long::compare)
          .ifPresent(offset -> positions.put(OwnLog.VOTES, offset));
    }
    positions.keySet().removeIf(RuleSetId::isEntry);
    RuleSetId scoredBy = ruleSet(content.getCut());
    positions.put(scoredBy.entry(), (long) scoredBy.version());
    return PartitionState.newBuilder(after).setNextOffsets(positions).build();
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
                .setNextSequence(skip.getNextSequence())
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
