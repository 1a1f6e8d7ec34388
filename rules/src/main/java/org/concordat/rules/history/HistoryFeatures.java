package org.concordat.rules.history;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.jspecify.annotations.Nullable;

/**
 * Fills a row's history features from what came before it, and remembers the row.
 *
 * <p>A payment sees the payments of its account that were accepted before it and whose event time
 * lies in the window that ends at its own; never itself. What was accepted later it doesn't see,
 * however early its event time. A value beyond the feature's range counts as the end of the range:
 * that an account pays often is no reason to refuse the payment.
 *
 * <p>Not thread-safe; rows are taken in the order of acceptance.
 */
public final class HistoryFeatures {
  /** Accounts, and beneficiaries of one, without a payment for so long are forgotten. */
  public static final Duration HORIZON = Duration.ofDays(180);

  /**
   * A payment further ahead of all before it is not remembered, so that one wrong date doesn't make
   * all that follows late; event time moves on by so much at most.
   */
  public static final Duration AHEAD_MAX = Duration.ofDays(31);

  private static final int MEMORY_ACCOUNTS_MAX = 1_000_000;
  private static final int MEMORY_BENEFICIARIES_MAX = 4_000_000;

  /** What became of a row. */
  public enum Taken {
    REMEMBERED,
    /** The contract has no history, or the caller didn't want the row remembered. */
    NOT_REMEMBERED,
    /** The row's event time is too far ahead to be believed. */
    AHEAD,
    /** There was no room for a new account or beneficiary. */
    FULL
  }

  /** One feature and where its value goes. */
  private record Target(Feature feature, int field, int amount) {}

  private final HistoryShape shape;
  private final HistoryIds ids;
  private final HistoryState state;
  private final List<Target> targets = new ArrayList<>();
  private final boolean needsBeneficiaries;

  public HistoryFeatures(FeatureContract contract, HistoryIds ids, HistoryState state) {
    this.shape = new HistoryShape(contract);
    this.ids = ids;
    this.state = state;
    this.needsBeneficiaries = HistoryShape.needsBeneficiaries(contract);
    for (Feature feature : contract.features()) {
      if (feature.type().isHistory()) {
        String over = feature.history().over();
        int amount = over == null ? -1 : shape.indexOfAmount(over);
        targets.add(new Target(feature, contract.fieldOf(feature.name()), amount));
      }
    }
  }

  /** In memory alone, under a key that nobody keeps. */
  public static HistoryFeatures inMemory(FeatureContract contract) {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return new HistoryFeatures(
        contract,
        new HistoryIds(new SecretKeySpec(key, "HmacSHA256")),
        new MemoryHistory(MEMORY_ACCOUNTS_MAX, MEMORY_BENEFICIARIES_MAX));
  }

  /**
   * Fills in a row's history features, in its own fields.
   *
   * @param remember whether later rows see this one; a later version of a row was counted already
   */
  public Taken take(EncodedRow row, long acceptedMillis, boolean remember) {
    if (targets.isEmpty()) {
      return Taken.NOT_REMEMBERED;
    }
    HistoryId account = ids.account(row.account());
    byte[] paid = needsBeneficiaries ? row.beneficiary() : new byte[0];
    HistoryId beneficiary = paid.length == 0 ? null : ids.beneficiary(account, paid);
    HistoryState.Known known = state.known(account, beneficiary);
    long oldest = acceptedMillis - HORIZON.toMillis();
    AccountHistory history = known.account();
    if (history == null || history.acceptedMillis() < oldest) {
      history = new AccountHistory(shape);
    }
    boolean isFirst = beneficiary != null && known.beneficiaryMillis() < oldest;
    fill(row.fields(), row.eventMillis(), history, isFirst);
    return remember
        ? remember(row, acceptedMillis, account, history, beneficiary)
        : Taken.NOT_REMEMBERED;
  }

  private Taken remember(
      EncodedRow row,
      long acceptedMillis,
      HistoryId account,
      AccountHistory history,
      @Nullable HistoryId beneficiary) {
    long event = row.eventMillis();
    long clock = state.clockMillis();
    long latest = clock == HistoryState.NEVER ? event : clock + AHEAD_MAX.toMillis();
    if (event > clock) {
      state.clock(Math.min(event, latest));
    }
    if (event > latest) {
      return Taken.AHEAD;
    }
    history.remember(event, acceptedMillis, shape.amountsOf(row.fields()));
    return state.remember(account, history, beneficiary, acceptedMillis)
        ? Taken.REMEMBERED
        : Taken.FULL;
  }

  private void fill(long[] fields, long event, AccountHistory history, boolean isFirst) {
    for (Target target : targets) {
      Feature feature = target.feature();
      Long value = value(target, fields, event, history, isFirst);
      if (feature.optional()) {
        fields[target.field() + 1] = value == null ? 1 : 0;
      }
      long known = value == null ? feature.whenMissing() : Math.min(value, feature.max());
      fields[target.field()] = feature.fieldValue(known);
    }
  }

  /** Nothing where the feature says that it is missing. */
  private @Nullable Long value(
      Target target, long[] fields, long event, AccountHistory history, boolean isFirst) {
    Feature feature = target.feature();
    return switch (feature.type()) {
      case HISTORY_COUNT ->
          history.count(Objects.requireNonNull(feature.history().window()), event);
      case HISTORY_SUM ->
          history.sum(Objects.requireNonNull(feature.history().window()), target.amount(), event);
      case SECONDS_SINCE_LAST -> secondsSinceLast(feature, event, history);
      case FIRST_TO_BENEFICIARY -> isFirst ? 1L : 0L;
      case RATIO_TO_USUAL -> {
        long amount = shape.amountsOf(fields)[target.amount()];
        Long ratio = history.ratio(target.amount(), amount, scale(feature.decimals()));
        yield ratio == null && !feature.optional() ? (Long) 0L : ratio;
      }
      case AMOUNT,
          ORIGINAL_AMOUNT,
          CURRENCY,
          INTEGER,
          DECIMAL,
          FLAG,
          CATEGORY,
          BINS,
          HOUR_OF_DAY,
          DAY_OF_WEEK,
          ENTITY ->
          throw new IllegalStateException("no history feature");
    };
  }

  private static @Nullable Long secondsSinceLast(
      Feature feature, long event, AccountHistory history) {
    if (history.lastMillis() == HistoryState.NEVER) {
      return feature.optional() ? null : (Long) feature.max();
    }
    return Math.max(0, event - history.lastMillis()) / 1_000;
  }

  private static long scale(int decimals) {
    long scale = 1;
    for (int i = 0; i < decimals; i++) {
      scale *= 10;
    }
    return scale;
  }

  @Override
  public String toString() {
    return "HistoryFeatures[" + targets.size() + " features]";
  }
}
