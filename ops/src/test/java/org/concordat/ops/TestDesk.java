package org.concordat.ops;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.agent.config.DeskConfig.Treatment;
import org.concordat.agent.desk.Arrival;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;
import org.concordat.rules.feature.FeatureContract.NamedValue;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;
import org.concordat.schemas.seal.AtRestBox;

/** A desk over a store of its own, and alerts for it. */
final class TestDesk implements AutoCloseable {
  private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();
  private static final DeskConfig CONFIG =
      new DeskConfig(
          Duration.ofDays(90),
          1_000,
          Duration.ofDays(400),
          0,
          Map.of("mules", new Treatment(Priority.HIGH, 0)));

  final Desk desk;
  private final AgentStore store;

  TestDesk(Path data) {
    var random = new SecureRandom();
    var box = new AtRestBox(SymmetricKey.generate(random), random);
    store = AgentStore.open(data, box, BankStore.LIMITS, 3);
    desk = Desk.open(store.desk(), CONFIG);
  }

  static String id(long transaction) {
    return HexFormat.of().formatHex(new Id(transaction, ~transaction).bytes());
  }

  static Arrival arrival(long transaction, String rule) {
    var row =
        new JournalRow(
            new Id(transaction, ~transaction).bytes(),
            null,
            new Id(transaction, 7).bytes(),
            "P-" + transaction,
            "ACC-" + transaction,
            NOW,
            NOW + 5,
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
            .setEventMinute(NOW / 60_000)
            .setAcceptedMillis(NOW + 5)
            .setCommittedMillis(NOW + 6)
            .setDeliveredMillis(NOW + 7)
            .setCut("0a")
            .setVerification(Verification.VERIFIED)
            .build();
    return new Arrival(
        alert,
        row,
        List.of(new NamedValue("amount", "12.50", "EUR")),
        List.of(new Arrival.Contribution("amount", "6.25")),
        "");
  }

  void take(Arrival... arrivals) {
    desk.take(List.of(arrivals), NOW, store.desk()::commit);
  }

  @Override
  public void close() {
    desk.close();
    store.close();
  }
}
