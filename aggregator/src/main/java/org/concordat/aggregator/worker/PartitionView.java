package org.concordat.aggregator.worker;

import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.concordat.aggregator.batch.BatchMachine;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.batch.Waiting;
import org.concordat.aggregator.metrics.AggregatorMetrics;

/**
 * What a partition shows of itself: how old its oldest block of each bank is, and whom it waits
 * for. Written by the partition's thread and the block reader, read by any.
 */
final class PartitionView {
  private static final long RENEWED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final double NANOS_PER_SECOND = 1e9;

  private static final String AT_FIRST = "the brokers, to read where the last run left it";

  private final Settings settings;

  /** By bank: when the block came that has waited longest; absent where none waits. */
  private final Map<String, Long> oldestNanos = new ConcurrentHashMap<>();

  private final Map<String, Long> lagRecords = new ConcurrentHashMap<>();
  private final Map<String, Integer> bufferedRows = new ConcurrentHashMap<>();

  /** By party: how long it has been waited for, all waits together, and since when now, or 0. */
  private final AtomicLongArray waitedNanos;

  private final AtomicLongArray waitingSinceNanos;
  private final AtomicLong votesLost = new AtomicLong();
  private volatile String waitingFor = AT_FIRST;
  private volatile boolean restored;
  private volatile int connections;
  private volatile int batchesInFlight;
  private volatile long rowsInFlight;
  private long lastNanos;

  PartitionView(Settings settings) {
    this.settings = settings;
    this.waitedNanos = new AtomicLongArray(settings.aggregators().size());
    this.waitingSinceNanos = new AtomicLongArray(settings.aggregators().size());
  }

  /** Shows all of it. */
  void register(AggregatorMetrics metrics) {
    Tags partition = Tags.of("partition", Integer.toString(settings.partition()));
    for (String bank : settings.banks()) {
      Tags ofBank = partition.and("bank", bank);
      metrics.gauge(
          "oldest.uncommitted.seconds",
          "Age of the bank's block that has waited longest for its cut; 0 if none waits.",
          ofBank,
          () -> ageSeconds(bank));
      metrics.gauge(
          "uncommitted.rows",
          "Rows of the bank that are opened and wait for their cut.",
          ofBank,
          () -> bufferedRows.getOrDefault(bank, 0));
      metrics.gauge(
          "consumer.lag.records",
          "Records of the bank's topic that aren't read yet; NaN before the first read.",
          ofBank,
          () -> lag(bank));
    }
    metrics.count(
        "votes.lost",
        "Own votes that were removed from their topic before a start could read them again.",
        partition,
        votesLost::get);
    metrics.gauge(
        "batches.in.flight",
        "Batches that are cut and not yet committed.",
        partition,
        () -> batchesInFlight);
    metrics.gauge(
        "rows.in.flight",
        "Rows of the batches that are cut and not yet committed.",
        partition,
        () -> rowsInFlight);
    metrics.gauge(
        "brokers.connections",
        "Connections to brokers that the partition reads blocks over; 0 if there is none.",
        partition,
        () -> connections);
    for (int party = 0; party < settings.aggregators().size(); party++) {
      if (party != settings.me()) {
        registerPeer(metrics, partition.and("peer", settings.aggregators().get(party)), party);
      }
    }
  }

  private void registerPeer(AggregatorMetrics metrics, Tags tags, int party) {
    metrics.gauge(
        "peer.wait.seconds",
        "How long the partition has been waiting for the peer; 0 if it doesn't.",
        tags,
        () -> waitSeconds(party));
    metrics.count(
        "peer.waited.seconds",
        "Time that the partition has waited for the peer's word: agreement, computation, votes.",
        tags,
        () -> waitedNanos.get(party) / NANOS_PER_SECOND);
  }

  private double ageSeconds(String bank) {
    Long since = oldestNanos.get(bank);
    return since == null ? 0 : (System.nanoTime() - since) / NANOS_PER_SECOND;
  }

  private double lag(String bank) {
    Long lag = lagRecords.get(bank);
    return lag == null ? Double.NaN : lag;
  }

  private double waitSeconds(int party) {
    long since = waitingSinceNanos.get(party);
    return since == 0 ? 0 : (System.nanoTime() - since) / NANOS_PER_SECOND;
  }

  /** Own votes were removed before they could be read again. */
  void votesLost(long votes) {
    votesLost.addAndGet(votes);
  }

  /** What is linked is being read again. */
  void restoring(long records) {
    waitingFor = "its own topic of links: %d records to read".formatted(records);
  }

  void restored() {
    restored = true;
  }

  /** The partition has left this process. */
  void left() {
    restored = false;
    waitingFor = AT_FIRST;
    connections = 0;
    batchesInFlight = 0;
    rowsInFlight = 0;
    lastNanos = 0;
    oldestNanos.clear();
    lagRecords.clear();
    bufferedRows.clear();
    for (int party = 0; party < waitedNanos.length(); party++) {
      waitingSinceNanos.set(party, 0);
    }
  }

  String waitingFor() {
    return waitingFor;
  }

  /** The partition's thread has looked, which it does more often than anybody needs to see. */
  void update(long nanos, BatchMachine machine, BlockShelf shelf) {
    if (lastNanos != 0 && nanos - lastNanos < RENEWED_NANOS) {
      return;
    }
    Waiting waiting = machine.waiting();
    waitingFor = machine.waitingFor();
    batchesInFlight = machine.inFlight();
    rowsInFlight = machine.rowsInFlight();
    shelf.oldestNanos(oldestNanos);
    long passed = lastNanos == 0 ? 0 : nanos - lastNanos;
    lastNanos = nanos;
    List<Integer> peers = waiting.peers();
    for (int party = 0; party < waitedNanos.length(); party++) {
      if (!peers.contains(party)) {
        waitingSinceNanos.set(party, 0);
      } else {
        if (waitingSinceNanos.get(party) == 0) {
          waitingSinceNanos.set(party, nanos);
        }
        waitedNanos.addAndGet(party, passed);
      }
    }
  }

  void buffered(String bank, int rows) {
    bufferedRows.merge(bank, rows, Integer::sum);
  }

  int buffered(String bank) {
    return bufferedRows.getOrDefault(bank, 0);
  }

  void lag(String bank, long records) {
    lagRecords.put(bank, records);
  }

  void connections(int number) {
    connections = number;
  }

  private long oldestMillis() {
    long now = System.nanoTime();
    return TimeUnit.NANOSECONDS.toMillis(
        oldestNanos.values().stream().mapToLong(since -> now - since).max().orElse(0));
  }

  /**
   * Why the partition can't do its work, or falls behind; nothing if it does.
   *
   * @param lagMillisMax age of the oldest waiting block beyond which it falls behind
   */
  Optional<String> notReady(long lagMillisMax) {
    int partition = settings.partition();
    if (!restored) {
      return Optional.of("partition " + partition + ": waits for " + waitingFor);
    }
    long millis = oldestMillis();
    return millis <= lagMillisMax
        ? Optional.empty()
        : Optional.of(
            "partition %d: its oldest block has waited for %d s; it waits for %s"
                .formatted(partition, TimeUnit.MILLISECONDS.toSeconds(millis), waitingFor));
  }
}
