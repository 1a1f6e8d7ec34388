package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The topic's first partition is a list of records, the first of which may be gone; a run of the
 * reader reads it to its end.
 */
@Timeout(60)
class AlertReaderTest {
  private static final TestConsortium CONSORTIUM = new TestConsortium(2);
  private static final String TOPIC = "alerts.bank-a";
  private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
  private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
  private static final int ROWS = 20;

  @TempDir Path folder;

  private final List<byte[]> topic = new ArrayList<>();

  /** Records before this offset are gone. */
  private long begin;

  /** Offsets behind the last record, which marks of transactions take. */
  private long marks;

  private final TestSink first = new TestSink();
  private final TestSink second = new TestSink();
  private AlertSinks sinks;
  private MeterRegistry registry = new SimpleMeterRegistry();
  private RuleSet ruleSet;

  /** With another threshold and title. */
  private RuleSet later;

  private AgentStore store;
  private Desk desk;

  @BeforeEach
  void open() throws IOException {
    ruleSet = ruleSet(Files.createDirectory(folder.resolve("rules")));
    later = later(folder.resolve("rules"), Files.createDirectory(folder.resolve("later")));
    store = TestStores.open(folder.resolve("data"));
    var group = new StoreGroup();
    for (int i = 0; i < ROWS; i++) {
      TestStores.spool(group, new BlockPosition(0, i), TestStores.row(i, 120_000L + i));
    }
    store.commit(group);
    desk = Desk.open(store.desk(), DeskConfig.DEFAULT);
    sinks =
        TestSink.sinks(Map.of("first", first, "second", second), store.desk(), Outbox.ALERTS_MAX);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static RuleSet ruleSet(Path rules) throws IOException {
    Files.writeString(
        rules.resolve("contract.yaml"),
        """
        format: 1
        contract: test
        version: 1
        currency: EUR
        features:
          amount: {type: amount, min: 0, max: 1000}
          count: {type: integer, min: 0, max: 9, unit: items}
        """);
    Files.writeString(
        rules.resolve("rules.yaml"),
        """
        format: 1
        ruleSet: test
        version: 4
        contract: test@1
        rules:
          - rule: risk
            title: A high risk
            score:
              model: linear
              intercept: 0
              weights: {amount: 0.5, count: 2}
              threshold: 2.5
              step: 0.1
            reasons:
              - {code: large, text: It is large, when: {feature: amount, above: 900}}
              - {code: many, text: They are many, when: {feature: count, above: 5}}
        """);
    return RuleSet.load(rules);
  }

  private static RuleSet later(Path rules, Path own) throws IOException {
    Files.copy(rules.resolve("contract.yaml"), own.resolve("contract.yaml"));
    Files.writeString(
        own.resolve("rules.yaml"),
        Files.readString(rules.resolve("rules.yaml"))
            .replace("version: 4", "version: 5")
            .replace("A high risk", "A risk")
            .replace("threshold: 2.5", "threshold: 1.5"));
    return RuleSet.load(own);
  }

  private TestAlert alert(long transaction, long number) {
    var alert = new TestAlert(transaction, scale() * 7, 2).ofRule("risk", ruleSetHash());
    alert.number = number;
    return alert;
  }

  private long scale() {
    return ruleSet.plan().outputs().getFirst().scoreScale();
  }

  private Digest ruleSetHash() {
    return new Digest(ruleSet.hash());
  }

  private void publish(byte[]... records) {
    topic.addAll(Arrays.asList(records));
  }

  private void publishAll(TestAlert alert) {
    for (int i = 0; i < TestAlert.PARTIES; i++) {
      publish(alert.record(CONSORTIUM, i));
    }
  }

  /** Reads what is published, and stops at the poll after that. */
  private void run(long waitMillis) throws InterruptedException {
    AlertReader[] reader = new AlertReader[1];
    reader[0] =
        new AlertReader(
            () -> consumer(() -> reader[0].stop()),
            TOPIC,
            CONSORTIUM.charter,
            TestConsortium.BANK,
            CONSORTIUM.alertKey,
            this::find,
            store,
            sinks,
            desk,
            registry,
            waitMillis,
            System::currentTimeMillis);
    reader[0].run();
    TestSink.deliverAll(sinks);
  }

  private Optional<RuleSet> find(Digest hash) {
    return Stream.of(ruleSet, later)
        .filter(each -> hash.equals(new Digest(each.hash())))
        .findFirst();
  }

  private MockConsumer<byte[], byte[]> consumer(Runnable end) {
    var consumer = new MockConsumer<byte[], byte[]>("none");
    long logEnd = topic.size() + marks;
    consumer.updateBeginningOffsets(Map.of(FIRST, begin, SECOND, 0L));
    consumer.updateEndOffsets(Map.of(FIRST, logEnd, SECOND, 0L));
    consumer.schedulePollTask(
        () -> {
          for (int i = (int) begin; i < topic.size(); i++) {
            consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, i, new byte[0], topic.get(i)));
          }
        });
    consumer.schedulePollTask(
        () -> {
          // Past the marks: the position moves, and no record comes.
          consumer.seek(FIRST, logEnd);
          end.run();
        });
    return consumer;
  }

  private double count(String name, String... tags) {
    var counter = registry.find(name).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  private double lost() {
    return count("concordat.agent.records.lost", "topic", "alerts");
  }

  private double incidents(Code code) {
    return count("concordat.agent.alert.incidents", "code", code.label());
  }

  @Test
  void deliversAVerifiedAlertInTheBanksOwnWords() throws InterruptedException {
    TestAlert alert = alert(3, 0);
    publishAll(alert);
    run(60_000);
    assertThat(first.taken).hasSize(1);
    assertThat(second.taken).isEqualTo(first.taken);
    Alert delivered = first.taken.getFirst();
    assertThat(delivered.getId())
        .isEqualTo(HexFormat.of().formatHex(alert.id(CONSORTIUM.charter.hash())));
    assertThat(delivered.getReference()).isEqualTo("reference-3");
    assertThat(delivered.getMode()).isEqualTo("test");
    assertThat(delivered.getBank()).isEqualTo("bank-a");
    assertThat(delivered.getRule()).isEqualTo("risk");
    assertThat(delivered.getRuleTitle()).isEqualTo("A high risk");
    assertThat(delivered.getRuleSet()).isEqualTo("test");
    assertThat(delivered.getRuleSetVersion()).isEqualTo(4);
    assertThat(delivered.getScore()).isEqualTo("7");
    assertThat(delivered.getThreshold()).isEqualTo("2.5");
    assertThat(delivered.getReasons()).containsExactly(new Reason("many", "They are many"));
    assertThat(delivered.getEventMinute()).isEqualTo(2);
    assertThat(delivered.getAcceptedMillis()).isEqualTo(120_003);
    assertThat(delivered.getVerification()).isEqualTo(Verification.VERIFIED);
    assertThat(count("concordat.agent.alerts.delivered", "rule", "risk")).isEqualTo(1);
    assertThat(count("concordat.agent.alerts.unverified")).isZero();
    assertThat(count("concordat.agent.alerts.missing")).isZero();
  }

  @Test
  void tellsAnEarlierPaymentOfAPatternAsOne() throws InterruptedException {
    TestAlert alert = alert(3, 0);
    alert.memberOf = alert.transactionId();
    publishAll(alert);
    run(60_000);
    Alert delivered = first.taken.getFirst();
    assertThat(delivered.getReference()).isEqualTo("reference-3");
    assertThat(delivered.getReasons()).containsExactly(new Reason(Rule.EARLIER, Rule.EARLIER_TEXT));
    assertThat(delivered.getScore()).isNull();
    assertThat(delivered.getPattern()).isEqualTo(HexFormat.of().formatHex(alert.memberOf.bytes()));
    assertThat(delivered.getVerification()).isEqualTo(Verification.VERIFIED);
  }

  @Test
  void deliversNothingAgainAfterARestart() throws InterruptedException {
    publishAll(alert(1, 0));
    run(60_000);
    run(60_000);
    // Also where the topic is read from its start again.
    store.markDelivered(List.of(), Map.of("offset/0", new byte[8]), 0);
    run(60_000);
    assertThat(first.taken).hasSize(1);
  }

  @Test
  void twoSharesAreDeliveredUnverifiedAndALateThirdOneAddsNothing() throws InterruptedException {
    TestAlert alert = alert(1, 0);
    publish(alert.record(CONSORTIUM, 0), alert.record(CONSORTIUM, 2));
    run(0);
    assertThat(first.taken).hasSize(1);
    assertThat(first.taken.getFirst().getVerification()).isEqualTo(Verification.UNVERIFIED);
    assertThat(first.taken.getFirst().getScore()).isEqualTo("7");
    assertThat(count("concordat.agent.alerts.unverified")).isEqualTo(1);
    assertThat(incidents(Code.CDT_709)).isEqualTo(1);
    // Not the missing one: it was read before.
    publish(alert.record(CONSORTIUM, 0));
    run(0);
    assertThat(isVerified(alert)).isFalse();
    TestAlert other = new TestAlert(1, scale() * 8, 2).ofRule("risk", ruleSetHash());
    publish(other.record(CONSORTIUM, 1));
    run(0);
    assertThat(isVerified(alert)).isFalse();
    assertThat(incidents(Code.CDT_707)).isEqualTo(1);
    publish(alert.record(CONSORTIUM, 1));
    run(0);
    assertThat(first.taken).hasSize(1);
    assertThat(isVerified(alert)).isTrue();
  }

  private boolean isVerified(TestAlert alert) {
    String id = HexFormat.of().formatHex(alert.id(CONSORTIUM.charter.hash()));
    return desk.evidence(alert.transactionId().bytes(), id).isEmpty();
  }

  @Test
  void aShareThatWaitsIsReadAgainAfterARestart() throws InterruptedException {
    TestAlert waiting = alert(1, 0);
    publish(waiting.record(CONSORTIUM, 0));
    publishAll(alert(2, 1));
    run(60_000);
    assertThat(first.taken).extracting(Alert::getReference).containsExactly("reference-2");
    publish(waiting.record(CONSORTIUM, 1), waiting.record(CONSORTIUM, 2));
    run(60_000);
    assertThat(first.taken)
        .extracting(Alert::getReference)
        .containsExactly("reference-2", "reference-1");
    assertThat(first.taken.getLast().getVerification()).isEqualTo(Verification.VERIFIED);
  }

  @Test
  void aSinkThatFailsGetsThemAgainAndTheOtherDoesNot() throws InterruptedException {
    publishAll(alert(1, 0));
    publishAll(alert(2, 1));
    second.refusals = 1;
    run(60_000);
    assertThat(first.taken).hasSize(2);
    assertThat(second.taken).extracting(Alert::getReference).hasSize(2).doesNotHaveDuplicates();
    assertThat(count("concordat.agent.alerts.delivered", "rule", "risk")).isEqualTo(2);
  }

  @Test
  void missingNumbersAreNoticedAlsoAcrossARestart() throws InterruptedException {
    publishAll(alert(1, 0));
    run(60_000);
    assertThat(count("concordat.agent.alerts.missing")).isZero();
    publishAll(alert(2, 3));
    run(60_000);
    // Two numbers of each aggregator.
    assertThat(count("concordat.agent.alerts.missing")).isEqualTo(6);
    assertThat(incidents(Code.CDT_705)).isEqualTo(3);
    assertThat(first.taken).hasSize(2);
  }

  @Test
  void sharesThatAreGoneAreToldOnceAlsoWhereNoMoreCome() throws InterruptedException {
    publishAll(alert(1, 0));
    run(60_000);
    publishAll(alert(2, 1));
    begin = 6;
    run(60_000);
    assertThat(lost()).isEqualTo(3);
    assertThat(incidents(Code.CDT_705)).isZero();
    run(60_000);
    assertThat(lost()).isEqualTo(3);
    publishAll(alert(3, 2));
    run(60_000);
    assertThat(lost()).isEqualTo(3);
    assertThat(count("concordat.agent.alerts.missing")).isEqualTo(3);
    assertThat(first.taken)
        .extracting(Alert::getReference)
        .containsExactly("reference-1", "reference-3");
  }

  @Test
  void whatWasReadIsNotLostWhereItIsGoneWithItsMarks() throws InterruptedException {
    TestAlert alert = alert(1, 0);
    publish(alert.record(CONSORTIUM, 0), alert.record(CONSORTIUM, 1));
    run(0);
    assertThat(first.taken).hasSize(1);
    // Nothing is delivered with it.
    publish(alert.record(CONSORTIUM, 2));
    marks = 2;
    run(0);
    begin = 5;
    run(0);
    assertThat(lost()).isZero();
  }

  @Test
  void aShareThatIsGoneWhileItWaitedIsTold() throws InterruptedException {
    publish(alert(1, 0).record(CONSORTIUM, 0));
    publishAll(alert(2, 1));
    run(60_000);
    begin = 4;
    run(60_000);
    assertThat(lost()).isEqualTo(4);
  }

  @Test
  void whoBeganAndReadNothingLosesWhatIsGone() throws InterruptedException {
    publishAll(alert(1, 0));
    begin = 3;
    run(60_000);
    assertThat(lost()).as("gone before the first start").isZero();
    publishAll(alert(2, 1));
    begin = 6;
    run(60_000);
    assertThat(lost()).isEqualTo(3);
  }

  @Test
  void aTopicThatWasMadeAgainIsReadFromItsBeginning() throws InterruptedException {
    publishAll(alert(1, 0));
    run(60_000);
    topic.clear();
    TestAlert alert = alert(2, 1);
    publish(alert.record(CONSORTIUM, 0), alert.record(CONSORTIUM, 1));
    run(0);
    assertThat(lost()).isEqualTo(1);
    assertThat(first.taken)
        .extracting(Alert::getReference)
        .containsExactly("reference-1", "reference-2");
  }

  @Test
  void whatIsNotAShareOfThisBankLosesNothingElse() throws InterruptedException {
    TestAlert alert = alert(1, 0);
    TestAlert foreign = alert(2, 0);
    foreign.bank = "bank-b";
    TestAlert elsewhere = alert(2, 0);
    elsewhere.partition = 1;
    publish(alert.record(CONSORTIUM, 0), null, new byte[] {1, 2, 3});
    publish(foreign.record(CONSORTIUM, 0), elsewhere.record(CONSORTIUM, 0));
    publish(alert.record(CONSORTIUM, 2, 1, alert.detail(2)), alert.record(CONSORTIUM, 1));
    publish(alert.record(CONSORTIUM, 2, 2, alert(5, 0).detail(2)), alert.record(CONSORTIUM, 2));
    run(60_000);
    assertThat(first.taken).extracting(Alert::getReference).containsExactly("reference-1");
    assertThat(first.taken.getFirst().getVerification()).isEqualTo(Verification.VERIFIED);
    assertThat(incidents(Code.CDT_701)).isEqualTo(2);
    assertThat(incidents(Code.CDT_702)).isEqualTo(2);
    assertThat(incidents(Code.CDT_703)).isEqualTo(1);
    assertThat(incidents(Code.CDT_704)).isEqualTo(1);
  }

  @Test
  void alertsOfTwoRuleSetsKeepTheirMeanings() throws InterruptedException {
    publishAll(alert(1, 0));
    publishAll(alert(2, 1).ofRule("risk", new Digest(later.hash())));
    run(60_000);
    assertThat(first.taken)
        .extracting(Alert::getRuleTitle, Alert::getThreshold, Alert::getScore)
        .containsExactly(tuple("A high risk", "2.5", "7"), tuple("A risk", "1.5", "7"));
    assertThat(first.taken).extracting(Alert::getVerification).containsOnly(Verification.VERIFIED);
  }

  @Test
  void anAlertOfAnotherRuleSetIsDeliveredWithoutDetails() throws InterruptedException {
    publishAll(alert(1, 0).ofRule("newer", TestAlert.digest(0xab)));
    run(60_000);
    Alert alert = first.taken.getFirst();
    assertThat(alert.getRule()).isEqualTo("newer");
    assertThat(alert.getReference()).isEqualTo("reference-1");
    assertThat(alert.getRuleSet()).isEqualTo("ab".repeat(32));
    assertThat(alert.getScore()).isNull();
    assertThat(alert.getThreshold()).isNull();
    assertThat(alert.getReasons()).isEmpty();
    assertThat(alert.getVerification()).isEqualTo(Verification.UNVERIFIED);
    assertThat(incidents(Code.CDT_708)).isEqualTo(1);
  }

  @Test
  void anAlertForAnUnknownTransactionIsAnIncident() throws InterruptedException {
    TestAlert unknown = alert(ROWS + 5, 0);
    publish(unknown.record(CONSORTIUM, 0), unknown.record(CONSORTIUM, 1));
    publishAll(alert(1, 1));
    run(0);
    publish(unknown.record(CONSORTIUM, 2));
    run(0);
    assertThat(first.taken).extracting(Alert::getReference).containsExactly("reference-1");
    assertThat(incidents(Code.CDT_706)).isEqualTo(1);
  }

  @Test
  void twoAttemptsOfOneAlertAreOneAlert() throws InterruptedException {
    TestAlert again = alert(1, 0);
    again.attempt = 1;
    publishAll(alert(1, 0));
    publishAll(again);
    run(60_000);
    assertThat(first.taken).hasSize(1);
  }

  /** Their last shares have a time by which they must have come. */
  @Test
  void alertsAreReadOnceTheDeskKnowsItsItems() {
    desk = new Desk(store.desk(), DeskConfig.DEFAULT);
    desk.close();
    assertThatThrownBy(() -> run(0)).isInstanceOf(CancellationException.class);
  }
}
