package org.concordat.rules.oracle;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.concordat.rules.plan.PlainColumns;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;
import org.concordat.rules.plan.SecretModel;

/**
 * Evaluates a plan on plaintext, column by column, in the ring Z_2^64 as the shares do.
 * Thread-safe.
 */
public final class Oracle {
  private static final long[] EMPTY = {};

  private final Plan plan;
  private final Map<String, long[]> models;
  private final boolean[] needed;

  /** For a plan without secret weights. */
  public Oracle(Plan plan) {
    this(plan, Map.of());
  }

  /**
   * @param models the values of the plan's secret models, by rule
   */
  public Oracle(Plan plan, Map<String, long[]> models) {
    for (SecretModel model : plan.secretModels()) {
      long[] values = models.get(model.rule());
      if (values == null || !model.admits(values)) {
        throw new IllegalArgumentException("a secret model is missing or doesn't fit");
      }
    }
    this.plan = plan;
    this.models = Map.copyOf(models);
    this.needed = new boolean[plan.nodes().size()];
    for (RuleOutput output : plan.outputs()) {
      needed[output.flag()] = true;
      output.score().ifPresent(node -> needed[node] = true);
      output.reasons().forEach(reason -> needed[reason.bit()] = true);
      output.slots().forEach(slot -> needed[slot] = true);
    }
  }

  /**
   * Evaluates every rule, shadow rules too.
   *
   * @param columns by field of the plan's layout, then those that are derived, each with at least
   *     {@code rows} values
   */
  public Result evaluate(long[][] columns, int rows) {
    if (columns.length != plan.inputs()) {
      throw new IllegalArgumentException("a column for each input of the plan");
    }
    int[] lastUse = lastUse();
    long[][] values = new long[plan.nodes().size()][];
    for (int node = 0; node < values.length; node++) {
      values[node] = PlainColumns.of(plan.nodes().get(node), models, columns, values, rows);
      // A long plan on a long history would otherwise hold every intermediate column.
      for (int operand : plan.nodes().get(node).operands()) {
        if (lastUse[operand] == node && !needed[operand]) {
          values[operand] = EMPTY;
        }
      }
    }
    return new Result(plan.outputs(), values, rows);
  }

  private int[] lastUse() {
    int[] lastUse = new int[plan.nodes().size()];
    for (int node = 0; node < lastUse.length; node++) {
      for (int operand : plan.nodes().get(node).operands()) {
        lastUse[operand] = node;
      }
    }
    return lastUse;
  }

  /** Every rule's result for every row. Shows nothing of it. */
  public static final class Result {
    private final List<RuleOutput> outputs;
    private final long[][] values;
    private final int rows;

    private Result(List<RuleOutput> outputs, long[][] values, int rows) {
      this.outputs = outputs;
      this.values = values;
      this.rows = rows;
    }

    /** Whether a row is flagged by an output of the plan. */
    public boolean flagged(int output, int row) {
      return values[outputs.get(output).flag()][row] == 1;
    }

    /** The rows that an output flags. */
    public BitSet flaggedRows(int output) {
      long[] flags = values[outputs.get(output).flag()];
      var flagged = new BitSet(rows);
      for (int row = 0; row < rows; row++) {
        flagged.set(row, flags[row] == 1);
      }
      return flagged;
    }

    /** The score times the output's scale; 0 for a rule without one. */
    public long score(int output, int row) {
      OptionalInt score = outputs.get(output).score();
      return score.isPresent() ? values[score.getAsInt()][row] : 0;
    }

    /** Bit i is set where the output's reason i held. */
    public long reasonBits(int output, int row) {
      long bits = 0;
      List<ReasonOutput> reasons = outputs.get(output).reasons();
      for (int i = 0; i < reasons.size(); i++) {
        bits |= values[reasons.get(i).bit()][row] << i;
      }
      return bits;
    }

    /** Bit i is set where the output's slot i holds. */
    public long slotBits(int output, int row) {
      long bits = 0;
      List<Integer> slots = outputs.get(output).slots();
      for (int i = 0; i < slots.size(); i++) {
        bits |= values[slots.get(i)][row] << i;
      }
      return bits;
    }

    @Override
    public String toString() {
      return "Result[outputs=" + outputs.size() + ", rows=" + rows + "]";
    }
  }
}
