package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.concordat.ops.broker.BankQuotas;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one bank, or one record that comes too late, may not do to the others: after each, all
 * payments of both banks are scored once, and the alerts are the oracle's.
 */
@ExtendWith(LossStays.class)
class LimitsIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_129L);
  private static final List<String> BANKS = List.of("bank-a", "bank-b");
  private static final int PAYMENTS = 100;
  private static final int ROUNDS = 5;
  private static final int ROWS_A_ROUND = 20;
  private static final int RECORD_BYTES = 256 << 10;

  /** That of the bank's sessions, and those of its blocks. */
  private static final int TOPICS = 1 + Consortium.AGGREGATORS.size();

  /** Of one record to each: a set-up is refused by all aggregators, a block by its own. */
  private static final int REFUSALS = 2 * Consortium.AGGREGATORS.size();

  private static final int UNDER_WAY_MAX = 8;

  @TempDir private static Path temporary;

  private static Path folder;
  private static Consortium consortium;
  private static Charter charter;

  @BeforeAll
  static void start() throws Exception {
    folder = temporary.resolve("limits");
    Path ruleSet =
        Path.of(System.getProperty("concordat.home"), "rules/src/main/rulesets/payments");
    consortium = Consortium.create(folder, BANKS, 1, ruleSet);
    Files.writeString(
        folder.resolve("broker/broker.yaml"),
        "bankBytesPerSecond: " + BankQuotas.BYTES_PER_SECOND_MIN + "\n",
        StandardOpenOption.APPEND);
    charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    PaymentSimulator.writeFiles(
        SEED, BANKS.size(), PAYMENTS, bank -> folder.resolve(bank).resolve("payments.csv"));
    for (String bank : BANKS) {
      consortium.configureAgent(
          bank, new AgentInput(Path.of("payments.csv"), true, 0, ruleSet.resolve("mapping.yaml")));
      Runs.awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
    }
    consortium.startBroker();
    consortium.startAggregators();
    consortium.startAgents();
    for (String bank : BANKS) {
      long rows = Runs.payments(consortium, bank);
      await(() -> scored(bank) == rows);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    consortium.close();
  }

  /**
   * Somebody at bank-a writes as fast as the brokers let him, beside the bank's own agent, which
   * has to wait with him and says so: bank-b's payments are scored while he does, and none of
   * bank-a's is lost.
   */
  @Test
  void aFloodDelaysItsBankAlone() throws Exception {
    double ofA = scored("bank-a");
    double refused = refused();
    int sent;
    var over = new AtomicBoolean();
    try (var producer = Bus.of(folder.resolve("bank-a/agent.yaml")).producer()) {
      var flood = CompletableFuture.supplyAsync(() -> flood(producer, over));
      await(() -> throttledMillis(producer) > 0);
      for (int round = 1; round <= ROUNDS; round++) {
        double wanted = scored("bank-b") + ROWS_A_ROUND;
        // In each: one that comes just as the quota has room again waits for nothing.
        append("bank-a");
        append("bank-b");
        await(() -> scored("bank-b") == wanted);
        await(() -> lag("bank-b") == 0);
        assertThat(flood.isDone()).as("the flood goes on after round %d", round).isFalse();
      }
      await(() -> throttled("bank-a") > 0);
      assertThat(throttled("bank-b")).isZero();
      assertThat(flood.isDone()).as("the flood goes on").isFalse();
      over.set(true);
      sent = flood.get();
    }
    await(() -> scored("bank-a") == ofA + ROUNDS * ROWS_A_ROUND);
    int refusals = sent / TOPICS * REFUSALS;
    await(() -> refused() >= refused + refusals);
    requireOracles();
  }

  /**
   * The log of an aggregator takes a vote of its last process only now: the partition reads its log
   * again and goes on with another attempt, and no process ends.
   */
  @Test
  void aLateVoteStopsItsPartitionAlone() throws Exception {
    String name = Consortium.AGGREGATORS.getFirst();
    String topic = charter.topics("").votes(name);
    Bus bus = Bus.of(folder.resolve(name).resolve("aggregator.yaml"));
    Vote last = RecordCodec.decode(Vote.class, bus.read(Set.of(topic)).getLast().value());
    SigningKey key =
        KeyFiles.readSigningKey(folder.resolve(name).resolve("signing.key"), new Problems())
            .orElseThrow();
    Vote late =
        Signed.sign(
            Vote.newBuilder(last)
                .setBatch(last.getBatch() + 1)
                .setAttempt(0)
                .setKind(VoteKind.ABANDONED)
                .setCut(new Digest(new byte[32]))
                .setOutcome(new Digest(new byte[32]))
                .setSealed(ByteBuffer.allocate(0))
                .build(),
            key);
    byte[] place = (late.getBatch() + "/0").getBytes(StandardCharsets.US_ASCII);
    try (var producer = bus.producer()) {
      producer.send(new ProducerRecord<>(topic, 0, place, RecordCodec.encode(late))).get();
    }
    long pid = consortium.role(name).pid();
    double wanted = scored("bank-b") + ROWS_A_ROUND;
    append("bank-b");
    await(() -> scored("bank-b") == wanted);
    assertThat(Files.readString(consortium.role(name).log())).contains("CDT-562");
    assertThat(consortium.role(name).pid()).isEqualTo(pid);
    consortium.requireAlive();
    requireOracles();
  }

  private static void requireOracles() throws Exception {
    long rows = 0;
    for (String bank : BANKS) {
      rows += Runs.payments(consortium, bank);
    }
    Runs.requireOracles(Runs.checked(folder), rows);
  }

  /**
   * Writes what no aggregator can use until it is over, a few records under way at any time, and
   * gives how many it wrote.
   */
  private static int flood(KafkaProducer<byte[], byte[]> producer, AtomicBoolean over) {
    var underWay = new ArrayDeque<Future<RecordMetadata>>();
    List<String> topics = new ArrayList<>(List.of(charter.topics("").sessions("bank-a")));
    Consortium.AGGREGATORS.forEach(a -> topics.add(charter.topics("").shares("bank-a", a)));
    int sent = 0;
    try {
      for (int i = 0; !over.get(); i++) {
        String topic = topics.get(i % TOPICS);
        // Brokers want one where they keep the newest of each key.
        byte[] key = {(byte) i};
        underWay.add(producer.send(new ProducerRecord<>(topic, 0, key, new byte[RECORD_BYTES])));
        if (underWay.size() == UNDER_WAY_MAX) {
          underWay.remove().get();
          sent++;
        }
      }
      for (Future<RecordMetadata> last : underWay) {
        last.get();
        sent++;
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return sent;
  }

  private static void await(Callable<Boolean> condition) {
    Runs.await(consortium, condition);
  }

  private static void append(String bank) throws IOException {
    Runs.append(folder.resolve(bank).resolve("payments.csv"), ROWS_A_ROUND);
  }

  private static double scored(String bank) {
    return agent(bank, "concordat_agent_rows_scored_total");
  }

  private static double throttled(String bank) {
    return agent(bank, "concordat_agent_publish_throttled_seconds");
  }

  private static double agent(String bank, String name) {
    return Runs.metrics(() -> consortium.agentMetrics(bank)).sum(name);
  }

  /** What the slowest aggregator has to read yet. */
  private static double lag(String bank) {
    String label = "bank=\"" + bank + "\"";
    return aggregators()
        .mapToDouble(m -> m.sum("concordat_aggregator_consumer_lag_records", label))
        .max()
        .orElseThrow();
  }

  private static double refused() {
    return aggregators()
        .mapToDouble(
            m ->
                m.sum(
                    "concordat_aggregator_records_total", "outcome=\"refused\"", "bank=\"bank-a\""))
        .sum();
  }

  private static Stream<Metrics> aggregators() {
    return Consortium.AGGREGATORS.stream()
        .map(name -> Runs.metrics(() -> consortium.aggregatorMetrics(name)));
  }

  private static double throttledMillis(KafkaProducer<byte[], byte[]> producer) {
    return producer.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("produce-throttle-time-max"))
        .mapToDouble(metric -> (Double) metric.getValue().metricValue())
        .filter(millis -> millis > 0)
        .max()
        .orElse(0);
  }
}
