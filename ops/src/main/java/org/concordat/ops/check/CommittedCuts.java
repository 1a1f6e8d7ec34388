package org.concordat.ops.check;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.concordat.agent.store.BlockPosition;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.ScoredSpans.Span;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;

/** What the topic of cuts says was scored: cuts that two aggregators have signed alike. */
public final class CommittedCuts {
  private static final int AGREEING = 2;
  private static final Duration POLL = Duration.ofMillis(500);

  /** Without a record before the topic's end. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Map<String, Map<BlockPosition, Digest>> scored = new HashMap<>();

  /** By bank, where a skip begins: the sequence after it. */
  private final Map<String, NavigableMap<BlockPosition, Long>> skipped = new HashMap<>();

  private final List<Commit> commits = new ArrayList<>();
  private final List<Batch> batches = new ArrayList<>();
  private final Map<Digest, Set<String>> signers = new HashMap<>();
  private long rows;
  private long unreadable;

  /** A scored block. */
  record Block(String bank, BlockPosition position) {}

  /**
   * What a cut scored.
   *
   * @param ruleSet that it was scored by
   * @param minute of commit, since 1970
   * @param blocks in commit order
   */
  record Batch(Digest ruleSet, long minute, List<Block> blocks) {}

  /**
   * A cut that is a fact.
   *
   * @param cut its hash, as alerts name it
   * @param millis when the second aggregator committed it, by that aggregator's clock
   * @param rows that it scored
   */
  public record Commit(String cut, long millis, long rows) {}

  /** Of nothing yet. */
  CommittedCuts() {}

  /** Reads what a test consortium has committed up to now; its broker runs. */
  public static CommittedCuts read(Path folder) {
    return read(Auditor.of(folder));
  }

  /** Reads the topic to its present end. */
  static CommittedCuts read(Auditor auditor) {
    Charter charter = auditor.charter();
    KafkaConnection connection = auditor.connection();
    Map<String, Object> properties = new HashMap<>(connection.properties());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    var cuts = new CommittedCuts();
    try (var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      String topic = charter.topics(connection.topicPrefix()).cuts();
      List<TopicPartition> partitions = new ArrayList<>();
      for (int p = 0; p < charter.partitions(); p++) {
        partitions.add(new TopicPartition(topic, p));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long readAt = System.nanoTime();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        var records = consumer.poll(POLL);
        records.forEach(record -> cuts.take(charter, record.value()));
        if (!records.isEmpty()) {
          readAt = System.nanoTime();
        } else if (System.nanoTime() - readAt > PATIENCE.toNanos()) {
          throw new TimeoutException("The topic of cuts can't be read to its end.");
        }
      }
    }
    return cuts;
  }

  /** What somebody has written into the topic isn't always a cut. */
  void take(Charter charter, byte @Nullable [] value) {
    CutRecord cut;
    try {
      cut = RecordCodec.decode(CutRecord.class, value);
    } catch (MalformedRecordException e) {
      unreadable++;
      return;
    }
    boolean signed =
        charter
            .aggregator(cut.getAggregator())
            .filter(a -> Signed.verify(cut, a.verifyingKey()))
            .isPresent();
    if (!signed) {
      return;
    }
    Map<String, List<Span>> spans = ScoredSpans.of(cut).orElse(null);
    if (spans == null) {
      unreadable++;
      return;
    }
    Set<String> agreeing = signers.computeIfAbsent(cut.getCut(), c -> new HashSet<>());
    if (agreeing.add(cut.getAggregator()) && agreeing.size() == AGREEING) {
      apply(cut, spans);
    }
  }

  private void apply(CutRecord cut, Map<String, List<Span>> spans) {
    long before = rows;
    List<Block> blocks = new ArrayList<>();
    for (CutEntry entry : cut.getEntries()) {
      rows += entry.getRows();
      for (Span span : spans.getOrDefault(entry.getBank(), List.of())) {
        for (long s = span.first(); s < span.next(); s++) {
          var position = new BlockPosition(cut.getPartition(), s);
          scoredOf(entry.getBank()).put(position, cut.getRuleSet());
          blocks.add(new Block(entry.getBank(), position));
        }
      }
    }
    for (Skip skip : cut.getSkips()) {
      var position = new BlockPosition(cut.getPartition(), skip.getSequence());
      skipped
          .computeIfAbsent(skip.getBank(), b -> new TreeMap<>())
          .put(position, skip.getNextSequence());
    }
    batches.add(new Batch(cut.getRuleSet(), cut.getCommitMinute(), List.copyOf(blocks)));
    String hash = HexFormat.of().formatHex(cut.getCut().bytes());
    commits.add(new Commit(hash, cut.getCommittedMillis(), rows - before));
  }

  /** Every cut, in the order of the topic. */
  public List<Commit> commits() {
    return List.copyOf(commits);
  }

  /** What the cuts scored, in the order of the topic. */
  List<Batch> batches() {
    return List.copyOf(batches);
  }

  /** The hashes of the rule sets that scored something, in the order in which they began to. */
  public List<Digest> ruleSets() {
    return batches.stream().map(Batch::ruleSet).distinct().toList();
  }

  /** What a block was scored by; nothing where it wasn't. */
  Optional<Digest> ruleSet(String bank, BlockPosition position) {
    return Optional.ofNullable(scored.getOrDefault(bank, Map.of()).get(position));
  }

  boolean isSkipped(String bank, BlockPosition position) {
    Map.Entry<BlockPosition, Long> skip =
        skipped.getOrDefault(bank, Collections.emptyNavigableMap()).floorEntry(position);
    return skip != null
        && skip.getKey().partition() == position.partition()
        && position.sequence() < skip.getValue();
  }

  /** Rows of all scored blocks, as the cuts count them. */
  long rows() {
    return rows;
  }

  /** Records of the topic that are left out, since they can't be read. */
  long unreadable() {
    return unreadable;
  }

  private Map<BlockPosition, Digest> scoredOf(String bank) {
    return scored.computeIfAbsent(bank, b -> new HashMap<>());
  }
}
