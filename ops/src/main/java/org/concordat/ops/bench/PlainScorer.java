package org.concordat.ops.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.rules.RuleSet;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.RuleOutput;

/**
 * The baseline's scorer: one process that everybody trusts. Evaluates the plan on whole columns of
 * plaintext and writes alerts, what it has scored and its own position in one transaction.
 */
final class PlainScorer {
  private static final String GROUP = "plain-scorer";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int FETCH_BYTES = 8 << 20;

  /** An alert that isn't committed yet. */
  private record Flagged(
      String bank, String reference, String rule, long score, long reasons, long dueMillis) {}

  private final PlainTopics topics;
  private final RuleSet ruleSet;
  private final Oracle oracle;
  private final Map<String, String> bankOfTopic = new HashMap<>();
  private final List<Flagged> flagged = new ArrayList<>();
  private final Map<String, Long> rows = new LinkedHashMap<>();

  private PlainScorer(PlainTopics topics, RuleSet ruleSet) {
    this.topics = topics;
    this.ruleSet = ruleSet;
    this.oracle = new Oracle(ruleSet.plan());
    topics.banks().forEach(bank -> bankOfTopic.put(topics.rows(bank).topic(), bank));
  }

  /** Runs until the process is ended. */
  static void run(Path folder) {
    var topics = new PlainTopics(folder);
    var scorer = new PlainScorer(topics, RuleSet.load(folder.resolve("rules")));
    Map<String, Object> reads = new HashMap<>(topics.connection());
    Map<String, Object> writes = new HashMap<>(reads);
    reads.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    reads.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    reads.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    reads.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    writes.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP);
    List<TopicPartition> partitions = topics.banks().stream().map(topics::rows).toList();
    try (var consumer =
            new KafkaConsumer<>(reads, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var producer =
            new KafkaProducer<>(writes, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          scorer.score(records);
          producer.beginTransaction();
          scorer.send(producer);
          producer.sendOffsetsToTransaction(
              positions(consumer, records), new ConsumerGroupMetadata(GROUP));
          producer.commitTransaction();
        }
      }
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> positions(
      KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      positions.put(partition, new OffsetAndMetadata(consumer.position(partition)));
    }
    return positions;
  }

  private void score(ConsumerRecords<byte[], byte[]> records) {
    flagged.clear();
    rows.clear();
    for (var record : records) {
      String bank = bankOfTopic.getOrDefault(record.topic(), "");
      PlainBlock block = PlainBlock.decode(record.value());
      score(bank, block);
      rows.merge(bank, (long) block.rows(), Long::sum);
    }
  }

  private void score(String bank, PlainBlock block) {
    Oracle.Result result = oracle.evaluate(block.columns(), block.rows());
    List<RuleOutput> outputs = ruleSet.plan().outputs();
    for (int row = 0; row < block.rows(); row++) {
      for (int o = 0; o < outputs.size(); o++) {
        if (result.flagged(o, row)) {
          flagged.add(
              new Flagged(
                  bank,
                  block.reference(row),
                  outputs.get(o).rule(),
                  result.score(o, row),
                  result.reasonBits(o, row),
                  block.dueMillis(row)));
        }
      }
    }
  }

  private void send(KafkaProducer<byte[], byte[]> producer) {
    long now = System.currentTimeMillis();
    for (Flagged row : flagged) {
      var alert =
          new PlainAlert(
              row.reference(), row.rule(), row.score(), row.reasons(), row.dueMillis(), now, 0);
      producer.send(topics.alert(row.bank(), alert.json()));
    }
    rows.forEach((bank, count) -> producer.send(topics.cut(bank, now, count)));
  }
}
