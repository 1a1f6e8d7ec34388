package org.concordat.rules.simulate;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.simulate.SimulationReport.Linked;
import org.concordat.rules.simulate.SimulationReport.Quality;
import org.concordat.rules.simulate.SimulationReport.RuleReport;
import org.concordat.schemas.problem.Code;

/** Counts flags by rule, alone and together, and against labels. */
final class Tally {
  private final List<RuleOutput> outputs;
  private final long[] flagged;
  private final long[] alone;
  private final long[] hits;
  private final long[][] together;
  private final Map<String, Long> refusedByCode = new TreeMap<>();
  private long rows;
  private long refused;
  private long flaggedByAny;
  private long labelled;
  private long fraud;
  private long hitsByAny;

  Tally(List<RuleOutput> outputs) {
    this.outputs = outputs;
    this.flagged = new long[outputs.size()];
    this.alone = new long[outputs.size()];
    this.hits = new long[outputs.size()];
    this.together = new long[outputs.size()][outputs.size()];
  }

  int outputs() {
    return outputs.size();
  }

  long rowsRead() {
    return rows + refused;
  }

  void refused(Code code) {
    refused++;
    refusedByCode.merge(code.label(), 1L, Long::sum);
  }

  /** Adds a batch: by output the rows that it flags, by row the label. */
  void add(BitSet[] flags, Boolean[] labels, int count) {
    rows += count;
    BitSet isFraud = new BitSet(count);
    for (int row = 0; row < count; row++) {
      if (labels[row] != null) {
        labelled++;
        isFraud.set(row, labels[row]);
      }
    }
    fraud += isFraud.cardinality();
    BitSet any = anyButOne(flags, -1);
    flaggedByAny += any.cardinality();
    hitsByAny += common(any, isFraud);
    for (int output = 0; output < flags.length; output++) {
      flagged[output] += flags[output].cardinality();
      hits[output] += common(flags[output], isFraud);
      BitSet only = (BitSet) flags[output].clone();
      only.andNot(anyButOne(flags, output));
      alone[output] += only.cardinality();
      for (int other = 0; other < flags.length; other++) {
        together[output][other] += common(flags[output], flags[other]);
      }
    }
  }

  private BitSet anyButOne(BitSet[] flags, int left) {
    var any = new BitSet();
    for (int output = 0; output < flags.length; output++) {
      if (output != left && outputs.get(output).live()) {
        any.or(flags[output]);
      }
    }
    return any;
  }

  private static int common(BitSet a, BitSet b) {
    BitSet both = (BitSet) a.clone();
    both.and(b);
    return both.cardinality();
  }

  SimulationReport report(Optional<Linked> linked) {
    List<RuleReport> rules = new ArrayList<>();
    for (int output = 0; output < flagged.length; output++) {
      Map<String, Long> overlap = new LinkedHashMap<>();
      for (int other = 0; other < flagged.length; other++) {
        if (other != output && together[output][other] > 0) {
          overlap.put(outputs.get(other).rule(), together[output][other]);
        }
      }
      rules.add(
          new RuleReport(
              outputs.get(output).rule(),
              outputs.get(output).live(),
              flagged[output],
              alone[output],
              overlap,
              labelled == 0 ? null : Quality.of(hits[output], flagged[output], fraud)));
    }
    return new SimulationReport(
        rows,
        refused,
        refusedByCode,
        flaggedByAny,
        labelled,
        fraud,
        labelled == 0 ? null : Quality.of(hitsByAny, flaggedByAny, fraud),
        rules,
        linked.orElse(null));
  }
}
