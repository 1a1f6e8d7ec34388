package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.concordat.it.BankCounters.grew;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.awaitility.Awaitility;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.SealingSession;
import org.concordat.schemas.seal.Signed;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a bank, a stranger or a broken broker sends gets its own code and counter, loses nothing
 * else, and the other banks go on being scored: after every test, new payments of bank-b are.
 *
 * <p>Bank-a's agent reads bad rows, bank-b's good ones; bank-c has no agent and is played.
 */
class BadInputIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_260_106L);
  private static final int PAYMENTS = 400;
  private static final List<String> BANKS = List.of("bank-a", "bank-b", "bank-c");
  private static final String PLAYED = "bank-c";

  /** Of blocks that are skipped. */
  private static final List<String> UNUSABLE =
      List.of(
          "CDT-405", "CDT-406", "CDT-407", "CDT-408", "CDT-409", "CDT-411", "CDT-414", "CDT-415");

  @TempDir private static Path temporary;

  private static Path folder;
  private static Consortium consortium;
  private static Charter charter;
  private static Topics topics;
  private static Plan plan;
  private static Bus broker;
  private static PlayedBank played;
  private static BankCounters counted;
  private static List<SealingSession> older;
  private static List<SealingSession> current;

  /** Bank-c's next sequence. */
  private static long next;

  @BeforeAll
  static void startConsortium() throws Exception {
    folder = temporary.resolve("consortium");
    Path home = Path.of(System.getProperty("concordat.home"));
    Path ruleSet = home.resolve("rules/src/main/rulesets/payments");
    consortium = Consortium.create(folder, BANKS, 1, ruleSet);
    counted = new BankCounters(consortium, PLAYED);
    PaymentSimulator.writeFiles(SEED, BANKS.size(), PAYMENTS, BadInputIT::payments);
    for (String bank : BANKS) {
      consortium.configureAgent(
          bank, new AgentInput(Path.of("payments.csv"), true, 0, ruleSet.resolve("mapping.yaml")));
    }
    byte[] bad = BadRows.of(Files.readAllLines(payments("bank-a")).get(1));
    Files.write(payments("bank-a"), bad, StandardOpenOption.APPEND);
    consortium.startBroker();
    consortium.startAggregators();
    consortium.startAgent("bank-a");
    consortium.startAgent("bank-b");
    for (String bank : List.of("bank-a", "bank-b")) {
      long rows = goodRows(bank);
      await(() -> agent(bank, "concordat_agent_rows_scored_total") >= rows);
    }
    var problems = new Problems();
    charter = Charter.read(folder.resolve("charter.yaml"), problems).orElseThrow();
    topics = charter.topics("");
    plan = RuleSet.load(folder.resolve("rules")).plan();
    broker = Bus.of(folder.resolve("broker/broker.yaml"));
    Path own = folder.resolve(PLAYED);
    played = new PlayedBank(charter, PLAYED, plan, own, Bus.of(own.resolve("agent.yaml")), broker);
    older = played.open(1);
    current = played.open(2);
    played.publish(older);
    played.publish(current);
  }

  @AfterAll
  static void stopConsortium() throws Exception {
    if (played != null) {
      played.close();
    }
    Runs.end(consortium);
  }

  @AfterEach
  void othersGoOn() throws Exception {
    double before = agent("bank-b", "concordat_agent_rows_scored_total");
    Runs.append(payments("bank-b"), 5);
    await(() -> agent("bank-b", "concordat_agent_rows_scored_total") == before + 5);
    assertThat(agent("bank-b", "concordat_agent_rows_skipped_total")).isZero();
  }

  private static Path payments(String bank) {
    return folder.resolve(bank).resolve("payments.csv");
  }

  private static long goodRows(String bank) throws IOException {
    // Latin-1 reads any bytes.
    return Files.readAllLines(payments(bank), StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.startsWith("P" + Long.toString(SEED, 36) + "-"))
        .distinct()
        .count();
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              consortium.requireAlive();
              return condition.call();
            });
  }

  private static double agent(String bank, String name, String... labels) {
    return Runs.metrics(consortium.role(bank), () -> consortium.agentMetrics(bank))
        .sum(name, labels);
  }

  /** A good block at the next sequence is scored. */
  private static void sendGood() throws Exception {
    double before = counted.scored();
    played.send(PlayedBank.encode(played.seal(current, next++)));
    await(() -> counted.scored() >= before + PlayedBank.ROWS);
  }

  /** Waits until receipts say so. */
  private static void awaitSkips(Map<Long, String> codes) {
    await(
        () ->
            broker.read(Set.of(topics.receipts(PLAYED))).stream()
                .map(record -> RecordCodec.decode(Receipt.class, record.value()))
                .filter(r -> r.getReason().equals(codes.get(r.getSequence())))
                .map(Receipt::getSequence)
                .collect(Collectors.toSet())
                .equals(codes.keySet()));
  }

  @Test
  void badRowsAreRefusedByReason() {
    for (String code : BadRows.CODES) {
      assertThat(
              agent(
                  "bank-a",
                  "concordat_agent_rows_total",
                  "outcome=\"refused\"",
                  "reason=\"" + code + "\""))
          .as(code)
          .isEqualTo(1);
    }
    assertThat(agent("bank-a", "concordat_agent_rows_total", "outcome=\"duplicate\"")).isEqualTo(1);
  }

  /** What is signed by somebody else, or nobody, doesn't even use up a sequence. */
  @Test
  void recordsThatTheBankDoesNotVouchForAreRefused() throws Exception {
    List<Block> blocks = played.seal(current, next);
    refuses("CDT-401", 3, blocks, b -> Arrays.copyOf(RecordCodec.encode(b), 100));
    refuses(
        "CDT-402",
        3,
        blocks,
        b -> Tampering.resigned(b, played.signingKey, core -> core.setProtocol(2)));
    refuses(
        "CDT-403",
        3,
        blocks,
        b -> Tampering.resigned(b, played.signingKey, core -> core.setBank("bank-z")));
    SigningKey wrong = SigningKey.generate(new SecureRandom());
    refuses("CDT-404", 3, blocks, b -> Tampering.signed(b, wrong));
    refuses("CDT-404", 3, blocks, Tampering::withFlippedSignature);
    copiesOfAnotherBanksBlockAreRefused();
    double before = counted.scored();
    played.send(PlayedBank.encode(blocks));
    next++;
    await(() -> counted.scored() >= before + PlayedBank.ROWS);
  }

  private static void copiesOfAnotherBanksBlockAreRefused() throws Exception {
    double[] before = counted.refused("CDT-413");
    for (int i = 0; i < 3; i++) {
      String topic = topics.shares("bank-b", Consortium.AGGREGATORS.get(i));
      played.send(i, broker.read(Set.of(topic)).getFirst().value());
    }
    await(() -> grew(before, counted.refused("CDT-413"), 3));
  }

  /**
   * Blocks that the bank signed but that can't be used are skipped, with a receipt. All are sent
   * before any is awaited: then they wait for one grace time together.
   */
  @Test
  void unusableBlocksOfTheBankAreSkipped() throws Exception {
    Map<String, double[]> before = new HashMap<>();
    for (String code : UNUSABLE) {
      before.put(code, counted.refused(code));
    }
    Map<Long, String> sent = new TreeMap<>();
    skips(sent, "CDT-405", b -> List.of(b.get(1), b.get(2), b.get(0)));
    skips(
        sent,
        "CDT-406",
        b ->
            Tampering.reheaded(
                b,
                played.signingKey,
                core -> core.setRows(PlayedBank.ROWS + 1),
                PlayedBank::bytes));
    skips(sent, "CDT-407", b -> Tampering.withCiphertexts(b, Tampering::flipped));
    skips(sent, "CDT-407", b -> Tampering.withCiphertexts(b, c -> Arrays.copyOf(c, c.length - 1)));
    skips(
        sent,
        "CDT-409",
        b ->
            Tampering.reheaded(
                b, played.signingKey, core -> {}, c -> Tampering.flipped(PlayedBank.bytes(c))));
    skips(
        sent,
        "CDT-411",
        b -> Tampering.withCiphertexts(b, c -> new byte[BlockOpener.CIPHERTEXT_BYTES_MAX + 1]));
    List<SealingSession> unknown = played.open(2);
    skips(sent, "CDT-408", played.seal(unknown, next));
    skips(sent, "CDT-414", played.seal(current, next, plan.contractVersion() + 1, plan.layout()));
    var shorter = new ShareLayout(plan.layout().fields().subList(0, 1));
    skips(sent, "CDT-415", played.seal(current, next, plan.contractVersion(), shorter));
    for (String code : UNUSABLE) {
      int blocks = Collections.frequency(sent.values(), code);
      // One aggregator holds two seeds and can't see that the third component is too short.
      int parties = code.equals("CDT-415") ? 2 : 3;
      double[] earlier = before.get(code);
      await(() -> grew(earlier, counted.refused(code), blocks, parties));
    }
    awaitSkips(sent);
    sendGood();
  }

  @Test
  void replayedBlocksAreDuplicates() throws Exception {
    List<byte[]> records = PlayedBank.encode(played.seal(current, next++));
    double scoredBefore = counted.scored();
    played.send(records);
    await(() -> counted.scored() >= scoredBefore + PlayedBank.ROWS);
    double[] before = counted.records("duplicate");
    played.send(records);
    await(() -> grew(before, counted.records("duplicate"), 3));
    double[] again = counted.records("duplicate");
    played.send(PlayedBank.encode(played.seal(older, 0)));
    await(() -> grew(again, counted.records("duplicate"), 3));
    sendGood();
    assertThat(counted.scored()).isEqualTo(scoredBefore + 2 * PlayedBank.ROWS);
  }

  @Test
  void blocksOutOfOrderAreScored() throws Exception {
    double before = counted.scored();
    List<byte[]> first = PlayedBank.encode(played.seal(current, next++));
    List<byte[]> second = PlayedBank.encode(played.seal(current, next++));
    played.send(second);
    played.send(first);
    await(() -> counted.scored() == before + 2 * PlayedBank.ROWS);
  }

  @Test
  void blocksThatOneAggregatorOrAllNeverGetAreSkipped() throws Exception {
    long missing = next++;
    List<byte[]> records = PlayedBank.encode(played.seal(current, missing));
    played.send(0, records.get(0));
    played.send(1, records.get(1));
    sendGood();
    awaitSkips(Map.of(missing, "CDT-601"));
    long leftOut = next;
    next += 1L << 40;
    sendGood();
    awaitSkips(Map.of(leftOut, "CDT-601"));
  }

  /** A broker that shows one aggregator another block than the others is found out. */
  @Test
  void blockThatDiffersBetweenAggregatorsIsSkipped() throws Exception {
    List<SealingSession> other = played.open(4);
    played.publish(other);
    double scoredBefore = counted.scored();
    long disputed = next++;
    List<byte[]> records = PlayedBank.encode(played.seal(other, disputed));
    records.set(0, RecordCodec.encode(played.seal(current, disputed).getFirst()));
    played.send(records);
    awaitSkips(Map.of(disputed, "CDT-602"));
    for (String differs : Consortium.AGGREGATORS.subList(1, 3)) {
      assertThat(Files.readString(consortium.role(differs).log())).contains("CDT-602");
    }
    sendGood();
    assertThat(counted.scored()).isEqualTo(scoredBefore + PlayedBank.ROWS);
  }

  @Test
  void blockWaitsForItsSession() throws Exception {
    List<SealingSession> later = played.open(3);
    double[] before = counted.records("waiting");
    double scoredBefore = counted.scored();
    played.send(PlayedBank.encode(played.seal(later, next++)));
    await(() -> grew(before, counted.records("waiting"), 3));
    played.publish(later);
    await(() -> counted.scored() == scoredBefore + PlayedBank.ROWS);
  }

  @Test
  void badSessionsAreRefused() throws Exception {
    SessionSetup good = played.open(9).getFirst().setup();
    double before = counted.refused("CDT-404")[0];
    played.publish(Signed.sign(good, SigningKey.generate(new SecureRandom())));
    await(() -> counted.refused("CDT-404")[0] > before);
    var written = broker.read(Set.of(topics.sessions(PLAYED))).getLast();
    Role first = consortium.role(Consortium.AGGREGATORS.getFirst());
    assertThat(Evidence.isTold(first, "CDT-404", written)).isTrue();
    double closed = counted.refused("CDT-412")[0];
    SessionSetup ofNoKey = SessionSetup.newBuilder(good).setKeyId("nobody").build();
    played.publish(Signed.sign(ofNoKey, played.signingKey));
    await(() -> counted.refused("CDT-412")[0] > closed);
  }

  /** An aggregator could write them, or a broken broker. */
  @Test
  void recordsWithoutAValueEndNoAgent() throws Exception {
    broker.write(topics.cuts(), null);
    broker.write(topics.receipts("bank-b"), null);
    Path log = consortium.role("bank-b").log();
    for (String of : List.of("cut", "receipt")) {
      String line = "A record of the " + of + " topic isn't readable.";
      await(() -> Files.readString(log).contains(line));
    }
  }

  /** A broker loses a block for one aggregator: its rows are sent again in another. */
  @Test
  void rowsOfALostBlockAreSentAgain() throws Exception {
    Role aggregator = consortium.role(Consortium.AGGREGATORS.getLast());
    aggregator.stop();
    double scored = agent("bank-a", "concordat_agent_rows_scored_total");
    for (int block = 0; block < 2; block++) {
      double published = agent("bank-a", "concordat_agent_blocks_published_total");
      Runs.append(payments("bank-a"), 4);
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> agent("bank-a", "concordat_agent_blocks_published_total") > published);
    }
    String topic = topics.shares("bank-a", Consortium.AGGREGATORS.getLast());
    long last = broker.read(Set.of(topic)).getLast().offset();
    broker.deleteBefore(topic, last);
    aggregator.restart();
    await(() -> agent("bank-a", "concordat_agent_rows_resubmitted_total") > 0);
    await(() -> agent("bank-a", "concordat_agent_rows_scored_total") == scored + 8);
    await(() -> agent("bank-a", "concordat_agent_receipts_total", "reason=\"CDT-601\"") > 0);
  }

  @Test
  void strangersCannotUseTheBroker() throws Exception {
    String topic = topics.shares(PLAYED, Consortium.AGGREGATORS.getFirst());
    Strangers.assertShutOut(broker, topic, Strangers.expired(folder, PLAYED));
    Strangers.assertShutOut(broker, topic, Strangers.foreign(PLAYED));
  }

  @Test
  void bankCannotWriteToAnotherBanksTopics() {
    for (String topic :
        List.of(
            topics.shares("bank-a", Consortium.AGGREGATORS.getFirst()),
            topics.sessions("bank-a"),
            topics.alerts("bank-a"),
            topics.cuts(),
            topics.keys())) {
      assertThatThrownBy(() -> played.send(topic, "key", new byte[1]))
          .as(topic)
          .satisfiesAnyOf(
              e -> assertThat(e).isInstanceOf(TopicAuthorizationException.class),
              e -> assertThat(e).hasCauseInstanceOf(TopicAuthorizationException.class));
    }
  }

  @Test
  void strangersCannotLinkToAnAggregator() throws Exception {
    String name = Consortium.AGGREGATORS.getFirst();
    String config = Files.readString(folder.resolve(name).resolve("aggregator.yaml"));
    int port = Integer.parseInt(config.replaceFirst("(?s).*listen: localhost:(\\d+).*", "$1"));
    String peer = Consortium.AGGREGATORS.getLast();
    assertThat(Strangers.letsIn(port, Strangers.foreign(peer))).isFalse();
    await(() -> peerFaults(name, "CDT-550") > 0);
    assertThat(Strangers.letsIn(port, Strangers.expired(folder, peer))).isFalse();
    await(() -> peerFaults(name, "CDT-551") > 0);
  }

  private static double peerFaults(String aggregator, String code) {
    return consortium
        .aggregatorMetrics(aggregator)
        .map(m -> m.sum("concordat_aggregator_peer_faults_total", "reason=\"" + code + "\""))
        .orElse(0.0);
  }

  @Test
  void rulesOfAnUnknownFormatStopTheStart() throws Exception {
    Path rules = folder.resolve("rules-of-tomorrow");
    Runs.copy(folder.resolve("rules"), rules);
    Path file = rules.resolve("rules.yaml");
    Files.writeString(file, Files.readString(file).replaceFirst("format: 1", "format: 2"));
    List<Role> roles = new ArrayList<>();
    for (String party : List.of("agg-1/aggregator", "bank-c/agent")) {
      Path config = folder.resolve(party + ".yaml");
      Path changed = folder.resolve(party + "-of-tomorrow.yaml");
      Files.writeString(
          changed, Files.readString(config).replace("../rules", "../rules-of-tomorrow"));
      String command = party.substring(party.indexOf('/') + 1);
      Path log = temporary.resolve(command + "-of-tomorrow.log");
      roles.add(Role.start("tomorrow", 256, log, List.of(command, "--config", changed.toString())));
    }
    for (Role role : roles) {
      Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !role.isAlive());
      assertThat(role.exitValue()).isEqualTo(2);
      assertThat(Files.readString(role.log())).contains("CDT-203");
    }
  }

  /** Sends tampered copies and waits until so many aggregators count them under a code. */
  private static void refuses(
      String code, int parties, List<Block> blocks, Function<Block, byte[]> change)
      throws Exception {
    double[] before = counted.refused(code);
    played.send(new ArrayList<>(blocks.stream().map(change).toList()));
    await(() -> grew(before, counted.refused(code), parties));
  }

  private static void skips(
      Map<Long, String> sent, String code, UnaryOperator<List<Block>> replacing) throws Exception {
    skips(sent, code, replacing.apply(played.seal(current, next)));
  }

  /** Sends the copies of an unusable block at the next sequence. */
  private static void skips(Map<Long, String> sent, String code, List<Block> blocks)
      throws Exception {
    played.send(PlayedBank.encode(blocks));
    sent.put(next++, code);
  }
}
