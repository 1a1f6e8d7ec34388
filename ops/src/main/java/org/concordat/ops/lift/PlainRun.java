package org.concordat.ops.lift;

import java.util.List;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkMemory;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.oracle.Oracle;

/** A rule set over rows of a history in plain, batch by batch. */
final class PlainRun {
  private final RankedRules rules;
  private final History history;
  private final LinkMemory state;
  private final Oracle oracle;

  /**
   * A batch.
   *
   * @param inputs of the plan, by field and row
   * @param derived what the rows got of earlier ones
   */
  record Evaluated(long[][] inputs, LinkColumns derived, Oracle.Result result) {}

  PlainRun(RankedRules rules, History history) {
    this.rules = rules;
    this.history = history;
    this.state = LinkMemory.of(rules.link(), 1, true, List.of());
    this.oracle = new Oracle(rules.plan());
  }

  /** The fields of rows that banks send, by field and row; those that are derived are left out. */
  static long[][] sent(RankedRules rules, History history, int[] rows) {
    long[][] inputs = new long[rules.plan().inputs()][];
    for (int field = 0; field < history.fields(); field++) {
      inputs[field] = new long[rows.length];
      for (int i = 0; i < rows.length; i++) {
        inputs[field][i] = history.field(field, rows[i]);
      }
    }
    return inputs;
  }

  /** The next rows; those before are remembered. */
  Evaluated evaluate(int[] rows) {
    long[][] inputs = sent(rules, history, rows);
    LinkColumns derived = state.derive(linked(rows, inputs));
    state.commit();
    List<LinkSpec.Derived> kinds = rules.link().derived();
    for (int column = 0; column < kinds.size(); column++) {
      inputs[history.fields() + column] =
          switch (kinds.get(column)) {
            case LinkSpec.Shared unused -> derived.shared(0, column);
            case LinkSpec.Public unused -> derived.open(column);
            case LinkSpec.Carried unused -> derived.whole(0, column);
          };
    }
    return new Evaluated(inputs, derived, oracle.evaluate(inputs, rows.length));
  }

  private LinkRows linked(int[] rows, long[][] inputs) {
    LinkSpec spec = rules.link();
    long[][] pseudonyms =
        spec.entities().stream().map(e -> inputs[e.field()]).toArray(long[][]::new);
    long[][] values = new long[spec.values().size()][rows.length];
    for (int value = 0; value < values.length; value++) {
      LinkSpec.ValueField field = spec.values().get(value);
      for (int i = 0; i < rows.length; i++) {
        values[value][i] = field.admitted(inputs[field.field()][i]);
      }
    }
    return linked(history, rows, pseudonyms, new long[][][] {values}, new long[0][][]);
  }

  /**
   * Rows as they are linked: each once, all in time.
   *
   * @param values by component, value and row
   * @param hashes see {@link LinkRows}
   */
  static LinkRows linked(
      History history, int[] rows, long[][] pseudonyms, long[][][] values, long[][][] hashes) {
    int[] banks = new int[rows.length];
    int[] minutes = new int[rows.length];
    long[] transactions = new long[rows.length];
    boolean[] counted = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      banks[i] = history.payerBank(rows[i]);
      minutes[i] = history.minute(rows[i]);
      transactions[i] = rows[i];
      counted[i] = true;
    }
    return new LinkRows(
        pseudonyms,
        banks,
        minutes,
        transactions,
        counted,
        values,
        new long[2][rows.length],
        new boolean[rows.length],
        hashes);
  }
}
