package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.DetailComponent;
import org.concordat.schemas.record.Id128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertAssemblerTest {
  private static final long WAIT = 1_000;
  private static final int LONE_MAX = 4;
  private static final int CONFIRMED_MAX = 3;

  private final List<Code> incidents = new ArrayList<>();
  private final AlertAssembler assembler =
      new AlertAssembler(
          TestAlert.PARTIES,
          WAIT,
          new AlertAssembler.Limits(LONE_MAX, CONFIRMED_MAX),
          share ->
              share.share().getRuleSet().equals(TestAlert.RULE_SET)
                      && share.detail().getRule().equals("risk")
                  ? Optional.of(TestAlert.RISK)
                  : Optional.empty(),
          (code, share) -> incidents.add(code));

  private static TestAlert alert(long transaction) {
    return new TestAlert(transaction, -transaction * 1_000_003, transaction & 3);
  }

  private static void isVerified(Optional<AssembledAlert> assembled, TestAlert alert) {
    isComplete(assembled, alert);
    assertThat(assembled.orElseThrow().doubt()).isEmpty();
  }

  private static void isComplete(Optional<AssembledAlert> assembled, TestAlert alert) {
    assertThat(assembled).isPresent();
    assertThat(assembled.get().score()).hasValue(alert.score);
    assertThat(assembled.get().reasonBits()).isEqualTo(alert.reasons);
  }

  private static void isBare(Optional<AssembledAlert> assembled, Code doubt) {
    assertThat(assembled).isPresent();
    assertThat(assembled.get().doubt()).contains(doubt);
    assertThat(assembled.get().output()).isEmpty();
    assertThat(assembled.get().score()).isEmpty();
    assertThat(assembled.get().reasonBits()).isZero();
  }

  @Test
  void threeSharesThatFitAreAVerifiedAlertAtOnce() {
    TestAlert alert = alert(1);
    assertThat(assembler.take(alert.opened(2, 0), 0)).isEmpty();
    assertThat(assembler.take(alert.opened(0, 1), 0)).isEmpty();
    isVerified(assembler.take(alert.opened(1, 2), 0), alert);
    assertThat(assembler.pending()).isZero();
    assertThat(incidents).isEmpty();
  }

  @Test
  void anEarlierRecordOfAPatternIsAlertedWithoutWords() {
    TestAlert alert = alert(1);
    alert.memberOf = new Id128(new byte[16]);
    assembler.take(alert.opened(0, 0), 0);
    assembler.take(alert.opened(1, 1), 0);
    AssembledAlert assembled = assembler.take(alert.opened(2, 2), 0).orElseThrow();
    assertThat(assembled.doubt()).isEmpty();
    assertThat(assembled.first().isEarlier()).isTrue();
    assertThat(assembled.score()).isEmpty();
    assertThat(assembled.reasonBits()).isZero();
  }

  @Test
  void sharesOfDifferentPatternsDoNotFit() {
    TestAlert alert = alert(1);
    TestAlert other = alert(1);
    alert.memberOf = new Id128(new byte[16]);
    other.memberOf = new Id128(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    assembler.take(alert.opened(0, 0), 0);
    assembler.take(alert.opened(1, 1), 0);
    isBare(assembler.take(other.opened(2, 2), 0), Code.CDT_707);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,2", "2,0"})
  void twoSharesAreAnUnverifiedAlertAfterTheWait(int one, int other) {
    TestAlert alert = alert(9);
    assembler.take(alert.opened(one, 0), 0);
    // The wait starts with the second share: however late it is, the third has its time.
    assembler.take(alert.opened(other, 1), 5 * WAIT);
    assertThat(assembler.tick(6 * WAIT - 1)).isEmpty();
    List<AssembledAlert> done = assembler.tick(6 * WAIT);
    assertThat(done).hasSize(1);
    isComplete(Optional.of(done.getFirst()), alert);
    assertThat(done.getFirst().doubt()).contains(Code.CDT_709);
    assertThat(assembler.pending()).isZero();
  }

  @Test
  void oneShareIsNoAlertHoweverLongItWaits() {
    assembler.take(alert(1).opened(0, 0), 0);
    assembler.take(alert(1).opened(0, 7), 0);
    assertThat(assembler.tick(Long.MAX_VALUE / 2)).isEmpty();
    assertThat(assembler.pending()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "1,0", "1,1", "2,0", "2,1"})
  void aComponentThatDiffersFromItsSecondCopyIsShownToNobody(int liar, int component) {
    TestAlert alert = alert(1);
    AlertDetail lie = alert.detail(liar);
    var words = lie.getComponents().get(component).getWords();
    words.put(3, (byte) (words.get(3) + 1));
    Optional<AssembledAlert> assembled = Optional.empty();
    for (int i = 0; i < TestAlert.PARTIES; i++) {
      assembled = assembler.take(alert.opened(i, i, i == liar ? lie : alert.detail(i)), 0);
    }
    isBare(assembled, Code.CDT_707);
  }

  @Test
  void twoSharesThatDifferAreAnUnverifiedAlertWithoutDetails() {
    TestAlert alert = alert(1);
    AlertDetail lie = alert.detail(1);
    var words = lie.getComponents().getFirst().getWords();
    words.put(0, (byte) ~words.get(0));
    assembler.take(alert.opened(0, 0), 0);
    assembler.take(alert.opened(1, 1, lie), 0);
    isBare(assembler.tick(WAIT).stream().findFirst(), Code.CDT_707);
  }

  @ParameterizedTest
  @ValueSource(strings = {"index", "length", "number", "row", "alertSequence"})
  void sharesOfAnotherShapeDoNotFit(String what) {
    TestAlert alert = alert(1);
    AlertDetail right = alert.detail(1);
    List<DetailComponent> given = right.getComponents();
    DetailComponent first = given.getFirst();
    TestAlert other = alert(1);
    AlertDetail wrong =
        switch (what) {
          case "index" -> with(right, List.of(new DetailComponent(0, first.getWords()), first));
          case "length" ->
              with(
                  right,
                  List.of(new DetailComponent(1, first.getWords().slice(0, 8)), given.get(1)));
          case "number" -> with(right, List.of(first));
          case "row" -> {
            other.row = 8;
            yield other.detail(1);
          }
          default -> {
            other.number = 8;
            yield right;
          }
        };
    assembler.take(alert.opened(0, 0), 0);
    assembler.take(other.opened(1, 1, wrong), 0);
    isBare(assembler.take(alert.opened(2, 2), 0), Code.CDT_707);
  }

  private static AlertDetail with(AlertDetail detail, List<DetailComponent> components) {
    return new AlertDetail(
        detail.getRule(),
        detail.getTransactionId(),
        detail.getSequence(),
        detail.getRow(),
        components,
        detail.getMemberOf());
  }

  @Test
  void sharesOfDifferentAttemptsAndCutsAreNeverPutTogether() {
    TestAlert first = alert(1);
    TestAlert second = alert(1);
    second.attempt = 1;
    TestAlert otherCut = alert(1);
    otherCut.cut = 2;
    assembler.take(first.opened(0, 0), 0);
    assembler.take(second.opened(1, 1), 0);
    assembler.take(otherCut.opened(2, 2), 0);
    assertThat(assembler.tick(10 * WAIT)).isEmpty();
    assertThat(assembler.pending()).isEqualTo(3);

    assembler.take(second.opened(0, 3), 0);
    isVerified(assembler.take(second.opened(2, 4), 0), second);
    // What was left of the other attempts doesn't wait for ever.
    assembler.forget(Set.of(second.opened(0, 0).alert()));
    assertThat(assembler.pending()).isZero();
  }

  @Test
  void aShareThatComesAgainCountsOnce() {
    TestAlert alert = alert(1);
    assembler.take(alert.opened(0, 0), 0);
    assembler.take(alert.opened(0, 1), 0);
    assembler.take(alert.opened(1, 2), 0);
    assertThat(assembler.take(alert.opened(1, 3), 0)).isEmpty();
    isVerified(assembler.take(alert.opened(2, 4), 0), alert);
  }

  @Test
  void aRuleSetOrRuleThatIsNotKnownLeavesTheFlag() {
    for (TestAlert alert :
        List.of(
            alert(1).ofRule("risk", TestAlert.digest(5)),
            alert(2).ofRule("new-rule", TestAlert.RULE_SET))) {
      assembler.take(alert.opened(0, 0), 0);
      assembler.take(alert.opened(1, 1), 0);
      isBare(assembler.take(alert.opened(2, 2), 0), Code.CDT_708);
    }
  }

  @Test
  void anAggregatorsFloodPushesOutItsOwnSharesOnly() {
    TestAlert honest = alert(100);
    assembler.take(honest.opened(0, 0), 0);
    for (int i = 0; i < LONE_MAX; i++) {
      assembler.take(alert(i).opened(2, i), 0);
    }
    assertThat(incidents).isEmpty();
    assembler.take(alert(LONE_MAX).opened(2, LONE_MAX), 0);
    assertThat(incidents).containsExactly(Code.CDT_710);
    assertThat(assembler.pending()).isEqualTo(1 + LONE_MAX);

    assembler.take(honest.opened(1, 9), 0);
    isComplete(assembler.tick(WAIT).stream().findFirst(), honest);
    // The oldest of the flood is gone, the next is there.
    assembler.take(alert(0).opened(1, 10), 0);
    assembler.take(alert(1).opened(1, 11), 0);
    assertThat(assembler.tick(WAIT)).hasSize(1);
  }

  @Test
  void beyondTheLimitTheOldestAlertWaitsNoLonger() {
    for (int i = 0; i < CONFIRMED_MAX; i++) {
      assembler.take(alert(i).opened(0, i), 0);
      assertThat(assembler.take(alert(i).opened(1, i), 0)).isEmpty();
    }
    assembler.take(alert(50).opened(0, 50), 0);
    Optional<AssembledAlert> oldest = assembler.take(alert(50).opened(1, 50), 0);
    isComplete(oldest, alert(0));
    assertThat(oldest.orElseThrow().doubt()).contains(Code.CDT_709);
  }

  @Test
  void tellsTheOldestOffsetOfEveryPartitionThatWaits() {
    TestAlert there = alert(2);
    there.partition = 1;
    assembler.take(there.opened(1, 3), 0);
    assembler.take(alert(1).opened(0, 8), 0);
    assembler.take(alert(3).opened(2, 6), 0);
    assembler.take(alert(3).opened(1, 7), 0);
    assertThat(assembler.oldestOffsets()).isEqualTo(Map.of(0, 6L, 1, 3L));
    assembler.take(alert(3).opened(0, 9), 0);
    assertThat(assembler.oldestOffsets()).isEqualTo(Map.of(0, 8L, 1, 3L));
  }

  @Test
  void everyAlertComesOnceWhateverTheOrder() {
    String property = System.getProperty("concordat.seed", "1");
    long seed = property.matches("-?[0-9]+") ? Long.parseLong(property) : 1;
    var random = new Random(seed);
    var wide =
        new AlertAssembler(
            TestAlert.PARTIES,
            WAIT,
            AlertAssembler.Limits.DEFAULT,
            share -> Optional.of(TestAlert.RISK),
            (code, share) -> incidents.add(code));
    List<OpenedShare> shares = new ArrayList<>();
    Map<Long, TestAlert> alerts = new HashMap<>();
    for (long t = 0; t < 500; t++) {
      var alert = new TestAlert(t, random.nextLong(), random.nextInt(4));
      alerts.put(t, alert);
      for (int i = 0; i < TestAlert.PARTIES; i++) {
        shares.add(alert.opened(i, t));
      }
    }
    Collections.shuffle(shares, random);
    for (OpenedShare share : shares) {
      wide.take(share, 0)
          .ifPresent(
              assembled -> {
                var buffer = assembled.first().detail().getTransactionId().bytes();
                long transaction = java.nio.ByteBuffer.wrap(buffer).getLong();
                TestAlert alert = alerts.remove(transaction);
                assertThat(alert).as("seed %d, transaction %d", seed, transaction).isNotNull();
                isVerified(Optional.of(assembled), alert);
              });
    }
    assertThat(alerts).isEmpty();
    assertThat(wide.pending()).isZero();
    assertThat(incidents).isEmpty();
  }

  @Test
  void nothingOfTheDetailsIsPrinted() {
    TestAlert alert = new TestAlert(3, 123_456_789L, 1);
    OpenedShare share = alert.opened(0, 4);
    assembler.take(share, 0);
    assembler.take(alert.opened(1, 5), 0);
    AssembledAlert assembled = assembler.take(alert.opened(2, 6), 0).orElseThrow();
    assertThat(assembled.toString()).doesNotContain("123456789");
    assertThat(share.toString()).isEqualTo("OpenedShare[aggregator=0, offset=4]");
  }
}
