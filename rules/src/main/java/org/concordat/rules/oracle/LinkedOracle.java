package org.concordat.rules.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkMemory;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkState;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a plan whose rules link payments, batch after batch in commit order. Pseudonyms are the
 * low 64 bits of entities' hashes: which records they group is all that counts. Not thread-safe.
 */
public final class LinkedOracle {
  private Plan plan;
  private Oracle oracle;
  private final int epochDays;
  private final boolean namesMembers;
  private int epoch;
  private @Nullable LinkMemory state;
  private @Nullable LinkColumns derived;
  private Alerted alerted = new Alerted();
  private List<MemberAlerts.Chosen> members = List.of();
  private long ahead;
  private Totals before = new Totals(0, 0, 0, 0, 0, 0);

  /**
   * What didn't enter windows or paths, since the start.
   *
   * @param late additions to a window that records were too old for
   * @param full additions beyond a window's events
   * @param untracked additions of entities that there was no room for
   * @param repeated records whose payment or transaction had counted before
   * @param ahead records whose event time is too far after their commit
   * @param cutShort searches that ended at the most payments that are looked at
   */
  public record Totals(
      long late, long full, long untracked, long repeated, long ahead, long cutShort) {}

  /** For a plan without secret weights; else as below. */
  public LinkedOracle(Plan plan, int epochDays) {
    this(plan, Map.of(), epochDays);
  }

  /**
   * @param models the values of the plan's secret models, by rule
   * @param epochDays after which all that is linked is forgotten, or carried where the plan says so
   */
  public LinkedOracle(Plan plan, Map<String, long[]> models, int epochDays) {
    this(plan, models, epochDays, false);
  }

  /**
   * @param namesMembers whether {@link #derived} tells which earlier records make a path
   */
  public LinkedOracle(Plan plan, Map<String, long[]> models, int epochDays, boolean namesMembers) {
    this.namesMembers = namesMembers || plan.namesMembers();
    this.plan = plan;
    this.oracle = new Oracle(plan, models);
    this.epochDays = epochDays;
  }

  /**
   * Evaluates the next records by another plan, without secret weights: of the same contract and
   * links, so that what is remembered goes on.
   */
  public void follow(Plan next) {
    if (!next.link().equals(plan.link()) || (next.namesMembers() && !namesMembers)) {
      throw new IllegalArgumentException("a plan that remembers something else");
    }
    plan = next;
    oracle = new Oracle(next);
  }

  /** By which the next records are evaluated. */
  public Plan plan() {
    return plan;
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
    return evaluate(
        columns,
        banks,
        minutes,
        transactions,
        new long[2][rows],
        new boolean[rows],
        LinkRows.lastMinute(commitDay));
  }

  /**
   * The same for rows that may be flagged, after which {@link #members} tells of earlier ones.
   *
   * @param ids first and second halves of the rows' transaction ids
   * @param live by row: false for history, which is never flagged
   * @param commitMinute since 1970, of a day that is never before the last one's
   */
  public Oracle.Result evaluate(
      long[][] columns,
      int[] banks,
      int[] minutes,
      long[] transactions,
      long[][] ids,
      boolean[] live,
      long commitMinute) {
    int rows = banks.length;
    members = List.of();
    if (plan.link().isEmpty() || rows == 0) {
      return oracle.evaluate(columns, rows);
    }
    LinkSpec spec = plan.link().get();
    LinkMemory current = state(spec, Math.floorDiv(commitMinute, LinkRows.DAY_MINUTES));
    boolean[] counted = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      counted[row] = LinkRows.isInTime(minutes[row], commitMinute);
      ahead += counted[row] ? 0 : 1;
    }
    var linked =
        new LinkRows(
            pseudonyms(spec, columns, rows),
            banks,
            minutes,
            transactions,
            counted,
            new long[][][] {admitted(spec, columns, rows)},
            ids,
            live);
    derived = current.derive(linked);
    current.commit();
    Oracle.Result result = oracle.evaluate(inputs(spec, columns, derived), rows);
    if (plan.namesMembers()) {
      members = members(derived, result, live);
    }
    return result;
  }

  private List<MemberAlerts.Chosen> members(
      LinkColumns columns, Oracle.Result result, boolean[] live) {
    List<MemberAlerts.Flag> flags = new ArrayList<>();
    for (int row = 0; row < live.length; row++) {
      for (int output = 0; output < plan.outputs().size(); output++) {
        if (live[row] && plan.outputs().get(output).live() && result.flagged(output, row)) {
          flags.add(new MemberAlerts.Flag(output, row, result.slotBits(output, row)));
        }
      }
    }
    Alerted before = alerted;
    var limits =
        new MemberAlerts.Limits() {
          @Override
          public boolean isSent(String rule, long place) {
            return before.contains(rule, place);
          }

          @Override
          public boolean take(String rule, int bank) {
            return true;
          }
        };
    var alerts = new MemberAlerts(plan, columns, flags, limits);
    alerts.sent().forEach((rule, places) -> places.forEach(place -> before.add(rule, place)));
    return alerts.chosen();
  }

  /**
   * The earlier records that are alerted with the last batch's flagged ones, whatever caps on flags
   * leave of them.
   */
  public List<MemberAlerts.Chosen> members() {
    return members;
  }

  private LinkMemory state(LinkSpec spec, long commitDay) {
    int current = Math.toIntExact(Math.floorDiv(commitDay, (long) epochDays));
    if (state == null || current > epoch) {
      before = totals();
      ahead = 0;
      List<CarriedTable> carried =
          state != null && LinkState.isCarried(spec, epoch, epochDays, commitDay)
              ? state.carry(0).stream().map(CarriedRows::plain).toList()
              : List.of();
      epoch = current;
      state = LinkMemory.of(spec, 1, namesMembers, carried);
      alerted = new Alerted();
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
      inputs[columns.length + column] = derived.whole(0, column);
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
        before.ahead + ahead,
        before.cutShort + now.cutShort());
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
