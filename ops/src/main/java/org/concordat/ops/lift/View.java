package org.concordat.ops.lift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.concordat.ops.lift.RankedRules.Ranked;
import org.concordat.rules.language.Links;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkSpec;

/**
 * The rule set as somebody runs it who sees some of the rows: one bank, or all banks together.
 * Windows and paths know the rows that are seen, in their order, and no others.
 */
final class View {
  /** Rows that are evaluated together: what undoes a batch is held in memory too. */
  private static final int ROWS = 1_024;

  private final RankedRules rules;
  private final History history;
  private final PlainRun run;
  private final int scoredFrom;
  private final List<Ranking> tuning = new ArrayList<>();
  private final List<Ranking> scored = new ArrayList<>();
  private long[][] inputs = {};
  private int[] seen = new int[ROWS];
  private int count;

  /** Where, among the rows that are seen, the batch in hand begins. */
  private int batchStart;

  /** What was ranked, rule by rule: in the days for tuning, and in the others. */
  record Rankings(List<Ranking> tuning, List<Ranking> scored) {}

  private View(RankedRules rules, History history, int scoredFrom, int findingsMax) {
    this.rules = rules;
    this.history = history;
    this.run = new PlainRun(rules, history);
    this.scoredFrom = scoredFrom;
    for (int rule = 0; rule < rules.rules().size(); rule++) {
      tuning.add(new Ranking(findingsMax));
      scored.add(new Ranking(findingsMax));
    }
  }

  /**
   * Runs over the rows that are seen.
   *
   * @param scoredFrom the first row that isn't for tuning
   * @param findingsMax kept of each rule and span
   */
  static Rankings rank(
      RankedRules rules, History history, int scoredFrom, int findingsMax, IntPredicate isSeen) {
    var view = new View(rules, history, scoredFrom, findingsMax);
    view.run(isSeen);
    return new Rankings(view.tuning, view.scored);
  }

  private void run(IntPredicate isSeen) {
    int from = 0;
    for (int row = 0; row < history.rows(); row++) {
      if (isSeen.test(row)) {
        if (count == seen.length) {
          seen = Arrays.copyOf(seen, 2 * count);
        }
        seen[count++] = row;
        if (count - from == ROWS) {
          evaluate(from);
          from = count;
        }
      }
    }
    if (count > from) {
      evaluate(from);
    }
  }

  private void evaluate(int from) {
    batchStart = from;
    PlainRun.Evaluated evaluated = run.evaluate(Arrays.copyOfRange(seen, from, count));
    inputs = evaluated.inputs();
    for (int rule = 0; rule < rules.rules().size(); rule++) {
      for (int i = 0; i < count - from; i++) {
        if (evaluated.result().flagged(rule, i)) {
          take(rule, i, seen[from + i], evaluated.derived());
        }
      }
    }
  }

  private void take(int rule, int index, int row, LinkColumns derived) {
    Ranked ranked = rules.rules().get(rule);
    long number = ranked.number().value(inputs[ranked.field()][index]);
    Ranking ranking = (row < scoredFrom ? tuning : scored).get(rule);
    if (ranking.takes(number)) {
      ranking.add(new Ranking.Finding(row, number, members(ranked, index, derived)));
    }
  }

  /** The earlier rows of the patterns that a rule found at a row. */
  private int[] members(Ranked ranked, int index, LinkColumns derived) {
    var members = new ArrayList<Integer>();
    for (int path : ranked.paths()) {
      Set<Long> values = new HashSet<>();
      boolean compares = false;
      for (Links.PathFlag flag : ranked.flags()) {
        if (flag.path() == path) {
          compares = true;
          keptValues(flag, index, values);
        }
      }
      for (long place : derived.membersOf(path, index)) {
        int row = seen[(int) place];
        if (!compares || values.contains(history.field(edgeField(), row))) {
          members.add(row);
        }
      }
    }
    return members.stream().distinct().mapToInt(Integer::intValue).toArray();
  }

  private int edgeField() {
    int value = rules.link().edges().orElseThrow().value();
    return rules.link().values().get(value).field();
  }

  /** Values of the candidates along which enough is kept. */
  private void keptValues(Links.PathFlag flag, int index, Set<Long> values) {
    LinkSpec.PathSpec path = rules.link().paths().get(flag.path());
    double from = flag.keptFrom().doubleValue();
    double to = flag.keptTo().doubleValue();
    for (int slot = 0; slot < path.slots(); slot++) {
      int field = rules.features().fieldOf(path.name() + "#" + slot);
      long length = inputs[field][index];
      long later = history.field(edgeField(), seen[batchStart + index]);
      boolean kept = length > 0;
      Set<Long> along = new HashSet<>();
      for (int hop = 1; hop <= length; hop++) {
        long earlier = inputs[field + hop][index];
        kept &= from * earlier <= later && later <= to * earlier;
        along.add(earlier);
        later = earlier;
      }
      if (kept) {
        values.addAll(along);
      }
    }
  }
}
