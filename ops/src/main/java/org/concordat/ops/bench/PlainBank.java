package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.BlockRows;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.agent.ingest.Pacer;
import org.concordat.agent.publish.KafkaClients;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.schemas.problem.Problems;

/**
 * A bank of the baseline: reads and encodes its CSV with the agent's code, publishes plain blocks
 * of the agent's size, and delivers what comes back. Without a rate it begins the file anew at its
 * end, for ever.
 */
final class PlainBank {
  /** So many rows may be unscored without a rate: several of the scorer's batches. */
  private static final int UNSCORED_ROWS_MAX = 64 * BlockRows.ROWS_MAX;

  private static final long PAUSE_NANOS = 200_000;
  private static final long PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long MILLIS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AgentConfig.Csv csv;
  private final String topic;
  private final RuleSet ruleSet;
  private final Producer<byte[], byte[]> producer;
  private final int fields;
  private final int rowsMax;
  private final long lingerNanos;
  private final List<EncodedRow> rows = new ArrayList<>();
  private final List<Long> dueMillis = new ArrayList<>();
  private final AtomicInteger unacknowledged = new AtomicInteger();
  private final AtomicLong scored;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long sent;
  private volatile long stopMillis = Long.MAX_VALUE;
  private long begunNanos;

  private PlainBank(
      AgentConfig config,
      String topic,
      RuleSet ruleSet,
      Producer<byte[], byte[]> producer,
      AtomicLong scored) {
    this.csv = config.ingest().csv().orElseThrow();
    this.topic = topic;
    this.ruleSet = ruleSet;
    this.producer = producer;
    this.scored = scored;
    this.fields = ruleSet.plan().layout().fields().size();
    this.rowsMax = BlockRows.rowsMax(ruleSet.plan().layout(), config.blocks().rowsMax());
    this.lingerNanos = config.blocks().linger().toNanos();
  }

  /** Runs until the process is ended; then sends what was read and waits until it is delivered. */
  static void run(Path folder, String name, Path alerts) throws IOException {
    var problems = new Problems();
    AgentConfig config = AgentConfig.read(folder.resolve(name).resolve("agent.yaml"), problems);
    problems.throwIfAny();
    var clients = new KafkaClients(config.kafka());
    var scored = new AtomicLong();
    var topics = new PlainTopics(folder);
    var sink = new PlainSink(clients.consumer("alerts"), topics.alerts(name), alerts, scored);
    Thread.ofPlatform().name("alerts").daemon().start(sink);
    var bank =
        new PlainBank(
            config,
            topics.rows(name).topic(),
            RuleSet.load(config.rules()),
            clients.producer("rows"),
            scored);
    Runtime.getRuntime().addShutdownHook(new Thread(bank::stop, "stop"));
    do {
      bank.send();
    } while (bank.csv.ratePerSecond() == 0 && !bank.stopping());
    bank.ended.countDown();
    while (true) {
      LockSupport.parkNanos(PAUSE_NANOS_MAX);
    }
  }

  private boolean stopping() {
    return stopMillis < Long.MAX_VALUE;
  }

  /** What was due before is still sent, or an overloaded baseline would hide its latency. */
  private void stop() {
    stopMillis = System.currentTimeMillis();
    long end = System.nanoTime() + STOP_NANOS;
    try {
      if (ended.await(STOP_NANOS, TimeUnit.NANOSECONDS)) {
        producer.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    while (scored.get() < sent && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void send() throws IOException {
    var problems = new Problems();
    int rate = csv.ratePerSecond();
    long intervalNanos = rate == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / rate;
    try (var source = CsvSource.open(csv.file(), false, () -> false)) {
      var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), csv.mapping());
      encoder.bind(source.header(), problems);
      problems.throwIfAny();
      var pacer = new Pacer(rate, System::currentTimeMillis, this::stopping);
      for (var record = source.next(); record != null; record = source.next()) {
        long due = pacer.awaitMillis();
        if (due >= stopMillis) {
          break;
        }
        EncodedRow row = encoder.encode(record.cells(), record.place(), problems);
        problems.throwIfAny();
        if (row == null) {
          continue;
        }
        if (rows.isEmpty()) {
          begunNanos = System.nanoTime();
        }
        rows.add(row);
        dueMillis.add(due);
        if (rows.size() == rowsMax || (rate > 0 && due(intervalNanos))) {
          publish();
        }
      }
    }
    publish();
  }

  /** As the agent does: a block waits no longer than it must, unless one is under way. */
  private boolean due(long intervalNanos) {
    long ageNanos = System.nanoTime() - begunNanos;
    return unacknowledged.get() == 0 && ageNanos + intervalNanos + MILLIS_NANOS >= lingerNanos;
  }

  private void publish() {
    if (rows.isEmpty()) {
      return;
    }
    while (csv.ratePerSecond() == 0 && sent - scored.get() > UNSCORED_ROWS_MAX && !stopping()) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    byte[] block = PlainBlock.encode(rows, dueMillis, fields);
    sent += rows.size();
    rows.clear();
    dueMillis.clear();
    unacknowledged.incrementAndGet();
    producer.send(
        new ProducerRecord<>(topic, 0, null, block),
        (metadata, exception) -> unacknowledged.decrementAndGet());
  }
}
