package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.LinkSnapshotPart;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Payments of two banks are linked across them: alerts equal the oracle's on the committed order
 * while an aggregator is killed and another stopped, and no pseudonym gets out of an aggregator.
 */
@ExtendWith(LossStays.class)
class LinkageIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_128L);
  private static final int BANKS = 2;
  private static final int PAYMENTS_PER_BANK = 1_200;

  /** So that payments still come when the second aggregator is stopped. */
  private static final int RATE_PER_BANK = 60;

  private static final int ACCOUNTS = 300;
  private static final int SECONDS_BETWEEN_MAX = 90;
  private static final int SOUGHT = 40;
  private static final Path HOME = Path.of(System.getProperty("concordat.home", ".."));

  @TempDir private Path temp;

  @Test
  void alertsAreTheOraclesWhileAggregatorsStop() throws Exception {
    Path folder = temp.resolve("linked");
    Path rules = HOME.resolve("aggregator/src/test/resources/rulesets/linked").toAbsolutePath();
    try (Consortium consortium =
        Consortium.create(folder, ConsortiumFolder.bankNames(BANKS), 1, rules)) {
      for (String bank : consortium.banks()) {
        writePayments(folder.resolve(bank).resolve("payments.csv"), bank);
        consortium.configureAgent(
            bank,
            new AgentInput(
                Path.of("payments.csv"), false, RATE_PER_BANK, rules.resolve("mapping.yaml")));
        Runs.awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
      }
      Runs.largerBlocks(consortium);
      Runs.startAll(consortium);
      Runs.awaitUp(consortium, 120);
      awaitScored(consortium, PAYMENTS_PER_BANK / 4);
      consortium.role("agg-2").kill();
      consortium.role("agg-2").restart();
      Runs.awaitUp(consortium, 120);
      awaitScored(consortium, PAYMENTS_PER_BANK);
      assertThat(consortium.role("agg-1").stop()).isTrue();
      consortium.role("agg-1").restart();
      Runs.awaitUp(consortium, 120);
      Runs.awaitComplete(consortium, 180);

      CheckReport report = Runs.checked(folder);
      Runs.requireOracles(report, BANKS * PAYMENTS_PER_BANK);
      assertThat(report.alertsByRule().keySet()).contains("ring", "passed", "spent-at-once");
      for (String aggregator : Consortium.AGGREGATORS) {
        assertThat(Runs.metrics(() -> consortium.aggregatorMetrics(aggregator)))
            .satisfies(
                metrics -> {
                  assertThat(metrics.sum("concordat_aggregator_linkage_unverified")).isEqualTo(1);
                  assertThat(metrics.sum("concordat_aggregator_linkage_entities"))
                      .isGreaterThan(ACCOUNTS / 2);
                });
      }
      noPseudonymIsAnywhere(folder);
      Runs.end(consortium);
    }
  }

  private static void awaitScored(Consortium consortium, int rows) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                consortium
                        .aggregatorMetrics("agg-3")
                        .map(metrics -> metrics.sum("concordat_aggregator_rows_scored_total"))
                        .orElse(0.0)
                    >= rows);
  }

  private static void writePayments(Path file, String bank) throws Exception {
    var payments = new LinkedPayments(bank, SEED, ACCOUNTS, SECONDS_BETWEEN_MAX);
    List<String> lines = new ArrayList<>(List.of(LinkedPayments.COLUMNS));
    lines.addAll(payments.next(PAYMENTS_PER_BANK));
    Files.write(file, lines);
  }

  private static void noPseudonymIsAnywhere(Path folder) throws Exception {
    Set<Long> pseudonyms = new HashSet<>();
    Map<String, LinkageEpoch> epochs = new HashMap<>();
    for (String aggregator : Consortium.AGGREGATORS) {
      List<LinkDelta> deltas = new ArrayList<>();
      epochs.put(aggregator, read(folder.resolve(aggregator), deltas));
      for (LinkDelta delta : deltas) {
        var words = delta.getPseudonyms().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining() && pseudonyms.size() < SOUGHT) {
          pseudonyms.add(words.getLong());
        }
      }
    }
    // Each holds two of three components, none of which another holds in its first place.
    assertThat(epochs.values().stream().map(LinkageEpoch::getKey).distinct()).hasSize(3);
    var canaries = new Canaries();
    pseudonyms.forEach(word -> canaries.amount(Long.toUnsignedString(word), word));
    pseudonyms.forEach(word -> canaries.text(Long.toHexString(word)));
    long first = pseudonyms.iterator().next();
    assertThat(canaries.foundIn(("pseudonym=" + first).getBytes(StandardCharsets.UTF_8)))
        .isNotEmpty();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(canaries.foundIn(file)).as("%s", file).isEmpty();
      }
    }
  }

  /** What an aggregator's own log holds, opened with its own key. */
  private static LinkageEpoch read(Path own, List<LinkDelta> deltas) throws Exception {
    var problems = new Problems();
    AggregatorConfig config = AggregatorConfig.read(own.resolve("aggregator.yaml"), problems);
    Charter charter = Charter.read(config.charter(), problems).orElseThrow();
    var box =
        new AtRestBox(
            KeyFiles.readSymmetricKey(config.keys().atRest(), problems).orElseThrow(),
            new SecureRandom());
    problems.throwIfAny();
    Topics topics = charter.topics(config.kafka().topicPrefix());
    var clients = new BusClients(config.kafka());
    String name = config.aggregator();
    PartitionState state =
        new OwnLog(clients::consumer, box, topics.state(name), topics.votes(name), 0, lost -> {})
            .lastState()
            .orElseThrow();
    LinkageEpoch epoch = state.getLinkage();
    var log =
        new LinkLog(
            clients::consumer,
            clients::write,
            clients::deleteBefore,
            box,
            topics.links(name),
            topics.snapshots(name),
            0);
    log.replay(
        epoch,
        false,
        new LinkLog.Target() {
          @Override
          public boolean takes(LinkSnapshot snapshot) {
            throw new AssertionError("a snapshot of few rows");
          }

          @Override
          public void begin(List<CarriedTable> handed, LinkSnapshot from) {
            assertThat(handed).isEmpty();
            assertThat(from).isNull();
          }

          @Override
          public void add(LinkSnapshotPart part) {
            throw new AssertionError("a snapshot of few rows");
          }

          @Override
          public void add(LinkDelta delta) {
            deltas.add(delta);
          }
        },
        left -> {});
    if (name.equals(Consortium.AGGREGATORS.getFirst())) {
      int protocol = deltas.getFirst().getProtocol();
      isHandedAndReadAgain(log, protocol);
      earlierSnapshotsAreDeleted(log, protocol, clients, topics.snapshots(name));
    }
    return epoch;
  }

  /** By an aggregator's own rights. */
  private static void earlierSnapshotsAreDeleted(
      LinkLog log, int protocol, BusClients clients, String topic) {
    var id = new Id128(new byte[16]);
    log.write(
        Stream.of(0, 1, 2)
            .map(
                part ->
                    new LinkSnapshotPart(
                        protocol, 0, id, part, List.of(), ByteBuffer.allocate(8))));
    long end = log.endOfSnapshots();
    log.deleteSnapshotsBefore(end - 1);
    var at = new TopicPartition(topic, 0);
    try (var consumer = clients.consumer()) {
      assertThat(consumer.beginningOffsets(List.of(at))).containsEntry(at, end - 1);
    }
  }

  /** What an epoch would be handed, in several records, by an aggregator's own rights. */
  private static void isHandedAndReadAgain(LinkLog log, int protocol) {
    var random = new Random(SEED);
    // 80 words of each make three records.
    long[] pseudonyms = random.longs(8_000).sorted().toArray();
    long[][][] words = new long[2][40][];
    for (long[][] component : words) {
      for (int word = 0; word < component.length; word++) {
        component[word] = random.longs(pseudonyms.length).toArray();
      }
    }
    var nobody = new CarriedTable(77, 0, new long[0], new long[2][3][0]);
    CutRecord cut =
        CutRecord.newBuilder()
            .setProtocol(protocol)
            .setCharter(new Digest(new byte[32]))
            .setPartition(0)
            .setBatch(1_000_000)
            .setAttempt(0)
            .setEntries(List.of())
            .setSkips(List.of())
            .setHeaders(new Digest(new byte[32]))
            .setRuleSet(new Digest(new byte[32]))
            .setRuleSetVersion(1)
            .setPreviousCut(new Digest(new byte[32]))
            .setCut(new Digest(new byte[32]))
            .setCommitDay(0)
            .setCommitMinute(0)
            .setAggregator("")
            .setCommittedMillis(0L)
            .setSignature(new Signature(new byte[64]))
            .build();
    Digest content =
        log.hand(cut, List.of(nobody, new CarriedTable(77, 5, pseudonyms, words)), part -> {});
    List<CarriedTable> read =
        log.handed(
            LinkageEpoch.newBuilder()
                .setEpoch(0)
                .setShape(new Digest(new byte[32]))
                .setFirstBatch(cut.getBatch())
                .setLastBatch(cut.getBatch())
                .setKey(ByteBuffer.allocate(0))
                .setCarried(content)
                .build());
    assertThat(read.get(0).rows()).isZero();
    assertThat(read.get(1).newestMinute()).isEqualTo(77);
    assertThat(read.get(1).banks()).isEqualTo(5);
    assertThat(read.get(1).pseudonyms()).isEqualTo(pseudonyms);
    assertThat(read.get(1).words()).isDeepEqualTo(words);
  }
}
