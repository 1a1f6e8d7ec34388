package org.concordat.agent.desk;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.agent.config.DeskConfig.Treatment;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Notice;
import org.concordat.agent.store.TakenNotice;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.feature.FeatureContract.NamedValue;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;

/** A desk over a store, and alerts for it. */
public final class TestDesk implements AutoCloseable {
  public static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();
  static final long HOUR = Duration.ofHours(1).toMillis();

  /** Rule "mules" is high with two a day, "large" low without a limit. */
  public static final DeskConfig CONFIG =
      new DeskConfig(
          Duration.ofDays(90),
          1_000,
          Duration.ofDays(400),
          0,
          Map.of(
              "mules", new Treatment(Priority.HIGH, 2),
              "large", new Treatment(Priority.LOW, 0)));

  public final AgentStore store;
  public final Desk desk;

  public TestDesk(Path data, DeskConfig config) {
    store = TestStores.open(data);
    desk = Desk.open(store.desk(), config);
  }

  public static String id(long transaction) {
    return HexFormat.of().formatHex(new Id(transaction, ~transaction).bytes());
  }

  /** The first payment was recalled. */
  static List<TakenNotice> notices(String reference) {
    var recall = new Notice(Notice.Kind.RECALL, "FRAD", "fraud", "", "", "C-1", "2026-03-02");
    return reference.equals("P-1") ? List.of(new TakenNotice(recall, NOW)) : List.of();
  }

  public static Arrival arrival(long transaction, String rule) {
    return arrival(transaction, rule, "ACC-" + transaction, NOW, Verification.VERIFIED, "");
  }

  public static Arrival arrival(
      long transaction,
      String rule,
      String account,
      long eventMillis,
      Verification verification,
      String evidence) {
    var row =
        new JournalRow(
            new Id(transaction, ~transaction).bytes(),
            null,
            new Id(transaction, 7).bytes(),
            "P-" + transaction,
            account,
            eventMillis,
            eventMillis + 5,
            new long[] {1});
    var alert =
        Alert.newBuilder()
            .setId(HexFormat.of().formatHex(new Id(transaction, rule.hashCode()).bytes()))
            .setMode("test")
            .setBank("bank-a")
            .setReference("P-" + transaction)
            .setRule(rule)
            .setRuleTitle("Title of " + rule)
            .setRuleSet("test")
            .setRuleSetVersion(4)
            .setContractVersion(1)
            .setScore("7.25")
            .setThreshold("2.5")
            .setReasons(List.of(new Reason("because-" + rule, "Because of " + rule)))
            .setPartition(0)
            .setAlertSequence(5)
            .setEventMinute(eventMillis / 60_000)
            .setAcceptedMillis(eventMillis + 5)
            .setCommittedMillis(eventMillis + 6)
            .setDeliveredMillis(eventMillis + 7)
            .setCut("0a")
            .setVerification(verification)
            .build();
    return new Arrival(
        alert,
        row,
        List.of(new NamedValue("amount", "12.50", "EUR")),
        List.of(
            new Arrival.Contribution("", "1"),
            new Arrival.Contribution("amount", "6.25"),
            new Arrival.Contribution("count", "0")),
        evidence);
  }

  public void take(Arrival... arrivals) {
    take(NOW, arrivals);
  }

  public void take(long nowMillis, Arrival... arrivals) {
    desk.take(List.of(arrivals), nowMillis, store.desk()::commit);
  }

  List<String> ids(State state, long nowMillis) {
    var filter =
        new Filter(
            java.util.Optional.of(state),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            Long.MIN_VALUE,
            Priority.LOW);
    return desk.list(filter, null, 100, nowMillis).stream().map(seen -> seen.item().id()).toList();
  }

  Item item(long transaction) {
    return desk.item(id(transaction), NOW).orElseThrow().item();
  }

  @Override
  public void close() {
    desk.close();
    store.close();
  }
}
