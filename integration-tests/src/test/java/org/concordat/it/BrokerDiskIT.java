package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.concordat.ops.broker.BankQuotas;
import org.concordat.ops.broker.BrokerFiles;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker with little disk: who floods it at bank-a is stopped at the bank's part, and so is the
 * bank's agent, which keeps its blocks until there is room; bank-b and the aggregators go on. In
 * the end every payment is scored once, and the alerts are the oracle's.
 */
@ExtendWith(LossStays.class)
class BrokerDiskIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_270_311L);
  private static final List<String> BANKS = List.of("bank-a", "bank-b");
  private static final int PAYMENTS = 100;
  private static final int ROWS_A_ROUND = 20;

  /** The smallest. Half of it is for blocks, so a quarter for those of each of two banks. */
  private static final int BOUND = 64 << 20;

  private static final int PART = BOUND / 4;
  private static final int SEGMENT = 2 << 20;
  private static final int RECORD_BYTES = 256 << 10;
  private static final int UNDER_WAY_MAX = 8;

  @TempDir private static Path temporary;

  private Path folder;
  private Consortium consortium;
  private String shares;

  @Test
  void aBankThatFillsItsPartWaitsAloneAndLosesNothing() throws Exception {
    folder = temporary.resolve("disk");
    Path ruleSet =
        Path.of(System.getProperty("concordat.home"), "rules/src/main/rulesets/payments");
    try (Consortium started = Consortium.create(folder, BANKS, 1, ruleSet)) {
      consortium = started;
      int port = FreePorts.find(1, consortium.ports().all()).getFirst();
      start(ruleSet, port);
      double ofA = scored("bank-a");
      Bus broker = Bus.of(folder.resolve("broker/broker.yaml"));
      // Whole segments are deleted, and these at once.
      broker.set(shares, TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(SEGMENT));
      broker.set(shares, TopicConfig.FILE_DELETE_DELAY_MS_CONFIG, "0");

      int taken;
      try (var producer = Bus.of(folder.resolve("bank-a/agent.yaml")).producer()) {
        taken = flood(producer);
      }
      Path data = folder.resolve("broker/data");
      assertThat(BrokerFiles.bytes(data.resolve(shares + "-0")))
          .isBetween((long) PART - SEGMENT, 2L * PART);
      assertThat(BrokerFiles.bytes(data)).isLessThan(BOUND);
      assertThat(Files.readAllLines(consortium.role("broker").log()))
          .filteredOn(line -> line.contains("No room within the bound"))
          .singleElement()
          .asString()
          .contains("bank-a", "BLOCKS");
      Metrics ofBroker = Runs.metrics(() -> Metrics.scrape(port));
      assertThat(ofBroker.sum("disk_total_bytes", "limits.diskBytesMax")).isEqualTo(BOUND);
      assertThat(ofBroker.sum("disk_free_bytes", "limits.diskBytesMax"))
          .isBetween(1.0, BOUND - (double) PART);
      assertThat(ofBroker.sum("concordat_certificate_remaining_seconds", "use=\"kafka\""))
          .as("of a certificate for a year")
          .isBetween(364 * 86_400.0, 365 * 86_400.0);

      append("bank-a");
      Runs.await(consortium, () -> agent("bank-a", "concordat_agent_publish_waiting") == 1);
      assertThat(Files.readString(consortium.role("bank-a").log()))
          .contains("TopicAuthorizationException");
      double ofB = scored("bank-b");
      append("bank-b");
      Runs.await(consortium, () -> scored("bank-b") == ofB + ROWS_A_ROUND);
      assertThat(scored("bank-a")).isEqualTo(ofA);

      Runs.await(consortium, () -> refused() == taken);
      broker.deleteBefore(shares, Bus.END);
      Runs.await(consortium, () -> scored("bank-a") == ofA + ROWS_A_ROUND);
      Runs.await(consortium, () -> agent("bank-a", "concordat_agent_publish_waiting") == 0);
      for (String bank : BANKS) {
        assertThat(agent(bank, "concordat_agent_rows_skipped_total")).as(bank).isZero();
      }
      Runs.requireOracles(Runs.checked(folder), rows("bank-a") + rows("bank-b"));
      Runs.end(consortium);
    }
  }

  private void start(Path ruleSet, int port) throws Exception {
    Files.writeString(
        folder.resolve("broker/broker.yaml"),
        """
        bankBytesPerSecond: %d
        limits:
          diskBytesMax: %d
        http:
          port: %d
        """
            .formatted(BankQuotas.BYTES_PER_SECOND_MIN, BOUND, port),
        StandardOpenOption.APPEND);
    Charter charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    shares = charter.topics("").shares("bank-a", Consortium.AGGREGATORS.getFirst());
    PaymentSimulator.writeFiles(
        SEED, BANKS.size(), PAYMENTS, bank -> folder.resolve(bank).resolve("payments.csv"));
    for (String bank : BANKS) {
      consortium.configureAgent(
          bank, new AgentInput(Path.of("payments.csv"), true, 0, ruleSet.resolve("mapping.yaml")));
      Runs.awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
    }
    Runs.startAll(consortium);
    for (String bank : BANKS) {
      long rows = rows(bank);
      Runs.await(consortium, () -> scored(bank) == rows);
    }
  }

  /** Writes what no aggregator can use until it is refused, and counts what was taken. */
  private int flood(KafkaProducer<byte[], byte[]> producer) {
    var underWay = new ArrayDeque<Future<RecordMetadata>>();
    int taken = 0;
    boolean refused = false;
    while (!refused || !underWay.isEmpty()) {
      if (!refused) {
        underWay.add(producer.send(new ProducerRecord<>(shares, 0, null, new byte[RECORD_BYTES])));
      }
      if (refused || underWay.size() == UNDER_WAY_MAX) {
        Future<RecordMetadata> first = underWay.remove();
        Throwable failure = catchThrowable(first::get);
        if (failure == null) {
          taken++;
        } else {
          assertThat(failure)
              .isInstanceOf(ExecutionException.class)
              .hasCauseInstanceOf(TopicAuthorizationException.class);
          refused = true;
        }
      }
      assertThat((long) taken * RECORD_BYTES).as("taken").isLessThan(BOUND);
    }
    return taken;
  }

  private long rows(String bank) throws IOException {
    return Runs.payments(consortium, bank);
  }

  private void append(String bank) throws IOException {
    Runs.append(folder.resolve(bank).resolve("payments.csv"), ROWS_A_ROUND);
  }

  private double scored(String bank) {
    return agent(bank, "concordat_agent_rows_scored_total");
  }

  private double agent(String bank, String name) {
    return Runs.metrics(() -> consortium.agentMetrics(bank)).sum(name);
  }

  /** Of bank-a's records, by the aggregator that they were for. */
  private double refused() {
    return Runs.metrics(() -> consortium.aggregatorMetrics(Consortium.AGGREGATORS.getFirst()))
        .sum("concordat_aggregator_records_total", "outcome=\"refused\"", "bank=\"bank-a\"");
  }
}
