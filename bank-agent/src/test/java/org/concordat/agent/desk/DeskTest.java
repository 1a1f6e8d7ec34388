package org.concordat.agent.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.concordat.agent.desk.TestDesk.HOUR;
import static org.concordat.agent.desk.TestDesk.NOW;
import static org.concordat.agent.desk.TestDesk.arrival;
import static org.concordat.agent.desk.TestDesk.id;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskTable;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.Verification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeskTest {
  @TempDir Path data;

  private TestDesk open() {
    return new TestDesk(data, TestDesk.CONFIG);
  }

  private static Arrival of(long transaction, String account, long eventMillis) {
    return arrival(transaction, "large", account, eventMillis, Verification.VERIFIED, "");
  }

  @Test
  void fiveRulesOnOnePaymentAreOneItemWithFiveReasons() {
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"), arrival(1, "new"), arrival(1, "mules"));
      desk.take(arrival(1, "night"), arrival(1, "far"));
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(1));
      Item item = desk.item(1);
      assertThat(item.alerts())
          .extracting(alert -> alert.reasons().getJsonObject(0).getString("text"))
          .containsExactly(
              "Because of large",
              "Because of new",
              "Because of mules",
              "Because of night",
              "Because of far");
      assertThat(item.priority()).isEqualTo(Priority.HIGH);
      assertThat(item.transaction().getString("reference")).isEqualTo("P-1");
      assertThat(item + " " + item.alerts()).doesNotContain("P-1").doesNotContain("7.25");
    }
  }

  @Test
  void readingTheSameAgainAfterAKillMakesNoSecondItem() {
    Item before;
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"), arrival(1, "mules"), arrival(2, "mules"));
      before = desk.item(1);
    }
    try (TestDesk desk = open()) {
      desk.take(arrival(2, "mules"), arrival(1, "large"), arrival(1, "mules"));
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(2), id(1));
      assertThat(desk.item(1).encode()).isEqualTo(before.encode());
      // The budget of two a day was used once for each, not twice.
      assertThat(desk.ids(State.OVERFLOW, NOW)).isEmpty();
    }
  }

  @Test
  void whatCouldNotBeStoredLeavesNoTrace() {
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"));
      assertThatThrownBy(
              () ->
                  desk.desk.take(
                      List.of(arrival(1, "mules"), arrival(2, "mules")),
                      NOW,
                      change -> {
                        throw new IllegalStateException("told by the test");
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(1));
      assertThat(desk.item(1).alerts()).hasSize(1);
      desk.take(arrival(1, "mules"), arrival(2, "mules"));
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(2), id(1));
      assertThat(desk.ids(State.OVERFLOW, NOW)).isEmpty();
    }
  }

  @Test
  void anAccountsItemsWithinADayAreOneGroupAndNoneIsHidden() {
    try (TestDesk desk = open()) {
      desk.take(of(1, "A", NOW), of(2, "A", NOW + 24 * HOUR), of(3, "B", NOW));
      desk.take(of(4, "A", NOW + 24 * HOUR + 1), of(5, "A", NOW + HOUR), of(6, "", NOW));
      // An hour before the first: the group would be longer than a day.
      desk.take(of(7, "A", NOW - HOUR), of(8, "", NOW));
    }
    try (TestDesk desk = open()) {
      assertThat(members(desk, 1)).containsExactly(id(1), id(5), id(2));
      assertThat(members(desk, 3)).containsExactly(id(3));
      assertThat(members(desk, 4)).containsExactly(id(4));
      assertThat(members(desk, 6)).containsExactly(id(6));
      assertThat(members(desk, 7)).containsExactly(id(7));
      var all =
          desk.desk.groups(Filter.ALL, Long.MAX_VALUE, 100, NOW).stream()
              .flatMap(group -> group.members().stream().map(member -> member.id))
              .toList();
      assertThat(all).hasSize(8).doesNotHaveDuplicates();
    }
  }

  private static List<String> members(TestDesk desk, long transaction) {
    return desk.desk.group(desk.item(transaction).group(), NOW).stream()
        .map(seen -> seen.item().id())
        .toList();
  }

  /** It is shown after others may go on at the desk. */
  @Test
  void aGroupThatWasLookedAtStaysAsItWas() {
    try (TestDesk desk = open()) {
      desk.take(of(1, "A", NOW), of(2, "A", NOW + 1));
      SeenGroup group = desk.desk.groups(Filter.ALL, Long.MAX_VALUE, 10, NOW).getFirst();
      desk.take(of(3, "A", NOW + 2));
      judge(desk, 1, Verdict.Finding.FRAUD, "ana");
      assertThat(group.members()).extracting(member -> member.id).containsExactly(id(1), id(2));
      assertThat(group.states()).containsExactly(Map.entry(State.NEW, 2L));
      assertThat(group.latest()).isEqualTo(2);
      desk.desk.expire(NOW + TestDesk.CONFIG.retention().toMillis() + 1);
      assertThat(group.members()).hasSize(2);
      assertThat(desk.desk.groups(Filter.ALL, Long.MAX_VALUE, 10, NOW)).isEmpty();
    }
  }

  @Test
  void aLateShareVerifiesAnItemDurably() {
    Arrival unverified = arrival(1, "large", "A", NOW, Verification.UNVERIFIED, "[0, 1]:told");
    byte[] transaction = unverified.row().transactionId();
    String alert = unverified.alert().getId();
    try (TestDesk desk = open()) {
      desk.take(unverified, arrival(2, "large"));
      assertThat(desk.desk.evidence(transaction, alert)).contains("[0, 1]:told");
      desk.desk.verified(transaction, alert);
    }
    try (TestDesk desk = open()) {
      assertThat(desk.item(1).alerts().getFirst().isVerified()).isTrue();
      assertThat(desk.desk.evidence(transaction, alert)).isEmpty();
      assertThat(desk.ids(State.NEW, NOW)).hasSize(2);
    }
  }

  @Test
  void aSnoozeMutesWhatItNamesUntilItEndsAndCountsIt() {
    String snooze;
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"));
      snooze =
          desk.desk
              .snooze(Snooze.Scope.RULE, "large", "ana", "a campaign", NOW, NOW + HOUR)
              .orElseThrow()
              .id();
      assertThat(desk.ids(State.SNOOZED, NOW)).containsExactly(id(1));
      desk.take(arrival(2, "large"), arrival(3, "large"), arrival(3, "mules"));
    }
    try (TestDesk desk = open()) {
      assertThat(desk.desk.muted()).isEqualTo(2);
      // Another rule's alert is heard although one is muted.
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(3));
      assertThat(desk.ids(State.SNOOZED, NOW)).containsExactly(id(2), id(1));
      assertThat(desk.ids(State.NEW, NOW + HOUR)).containsExactly(id(3), id(2), id(1));
      JsonObject shown = desk.desk.snoozes().getFirst().shown(NOW);
      assertThat(shown.getString("id")).isEqualTo(snooze);
      assertThat(shown.getLong("muted")).isEqualTo(2);
      assertThat(shown.getString("by")).isEqualTo("ana");
      assertThat(desk.item(2).alerts().getFirst().shown().getString("mutedBy")).isEqualTo(snooze);
      desk.desk.endSnooze(snooze, "bo", NOW + 1);
      assertThat(desk.ids(State.NEW, NOW + 1)).hasSize(3);
      assertThat(desk.desk.snoozes().getFirst().shown(NOW + 1).getString("endedBy"))
          .isEqualTo("bo");
    }
  }

  @Test
  void accountsAndItemsAreSnoozedToo() {
    try (TestDesk desk = open()) {
      desk.take(of(1, "A", NOW), of(2, "A", NOW), of(3, "B", NOW), of(4, "C", NOW));
      desk.desk.snooze(Snooze.Scope.ACCOUNT, "A", "ana", "known", NOW, NOW + HOUR);
      desk.desk.snooze(Snooze.Scope.ITEM, id(3), "ana", "waits for a call", NOW, NOW + HOUR);
      assertThat(desk.ids(State.SNOOZED, NOW)).containsExactly(id(3), id(2), id(1));
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(4));
    }
  }

  @Test
  void snoozesAreBounded() {
    // All but one are stored at once: the desk would wait for the disk for each.
    var change = new DeskChange();
    for (int i = 1; i < Snoozes.IN_FORCE_MAX; i++) {
      Snooze each = Snooze.begin("s" + i, Snooze.Scope.RULE, "r" + i, "ana", "r", NOW, NOW + HOUR);
      change.put(DeskTable.SNOOZE, each.id().getBytes(StandardCharsets.US_ASCII), each.encode());
    }
    try (AgentStore store = TestStores.open(data)) {
      store.desk().commit(change);
    }
    try (TestDesk desk = open()) {
      assertThat(desk.desk.snooze(Snooze.Scope.RULE, "last", "ana", "r", NOW, NOW + HOUR))
          .isPresent();
      assertThat(desk.desk.snooze(Snooze.Scope.RULE, "r", "ana", "r", NOW, NOW + HOUR)).isEmpty();
      assertThat(desk.desk.snooze(Snooze.Scope.RULE, "r", "ana", "r", NOW + HOUR, NOW + 2 * HOUR))
          .isPresent();
    }
  }

  @Test
  void whatIsOverABudgetGoesToTheOverflowListByPriorityAndNothingIsDropped() {
    var config =
        new DeskConfig(Duration.ofDays(90), 1_000, Duration.ofDays(1), 1, TestDesk.CONFIG.rules());
    try (TestDesk desk = new TestDesk(data, config)) {
      desk.take(arrival(1, "other"), arrival(2, "other"), arrival(3, "mules"), arrival(4, "mules"));
      desk.take(arrival(5, "mules"), arrival(6, "other"), arrival(6, "large"));
      assertThat(desk.ids(State.OVERFLOW, NOW)).containsExactly(id(5), id(2));
      // A rule without a limit of its own carries the item.
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(6), id(4), id(3), id(1));
      desk.take(NOW + 24 * HOUR, arrival(7, "other"));
      assertThat(desk.ids(State.NEW, NOW)).contains(id(7));
      assertThat(desk.desk.list(Filter.ALL, null, 100, NOW)).hasSize(7);
      var registry = new SimpleMeterRegistry();
      DeskMeters.register(registry, desk.desk, () -> NOW).show(List.of("mules", "other"));
      assertThat(items(registry, "mules", "overflow")).isEqualTo(1);
      assertThat(items(registry, "mules", "new")).isEqualTo(2);
      assertThat(items(registry, "other", "closed")).isZero();
      var overflow = registry.get("concordat.agent.desk.overflow").functionCounter();
      assertThat(overflow.count()).isEqualTo(3);
    }
  }

  private static double items(MeterRegistry registry, String rule, String state) {
    return registry
        .get("concordat.agent.desk.items")
        .tag("rule", rule)
        .tag("state", state)
        .gauge()
        .value();
  }

  @Test
  void verdictsCloseAreKeptAndMakeARulesPrecision() {
    try (TestDesk desk = open()) {
      for (long i = 1; i <= 5; i++) {
        desk.take(arrival(i, "large"));
      }
      judge(desk, 1, Verdict.Finding.UNSURE, "ana");
      judge(desk, 1, Verdict.Finding.FRAUD, "bo");
      judge(desk, 2, Verdict.Finding.FALSE_ALARM, "bo");
      judge(desk, 3, Verdict.Finding.FRAUD, "bo");
      judge(desk, 4, Verdict.Finding.UNSURE, "bo");
      assertThat(desk.desk.judge(id(9), new Verdict(Verdict.Finding.FRAUD, "bo", NOW, "")))
          .isEqualTo(Desk.Done.UNKNOWN);
    }
    try (TestDesk desk = open()) {
      assertThat(desk.ids(State.CLOSED, NOW)).containsExactly(id(4), id(3), id(2), id(1));
      assertThat(desk.item(1).verdicts()).extracting(Verdict::by).containsExactly("ana", "bo");
      Precision precision = desk.desk.precision().getFirst();
      assertThat(precision).isEqualTo(new Precision("large", 2, 1, 1, 1));
      assertThat(precision.ratio().orElseThrow()).isEqualTo(2.0 / 3);
      assertThat(new Precision("r", 0, 0, 1, 1).ratio()).isEmpty();
      assertThat(deeds(desk)).containsExactly("judged", "judged", "judged", "judged", "judged");
    }
  }

  private static void judge(TestDesk desk, long transaction, Verdict.Finding finding, String by) {
    assertThat(desk.desk.judge(id(transaction), new Verdict(finding, by, NOW, "seen")))
        .isEqualTo(Desk.Done.DONE);
  }

  private static List<String> deeds(TestDesk desk) {
    return desk.desk.audit().after(-1, 100).stream().map(e -> e.getString("deed")).toList();
  }

  @Test
  void verdictsOnOneItemAreBounded() {
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"));
      for (int i = 0; i < Desk.VERDICTS_MAX; i++) {
        judge(desk, 1, Verdict.Finding.UNSURE, "ana");
      }
      assertThat(desk.desk.judge(id(1), new Verdict(Verdict.Finding.FRAUD, "ana", NOW, "")))
          .isEqualTo(Desk.Done.TOO_MANY);
    }
  }

  @Test
  void itemsGoByAgeAndByNumber() {
    var config = new DeskConfig(Duration.ofDays(10), 3, Duration.ofDays(1), 0, Map.of());
    try (TestDesk desk = new TestDesk(data, config)) {
      desk.take(arrival(1, "large"), arrival(2, "large"), arrival(3, "large"));
      desk.take(NOW + HOUR, arrival(4, "large"));
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(4), id(3), id(2));
      desk.desk.expire(NOW + Duration.ofDays(10).toMillis() + 1);
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(4));
    }
    try (TestDesk desk = new TestDesk(data, config)) {
      assertThat(desk.ids(State.NEW, NOW)).containsExactly(id(4));
      assertThat(desk.desk.groups(Filter.ALL, Long.MAX_VALUE, 10, NOW)).hasSize(1);
    }
  }

  @Test
  void theAuditLogGoesByAgeAndByNumberAndItsNumbersGoOn() {
    try (TestDesk desk = open()) {
      var log = new AuditLog(desk.store.desk(), Duration.ofDays(1), 3);
      for (int i = 0; i < 5; i++) {
        log.add("ana", AuditLog.Deed.LISTED, new JsonObject(), NOW + i);
      }
      log.expire(NOW + 5);
      assertThat(log.after(-1, 100))
          .extracting(e -> e.getLong("number"))
          .containsExactly(2L, 3L, 4L);
      log.expire(NOW + Duration.ofDays(2).toMillis());
      assertThat(log.after(-1, 100)).hasSize(1);
      var again = new AuditLog(desk.store.desk(), Duration.ofDays(1), 3);
      again.add("bo", AuditLog.Deed.OPENED, new JsonObject(), NOW);
      assertThat(again.after(4, 100).getFirst().getLong("number")).isEqualTo(5);
    }
  }

  @Test
  void pagesFollowOneAnotherAlsoWhileItemsCome() {
    try (TestDesk desk = open()) {
      for (long i = 1; i <= 5; i++) {
        desk.take(arrival(i, "large"));
      }
      List<String> read = new ArrayList<>();
      Desk.Place place = null;
      for (List<Seen> page = desk.desk.list(Filter.ALL, place, 2, NOW);
          !page.isEmpty();
          page = desk.desk.list(Filter.ALL, place, 2, NOW)) {
        page.forEach(seen -> read.add(seen.item().id()));
        Item last = page.getLast().item();
        place = new Desk.Place(last.priority(), last.number());
        desk.take(arrival(100 + read.size(), "large"));
        // An item that gets one more reason keeps its place.
        desk.take(arrival(1, "rule-" + read.size()));
      }
      assertThat(read).containsExactly(id(5), id(4), id(3), id(2), id(1));
    }
  }

  @Test
  void whoFollowsGetsWhatComesInOrder() throws Exception {
    try (TestDesk desk = open()) {
      desk.take(arrival(1, "large"));
      long change = desk.desk.lastChange();
      var next =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return desk.desk.follow(Filter.ALL, change, 10, 30_000, () -> NOW);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      desk.take(arrival(2, "large"), arrival(1, "mules"));
      assertThat(next.get(30, TimeUnit.SECONDS))
          .extracting(seen -> seen.item().id())
          .containsExactly(id(2), id(1));
      assertThat(desk.desk.follow(Filter.ALL, desk.desk.lastChange(), 10, 1, () -> NOW)).isEmpty();
      desk.desk.close();
      assertThat(desk.desk.follow(Filter.ALL, desk.desk.lastChange(), 10, 30_000, () -> NOW))
          .isEmpty();
    }
  }

  @Test
  void noPlaintextIsOnTheDisk() throws IOException {
    try (TestDesk desk = open()) {
      desk.take(of(1, "Zyrfnwq-IBAN-77", NOW));
      desk.desk.snooze(Snooze.Scope.ACCOUNT, "Zyrfnwq-IBAN-77", "ana", "r", NOW, NOW + HOUR);
    }
    try (var files = Files.walk(data)) {
      Set<Path> found =
          files
              .filter(Files::isRegularFile)
              .filter(DeskTest::holdsTheAccount)
              .collect(Collectors.toSet());
      assertThat(found).isEmpty();
    }
  }

  private static boolean holdsTheAccount(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("Zyrfnwq");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
