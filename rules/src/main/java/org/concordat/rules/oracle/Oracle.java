package org.concordat.rules.oracle;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;

/**
 * Evaluates a plan on plaintext, column by column, in the ring Z_2^64 as the shares do.
 * Thread-safe.
 */
public final class Oracle {
  private static final long[] EMPTY = {};

  private final Plan plan;
  private final boolean[] needed;

  public Oracle(Plan plan) {
    this.plan = plan;
    this.needed = new boolean[plan.nodes().size()];
    for (RuleOutput output : plan.outputs()) {
      needed[output.flag()] = true;
      output.score().ifPresent(node -> needed[node] = true);
      output.reasons().forEach(reason -> needed[reason.bit()] = true);
    }
  }

  /**
   * Evaluates every rule, shadow rules too.
   *
   * @param columns by field of the plan's layout, each with at least {@code rows} values
   */
  public Result evaluate(long[][] columns, int rows) {
    if (columns.length != plan.layout().fields().size()) {
      throw new IllegalArgumentException("a column for each field of the layout");
    }
    int[] lastUse = lastUse();
    long[][] values = new long[plan.nodes().size()][];
    for (int node = 0; node < values.length; node++) {
      values[node] = column(plan.nodes().get(node), columns, values, rows);
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

  private static long[] column(Node node, long[][] columns, long[][] values, int rows) {
    return switch (node) {
      case Node.Input input -> columns[input.field()];
      case Node.Linear linear -> linear(linear, values, rows);
      case Node.ToArithmetic converted -> values[converted.input()];
      case Node.Negative negative -> negative(values[negative.input()], rows);
      case Node.CodeAtLeast compared -> atLeast(values[compared.input()], compared.bound(), rows);
      case Node.CodeIn member -> in(values[member.input()], member.values(), rows);
      case Node.CodeNotBelow compared ->
          notBelow(values[compared.left()], values[compared.right()], rows);
      case Node.Not not -> not(values[not.input()], rows);
      case Node.And and -> counted(and.inputs(), and.inputs().size(), values, rows);
      case Node.Or or -> counted(or.inputs(), 1, values, rows);
      case Node.AtLeast counted -> counted(counted.inputs(), counted.count(), values, rows);
      case Node.Forest forest -> forest(forest, values, rows);
    };
  }

  private static long[] linear(Node.Linear linear, long[][] values, int rows) {
    long[] sum = new long[rows];
    Arrays.fill(sum, linear.constant());
    for (int i = 0; i < linear.inputs().size(); i++) {
      long[] input = values[linear.inputs().get(i)];
      long weight = linear.weights().get(i);
      for (int row = 0; row < rows; row++) {
        sum[row] += weight * input[row];
      }
    }
    return sum;
  }

  private static long[] negative(long[] input, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = input[row] >>> 63;
    }
    return bit;
  }

  private static long[] atLeast(long[] input, long bound, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = Long.compareUnsigned(input[row], bound) >= 0 ? 1 : 0;
    }
    return bit;
  }

  private static long[] in(long[] input, List<Long> set, int rows) {
    long[] values = set.stream().mapToLong(Long::longValue).toArray();
    // The plan's order is unsigned; a binary search wants the signed one.
    Arrays.sort(values);
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = Arrays.binarySearch(values, input[row]) >= 0 ? 1 : 0;
    }
    return bit;
  }

  private static long[] notBelow(long[] left, long[] right, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = Long.compareUnsigned(left[row], right[row]) >= 0 ? 1 : 0;
    }
    return bit;
  }

  private static long[] not(long[] input, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = input[row] ^ 1;
    }
    return bit;
  }

  private static long[] counted(List<Integer> inputs, int count, long[][] values, int rows) {
    long[] bits = new long[rows];
    for (int input : inputs) {
      long[] bit = values[input];
      for (int row = 0; row < rows; row++) {
        bits[row] += bit[row];
      }
    }
    for (int row = 0; row < rows; row++) {
      bits[row] = bits[row] >= count ? 1 : 0;
    }
    return bits;
  }

  private static long[] forest(Node.Forest forest, long[][] values, int rows) {
    long[] sum = new long[rows];
    for (Node.Tree tree : forest.trees()) {
      for (int row = 0; row < rows; row++) {
        int at = tree.tests().isEmpty() ? -1 : 0;
        while (at >= 0) {
          long bit = values[forest.tests().get(tree.tests().get(at))][row];
          at = (bit == 1 ? tree.left() : tree.right()).get(at);
        }
        sum[row] += tree.leaves().get(-1 - at);
      }
    }
    return sum;
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

    @Override
    public String toString() {
      return "Result[outputs=" + outputs.size() + ", rows=" + rows + "]";
    }
  }
}
