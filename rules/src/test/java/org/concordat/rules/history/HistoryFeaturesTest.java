package org.concordat.rules.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.history.HistoryFeatures.Taken;
import org.concordat.rules.history.Payments.Payment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFeaturesTest {
  private static final long NOON = Duration.ofDays(20_000).toMillis() + 43_200_000;
  private static final long MINUTE = 60_000;
  private static final long DAY = 86_400_000;
  private static final int SINCE = 8;
  private static final int FIRST = 10;
  private static final int RATIO = 11;
  private static final int NOTHING_USUAL = 12;

  @TempDir Path folder;

  private FeatureContract contract;
  private RowEncoder encoder;
  private HistoryFeatures features;
  private int number;

  @BeforeEach
  void read() throws IOException {
    contract = Payments.contract(folder);
    encoder = Payments.encoder(contract);
    features = HistoryFeatures.inMemory(contract);
  }

  private static HistoryIds ids() {
    return new HistoryIds(new SecretKeySpec(new byte[32], "HmacSHA256"));
  }

  private long[] take(long millis, String beneficiary, long cents) {
    return take(new Payment(number++, millis, "A", beneficiary, cents));
  }

  private long[] take(Payment payment) {
    EncodedRow row = Payments.encode(encoder, payment);
    features.take(row, 0, true);
    return Payments.history(row);
  }

  @Test
  void everyValueIsThatOfAWholeRecomputation() {
    for (long seed = Seeds.seed(); seed < Seeds.seed() + 30; seed++) {
      features = HistoryFeatures.inMemory(contract);
      var naive = new NaiveHistory();
      for (Payment payment : Payments.random(seed, 400)) {
        assertThat(take(payment)).as("seed %s, %s", seed, payment).isEqualTo(naive.take(payment));
      }
    }
  }

  /** As a store does that keeps bytes and remembers nothing. */
  @Test
  void whatIsEncodedIsReadAsItWas() {
    for (long seed = Seeds.seed(); seed < Seeds.seed() + 5; seed++) {
      var state = new EncodedState();
      features = new HistoryFeatures(contract, ids(), state);
      var naive = new NaiveHistory();
      for (Payment payment : Payments.random(seed, 300)) {
        assertThat(take(payment)).as("seed %s", seed).isEqualTo(naive.take(payment));
      }
      assertThat(state.bytes.values()).allMatch(bytes -> bytes.length < 2_000);
    }
  }

  @Test
  void aPaymentDoesNotSeeItself() {
    long[] first = take(NOON, "B", 500);
    assertThat(first).startsWith(0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(first[SINCE + 1]).as("no payment before").isEqualTo(1);
    assertThat(first[FIRST]).isEqualTo(1);
    long[] second = take(NOON + MINUTE, "B", 700);
    assertThat(second).startsWith(1, 500, 1, 500, 1, 500, 1, 500);
    assertThat(second[SINCE]).isEqualTo(60);
    assertThat(second[FIRST]).isZero();
  }

  @Test
  void aWindowReachesBackByItsLengthLessAtMostOnePane() {
    take(NOON, "B", 500);
    assertThat(take(NOON + 59 * MINUTE, "B", 0)[0]).isEqualTo(1);
    assertThat(take(NOON + 60 * MINUTE, "B", 0)[0]).as("only the one a minute ago").isEqualTo(1);
    assertThat(take(NOON + 23 * 60 * MINUTE, "B", 0)[2]).isEqualTo(3);
    assertThat(take(NOON + DAY, "B", 0)[2]).as("without the hour from noon on").isEqualTo(2);
  }

  @Test
  void aLatePaymentSeesWhatWasBeforeItAndIsSeenFromThenOn() {
    take(NOON, "B", 100);
    take(NOON + 30 * MINUTE, "B", 200);
    long[] late = take(NOON + 10 * MINUTE, "B", 400);
    assertThat(late).startsWith(1, 100);
    assertThat(late[SINCE]).as("the last is later").isZero();
    assertThat(take(NOON + 31 * MINUTE, "B", 0)).startsWith(3, 700);
  }

  @Test
  void oneLargePaymentDoesNotMakeTheNextLookOrdinary() {
    for (int i = 0; i < 3; i++) {
      assertThat(take(NOON + i, "B", 10_00)[NOTHING_USUAL]).isEqualTo(1);
    }
    assertThat(take(NOON + 3, "B", 50_00)[RATIO]).isEqualTo(5_00);
    long[] huge = take(NOON + 4, "B", 100_000_000_000L);
    assertThat(huge[RATIO]).as("the end of the range").isEqualTo(Payments.RATIO_MAX);
    // Four payments came to a mean of 20, so that one counted as 200.
    assertThat(take(NOON + 5, "B", 56_00)[RATIO]).isEqualTo(1_00);
  }

  @Test
  void manyPaymentsSaturateTheRangeAndRefuseNothing() {
    for (int i = 0; i < 20; i++) {
      assertThat(take(NOON + i, "B", 20_000_00)[0]).isEqualTo(Math.min(i, Payments.COUNT_MAX));
    }
    assertThat(take(NOON + 20, "B", 1)[1]).isEqualTo(Payments.SUM_MAX);
  }

  @Test
  void aWrongDateFarAheadIsNotRemembered() {
    take(NOON, "B", 100);
    var wrong = new Payment(number++, NOON + 36_500 * DAY, "A", "C", 900);
    EncodedRow row = Payments.encode(encoder, wrong);
    assertThat(features.take(row, 0, true)).isEqualTo(Taken.AHEAD);
    long[] next = take(NOON + MINUTE, "C", 5);
    assertThat(next).startsWith(1, 100);
    assertThat(next[FIRST]).isEqualTo(1);
    // A pause is bridged by the payments after it, a month each.
    assertThat(take(NOON + 60 * DAY, "B", 5)[0]).isZero();
    assertThat(take(NOON + 60 * DAY + 1, "B", 5)[0]).isEqualTo(1);
  }

  @Test
  void aLaterVersionSeesTheHistoryAndIsNotCountedAgain() {
    take(NOON, "B", 100);
    EncodedRow row = Payments.encode(encoder, new Payment(9, NOON + 1, "A", "C", 100));
    assertThat(features.take(row, 0, false)).isEqualTo(Taken.NOT_REMEMBERED);
    assertThat(Payments.history(row)).startsWith(1, 100);
    assertThat(take(NOON + 2, "C", 100)).startsWith(1, 100);
  }

  @Test
  void whoDoesNotPayForTheHorizonIsForgotten() {
    long horizon = HistoryFeatures.HORIZON.toMillis();
    for (long later : new long[] {horizon, horizon + 1}) {
      features = HistoryFeatures.inMemory(contract);
      features.take(Payments.encode(encoder, new Payment(1, NOON, "A", "B", 100)), 0, true);
      EncodedRow row = Payments.encode(encoder, new Payment(2, NOON + 1, "A", "B", 100));
      features.take(row, later, true);
      assertThat(Payments.history(row)[0]).isEqualTo(later == horizon ? 1 : 0);
      assertThat(Payments.history(row)[FIRST]).isEqualTo(later == horizon ? 0 : 1);
    }
  }

  @Test
  void beyondTheBoundWhatIsNewStaysNew() {
    features = new HistoryFeatures(contract, ids(), new MemoryHistory(1, 2));
    EncodedRow first = Payments.encode(encoder, new Payment(1, NOON, "A", "B", 1));
    assertThat(features.take(first, 0, true)).isEqualTo(Taken.REMEMBERED);
    for (int i = 2; i < 4; i++) {
      EncodedRow other = Payments.encode(encoder, new Payment(i, NOON, "X", "B", 1));
      assertThat(features.take(other, 0, true)).isEqualTo(Taken.FULL);
      assertThat(Payments.history(other)[0]).isZero();
    }
    for (String beneficiary : List.of("C", "D", "D")) {
      EncodedRow row = Payments.encode(encoder, new Payment(9, NOON, "A", beneficiary, 1));
      assertThat(features.take(row, 0, true))
          .isEqualTo(beneficiary.equals("C") ? Taken.REMEMBERED : Taken.FULL);
      assertThat(Payments.history(row)[FIRST]).isEqualTo(1);
    }
    assertThat(take(NOON, "C", 1)[0]).as("the account goes on").isEqualTo(4);
  }

  @Test
  void whatAnotherContractRememberedIsNotRead() throws IOException {
    byte[] bytes = new AccountHistory(new HistoryShape(contract)).encode();
    assertThat(AccountHistory.decode(new HistoryShape(contract), bytes)).isNotNull();
    String other = Payments.CONTRACT.replace("window: 7d", "window: 24h");
    java.nio.file.Files.writeString(folder.resolve("contract.yaml"), other);
    var problems = new org.concordat.schemas.problem.Problems();
    var read =
        FeatureContract.read(SourceFile.read(folder.resolve("contract.yaml")), problems)
            .orElseThrow();
    assertThat(AccountHistory.decode(new HistoryShape(read), bytes)).isNull();
  }

  private final class EncodedState implements HistoryState {
    final Map<HistoryId, byte[]> bytes = new HashMap<>();
    private final Map<HistoryId, Long> beneficiaries = new HashMap<>();
    private long clock = NEVER;

    @Override
    public long clockMillis() {
      return clock;
    }

    @Override
    public void clock(long millis) {
      clock = millis;
    }

    @Override
    public Known known(HistoryId account, @Nullable HistoryId beneficiary) {
      byte[] kept = bytes.get(account);
      return new Known(
          kept == null ? null : AccountHistory.decode(new HistoryShape(contract), kept),
          beneficiaries.getOrDefault(beneficiary, NEVER));
    }

    @Override
    public boolean remember(
        HistoryId account,
        AccountHistory history,
        @Nullable HistoryId beneficiary,
        long acceptedMillis) {
      bytes.put(account, history.encode());
      if (beneficiary != null) {
        beneficiaries.put(Objects.requireNonNull(beneficiary), acceptedMillis);
      }
      return true;
    }
  }
}
