package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.concordat.ops.check.CommittedCuts.Commit;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;

/**
 * The same pipeline on plaintext: the banks, the broker and one scorer. Reads the files that the
 * agents have read.
 */
final class PlainRun implements Pipeline, AutoCloseable {
  private static final String SCORER = "plain-scorer";
  private static final int BANK_MEGABYTES = 384;
  private static final int SCORER_MEGABYTES = 1_024;
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Consortium consortium;
  private final PlainTopics topics;
  private final Path rules;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Rows by when they were committed; a transaction says it for each bank. */
  private final TreeMap<Long, Long> committedRows = new TreeMap<>();

  /** Topics of banks of which nothing was committed in this phase. */
  private final Set<String> starting = new HashSet<>();

  private int phase;

  /** The broker runs. */
  PlainRun(Consortium consortium, Path rules) throws InterruptedException {
    this.consortium = consortium;
    this.rules = rules;
    this.topics = new PlainTopics(consortium.folder());
    topics.create();
    Map<String, Object> reads = new HashMap<>(topics.connection());
    reads.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    reads.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    this.consumer =
        new KafkaConsumer<>(reads, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> alerts = topics.banks().stream().map(topics::alerts).toList();
    consumer.assign(alerts);
    consumer.seekToBeginning(alerts);
  }

  @Override
  public void begin(int ratePerSecond) throws IOException {
    if (phase++ == 0) {
      consortium.start(
          SCORER,
          SCORER_MEGABYTES,
          List.of("bench", "plain-scorer", consortium.folder().toString()));
    }
    topics.banks().forEach(bank -> starting.add(topics.alerts(bank).topic()));
    int ratePerBank = Math.ceilDiv(ratePerSecond, consortium.banks().size());
    for (String bank : consortium.banks()) {
      consortium.configureAgent(
          bank,
          new AgentInput(
              Path.of("payments.csv"), false, ratePerBank, rules.resolve("mapping.yaml")));
      consortium.start(
          "plain-" + bank,
          BANK_MEGABYTES,
          List.of(
              "bench", "plain-bank", consortium.folder().toString(), bank, file(bank).toString()));
    }
  }

  private Path file(String bank) {
    return consortium.folder().resolve(bank).resolve("plain-alerts-" + phase + ".jsonl");
  }

  @Override
  public void feed() {
    consumer
        .poll(POLL)
        .forEach(
            record -> {
              if (PlainTopics.isCut(record)) {
                var cut = ByteBuffer.wrap(record.value());
                starting.remove(record.topic());
                committedRows.merge(cut.getLong(), cut.getLong(), Long::sum);
              }
            });
  }

  @Override
  public boolean started() {
    feed();
    return starting.isEmpty();
  }

  @Override
  public long batches() {
    feed();
    return committedRows.size();
  }

  @Override
  public void end() throws InterruptedException {
    consortium.stop(consortium.banks().stream().map(bank -> "plain-" + bank).toList());
    // What is left of this phase would pass for the start of the next.
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < QUIET.toNanos()) {
      int before = committedRows.size();
      feed();
      if (committedRows.size() > before) {
        quietSince = System.nanoTime();
      }
    }
  }

  @Override
  public List<Role> roles() {
    return consortium.roles();
  }

  @Override
  public List<Commit> commits() {
    return committedRows.entrySet().stream()
        .map(each -> new Commit("", each.getKey(), each.getValue()))
        .toList();
  }

  @Override
  public Latencies latencies(Window window) throws IOException {
    var latencies = new Latencies();
    for (String bank : consortium.banks()) {
      for (PlainAlert alert : alerts(bank)) {
        latencies.add(
            window, alert.acceptedMillis(), alert.committedMillis(), alert.deliveredMillis());
      }
    }
    return latencies;
  }

  /** What a bank was delivered in the last phase. */
  List<PlainAlert> alerts(String bank) throws IOException {
    List<PlainAlert> alerts = new ArrayList<>();
    Path file = file(bank);
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      alerts.add(PlainAlert.read(line.getBytes(StandardCharsets.UTF_8)));
    }
    return alerts;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
