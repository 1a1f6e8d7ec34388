package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.WorkerEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two aggregators of several workers and one single process share four partitions, or the one that
 * rules which link payments run on. Under load a worker joins, one is killed, one is stopped for
 * longer than its session lasts and comes back as a zombie, one leaves in order: every payment is
 * scored once, every alert is the oracle's.
 */
@ExtendWith(LossStays.class)
class WorkersIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_129L);
  private static final int PARTITIONS = 4;
  private static final int BANKS = 2;

  /** Of both banks together, a second. */
  private static final int RATE = 200;

  private static final String FIRST = "agg-1";
  private static final String SECOND = "agg-2";
  private static final int MOVED_SECONDS = 180;

  /** How often it is waited for that partitions have moved under load. */
  private static final int MOVES = 6;

  private static final long COMPLETE_SECONDS = 300;

  /** Of so many starts one takes less than a session, with hardly anything else running. */
  private static final int RETURNS_MAX = 8;

  private static final int PAYMENTS_AFTER = 1_000;

  /** As Kafka's clients log it at INFO: the group's generation, one more with each sharing out. */
  private static final Pattern JOINED =
      Pattern.compile("joined group with generation Generation\\{generationId=(\\d+)");

  @TempDir private Path temp;

  @Test
  void partitionsMoveUnderLoadAndNothingIsLostOrDoubled() throws Exception {
    Path folder = temp.resolve("workers");
    int seconds = MOVES * MOVED_SECONDS;
    try (SteadyLoad load = SteadyLoad.create(folder, BANKS, PARTITIONS, RATE, seconds)) {
      Consortium consortium = load.consortium();
      consortium.startBroker();
      consortium.startWorker(FIRST, "w1");
      consortium.startWorker(FIRST, "w2");
      consortium.startWorker(SECOND, "w1");
      consortium.startAggregator("agg-3");
      load.startAgents();
      await(() -> shared(consortium, FIRST, "w1", "w2") && shared(consortium, SECOND, "w1"));

      consortium.startWorker(SECOND, "w2");
      await(() -> shared(consortium, SECOND, "w1", "w2"));

      consortium.role(FIRST + "/w1").kill();
      await(() -> shared(consortium, FIRST, "w2"));

      Role zombie = consortium.role(SECOND + "/w1");
      Runs.signal(zombie, "STOP");
      await(() -> shared(consortium, SECOND, "w2"));
      Runs.signal(zombie, "CONT");
      consortium.role(FIRST + "/w1").restart();
      await(() -> shared(consortium, FIRST, "w1", "w2") && shared(consortium, SECOND, "w1", "w2"));

      consortium.stop(SECOND + "/w2");
      await(() -> shared(consortium, SECOND, "w1"));

      assertThat(load.requireOracles().alerts()).isPositive();
    }
  }

  /**
   * A worker that is killed and back before its session ends has its partitions yet: the group
   * shares nothing out, and no other worker takes one of them. Nothing is to be scored until then,
   * so that a start takes less than a session.
   */
  @Test
  void aWorkerThatIsBackAtOnceHasItsPartitionsYet() throws Exception {
    Path folder = temp.resolve("back");
    try (Consortium consortium =
        Runs.simulated(
            folder, BANKS, PAYMENTS_AFTER, 0, PARTITIONS, ConsortiumPlan.FLAGS_PER_BANK_AND_DAY)) {
      consortium.startBroker();
      consortium.environment("CONCORDAT_KAFKA_LOG_LEVEL", "INFO");
      // It leads the group, and shares out.
      consortium.startWorker(FIRST, "w1");
      await(() -> ownedBy(consortium, "w1").size() == PARTITIONS);
      consortium.startWorker(FIRST, "w2");
      await(() -> halved(consortium, -1));
      int returns = 1;
      while (!isBackInTime(consortium)) {
        returns++;
        assertThat(returns).as("starts of a session each").isLessThanOrEqualTo(RETURNS_MAX);
      }

      consortium.startAggregator(SECOND);
      consortium.startAggregator("agg-3");
      consortium.startAgents();
      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      Runs.requireOracles(Runs.checked(folder), PAYMENTS_AFTER);
    }
  }

  /**
   * Kills the second of two workers and starts it again at once. False if its session was over when
   * it joined: then the group has shared out once more.
   */
  private static boolean isBackInTime(Consortium consortium) throws Exception {
    List<Integer> first = ownedBy(consortium, "w1");
    List<Integer> second = ownedBy(consortium, "w2");
    long last = told(consortium).getLast().offset();
    Role role = consortium.role(FIRST + "/w2");
    int generation = generations(role, 0).getLast();
    long logged = Files.size(role.log());
    role.kill();
    role.restart();
    await(() -> halved(consortium, last));
    if (generations(role, logged).getFirst() != generation) {
      return false;
    }
    assertThat(ownedBy(consortium, "w2")).as("partitions of who is back").isEqualTo(second);
    assertThat(ownedBy(consortium, "w1")).as("partitions of who was there").isEqualTo(first);
    assertThat(
            told(consortium).stream()
                .filter(record -> record.offset() > last)
                .map(record -> entry(record).getWorker()))
        .as("who has taken a partition since")
        .containsOnly("w2");
    return true;
  }

  /** Under which generations of its group a process has joined since its log had so many bytes. */
  private static List<Integer> generations(Role role, long logged) throws IOException {
    try (InputStream log = Files.newInputStream(role.log())) {
      log.skipNBytes(logged);
      return JOINED
          .matcher(new String(log.readAllBytes(), StandardCharsets.UTF_8))
          .results()
          .map(found -> Integer.valueOf(found.group(1)))
          .toList();
    }
  }

  /**
   * Whether both workers have half of the partitions each, and the second has told so of its own in
   * entries after an offset.
   */
  private static boolean halved(Consortium consortium, long offset) {
    List<Integer> first = ownedBy(consortium, "w1");
    List<Integer> second = ownedBy(consortium, "w2");
    if (first.size() != PARTITIONS / 2 || second.size() != PARTITIONS / 2) {
      return false;
    }
    Set<Integer> partitions = new TreeSet<>();
    for (ConsumerRecord<byte[], byte[]> record : told(consortium)) {
      WorkerEntry entry = entry(record);
      if (record.offset() > offset && entry.getWorker().equals("w2")) {
        partitions.add(entry.getPartition());
      }
    }
    return partitions.containsAll(second);
  }

  /** What workers of all aggregators have told each other. */
  private static List<ConsumerRecord<byte[], byte[]>> told(Consortium consortium) {
    Path folder = consortium.folder();
    Charter charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    try {
      Bus broker = Bus.of(folder.resolve("broker/broker.yaml"));
      return broker.committed(Set.of(charter.topics("").workers()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static WorkerEntry entry(ConsumerRecord<byte[], byte[]> record) {
    return RecordCodec.decode(WorkerEntry.class, record.value());
  }

  private static List<Integer> ownedBy(Consortium consortium, String worker) {
    return consortium.workerMetrics(FIRST, worker).map(WorkersIT::owned).orElse(List.of());
  }

  /**
   * All that is remembered of entities is with the one worker that has the partition: it moves
   * three times, each time to a worker that has read it from the topic of links.
   */
  @Test
  void aLinkedPartitionMovesWithAllThatItRemembers() throws Exception {
    try (LinkedLoad load = LinkedLoad.create(temp.resolve("linked"), SEED)) {
      Consortium consortium = load.consortium();
      consortium.startBroker();
      consortium.startWorker(FIRST, "w1");
      consortium.startWorker(FIRST, "w2");
      consortium.startWorker(SECOND, "w1");
      consortium.startAggregator("agg-3");
      consortium.startAgents();
      load.awaitMore();
      load.await(() -> isReady(consortium, FIRST, "w1") && isReady(consortium, FIRST, "w2"));
      String killed = isHolder(consortium, FIRST, "w1") ? "w1" : "w2";
      String spare = killed.equals("w1") ? "w2" : "w1";

      load.away(FIRST + "/" + killed);
      consortium.role(FIRST + "/" + killed).kill();
      load.await(() -> isHolder(consortium, FIRST, spare));
      load.awaitMore();

      consortium.startWorker(SECOND, "w2");
      // One that joins takes nothing.
      load.await(() -> isReady(consortium, SECOND, "w2") && isHolder(consortium, SECOND, "w1"));
      Role zombie = consortium.role(SECOND + "/w1");
      Runs.signal(zombie, "STOP");
      try {
        load.await(() -> isHolder(consortium, SECOND, "w2"));
        load.awaitMore();
      } finally {
        Runs.signal(zombie, "CONT");
      }
      load.await(
          () ->
              isReady(consortium, SECOND, "w1")
                  && !isHolder(consortium, SECOND, "w1")
                  && isHolder(consortium, SECOND, "w2"));

      consortium.role(FIRST + "/" + killed).restart();
      load.back(FIRST + "/" + killed);
      load.await(() -> isReady(consortium, FIRST, killed));
      consortium.stop(FIRST + "/" + spare);
      load.await(() -> isHolder(consortium, FIRST, killed));
      load.awaitMore();
      assertThat(entities(consortium, FIRST, killed)).isGreaterThan(LinkedLoad.ACCOUNTS / 2.0);

      CheckReport report = load.requireOracles();
      assertThat(report.alertsByRule().keySet()).contains("ring", "passed", "spent-at-once");
    }
  }

  private static boolean isReady(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .filter(metrics -> metrics.sum("concordat_aggregator_ready") == 1)
        .isPresent();
  }

  /** Whether a worker has the one partition of linked payments. */
  private static boolean isHolder(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .filter(metrics -> owned(metrics).equals(List.of(0)))
        .isPresent();
  }

  private static double entities(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .map(metrics -> metrics.sum("concordat_aggregator_linkage_entities"))
        .orElse(0.0);
  }

  /** Whether these workers, and each of them, have the aggregator's partitions, each one once. */
  private static boolean shared(Consortium consortium, String aggregator, String... workers) {
    Map<Integer, Integer> owners = new TreeMap<>();
    for (String worker : workers) {
      List<Integer> own =
          consortium
              .workerMetrics(aggregator, worker)
              .filter(metrics -> metrics.sum("concordat_aggregator_ready") == 1)
              .map(WorkersIT::owned)
              .orElse(List.of());
      if (own.isEmpty()) {
        return false;
      }
      own.forEach(partition -> owners.merge(partition, 1, Integer::sum));
    }
    return owners.size() == PARTITIONS && owners.values().stream().allMatch(n -> n == 1);
  }

  private static List<Integer> owned(Metrics metrics) {
    return IntStream.range(0, PARTITIONS)
        .filter(
            partition ->
                metrics.sum(
                        "concordat_aggregator_partition_owned", "partition=\"" + partition + "\"")
                    == 1)
        .boxed()
        .toList();
  }

  private static void await(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + MOVED_SECONDS * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time").isLessThan(end);
      Thread.sleep(200);
    }
  }
}
