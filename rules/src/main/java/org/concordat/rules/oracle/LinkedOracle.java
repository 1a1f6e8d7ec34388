package org.concordat.rules.oracle;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkState;
import org.concordat.rules.plan.Plan;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a plan whose rules link payments, batch after batch in commit order. Pseudonyms are the
 * low 64 bits of entities' hashes: which records they group is all that counts. Not thread-safe.
 */
public final class LinkedOracle {
  private final Plan plan;
  private final Oracle oracle;
  private final int epochDays;
  private final boolean namesMembers;
  private int epoch;
  private @Nullable LinkState state;
  private @Nullable LinkColumns derived;
  private long ahead;
  private Totals before = new Totals(0, 0, 0, 0, 0);

  /**
   * What didn't enter windows or paths, since the start.
   *
   * @param late additions to a window that records were too old for
   * @param full additions beyond a window's events
   * @param untracked additions of entities that there was no room for
   * @param repeated records whose payment or transaction had counted before
   * @param ahead records whose event time is too far after their commit
   */
  public record Totals(long late, long full, long untracked, long repeated, long ahead) {}

  /** For a plan without secret weights; else as below. */
  public LinkedOracle(Plan plan, int epochDays) {
    this(plan, Map.of(), epochDays);
  }

  /**
   * @param models the values of the plan's secret models, by rule
   * @param epochDays after which all that is linked is forgotten
   */
  public LinkedOracle(Plan plan, Map<String, long[]> models, int epochDays) {
    this(plan, models, epochDays, false);
  }

  /**
   * @param namesMembers whether {@link #derived} tells which earlier records make a path
   */
  public LinkedOracle(Plan plan, Map<String, long[]> models, int epochDays, boolean namesMembers) {
    this.namesMembers = namesMembers;
    this.plan = plan;
    this.oracle = new Oracle(plan, models);
    this.epochDays = epochDays;
  }

  /**
   * Evaluates every rule for the next records in commit order.
   *
   * @param columns by field of the plan's layout, each with at least a value for each row
   * @param banks by row: index of the submitting bank
   * @param minutes by row: event time, since 1970
   * @param transactions by row: an id that later versions of the same transaction have too
   * @param commitDay since 1970, in which the records were committed; never an earlier one
   */
  public Oracle.Result evaluate(
      long[][] columns, int[] banks, int[] minutes, long[] transactions, int commitDay) {
    int rows = banks.length;
    if (plan.link().isEmpty() || rows == 0) {
      return oracle.evaluate(columns, rows);
    }
    LinkSpec spec = plan.link().get();
    LinkState current = state(spec, commitDay);
    boolean[] counted = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      counted[row] = LinkRows.isInTime(minutes[row], commitDay);
      ahead += counted[row] ? 0 : 1;
    }
    var linked =
        new LinkRows(
            pseudonyms(spec, columns, rows),
            banks,
            minutes,
            transactions,
            counted,
            new long[][][] {admitted(spec, columns, rows)});
    derived = current.derive(linked);
    current.commit();
    return oracle.evaluate(inputs(spec, columns, derived), rows);
  }

  private LinkState state(LinkSpec spec, int commitDay) {
    int current = Math.floorDiv(commitDay, epochDays);
    if (state == null || current > epoch) {
      before = totals();
      ahead = 0;
      epoch = current;
      state = new LinkState(spec, 1, namesMembers);
    }
    return state;
  }

  private static long[][] pseudonyms(LinkSpec spec, long[][] columns, int rows) {
    return spec.entities().stream()
        .map(entity -> Arrays.copyOf(columns[entity.field()], rows))
        .toArray(long[][]::new);
  }

  /** A value outside its range counts as 0: a bank may send anything. */
  private static long[][] admitted(LinkSpec spec, long[][] columns, int rows) {
    long[][] admitted = new long[spec.values().size()][rows];
    for (int value = 0; value < admitted.length; value++) {
      LinkSpec.ValueField field = spec.values().get(value);
      for (int row = 0; row < rows; row++) {
        admitted[value][row] = field.admitted(columns[field.field()][row]);
      }
    }
    return admitted;
  }

  private static long[][] inputs(LinkSpec spec, long[][] columns, LinkColumns derived) {
    List<LinkSpec.Derived> kinds = spec.derived();
    long[][] inputs = Arrays.copyOf(columns, columns.length + kinds.size());
    for (int column = 0; column < kinds.size(); column++) {
      inputs[columns.length + column] =
          switch (kinds.get(column)) {
            case LinkSpec.Shared unused -> derived.shared(0, column);
            case LinkSpec.Public unused -> derived.open(column);
          };
    }
    return inputs;
  }

  /**
   * What the last batch's rows got from earlier ones; nothing before, or where nothing is linked.
   * Places of members count from the epoch's first record.
   */
  public Optional<LinkColumns> derived() {
    return Optional.ofNullable(derived);
  }

  /** All that was counted, over all epochs. */
  public Totals totals() {
    if (state == null) {
      return before;
    }
    LinkState.Counters now = state.counters();
    return new Totals(
        before.late + now.late(),
        before.full + now.full(),
        before.untracked + now.untracked(),
        before.repeated + now.repeated(),
        before.ahead + ahead);
  }

  /** Entities that are remembered. */
  public int entities() {
    return state == null ? 0 : state.counters().entities();
  }

  @Override
  public String toString() {
    return "LinkedOracle[" + plan.ruleSet() + "@" + plan.version() + "]";
  }
}
