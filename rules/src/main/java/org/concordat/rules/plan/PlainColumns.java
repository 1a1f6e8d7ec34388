package org.concordat.rules.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One operation of a plan on plain columns, in the ring Z_2^64 as on shares. */
public final class PlainColumns {
  private PlainColumns() {}

  /**
   * A node's column.
   *
   * @param models the values of the plan's secret models, by rule
   * @param columns the plan's inputs
   * @param values columns of the nodes before
   */
  public static long[] of(
      Node node, Map<String, long[]> models, long[][] columns, long[][] values, int rows) {
    return switch (node) {
      case Node.Input input -> columns[input.field()];
      case Node.Linear linear -> linear(linear, values, rows);
      case Node.SecretSum sum -> secretSum(sum, models, values, rows);
      case Node.ToArithmetic converted -> values[converted.input()];
      case Node.ToCode converted -> code(values[converted.input()], converted.widthBits(), rows);
      case Node.Negative negative -> negative(values[negative.input()], rows);
      case Node.Zero zero -> zero(values[zero.input()], rows);
      case Node.Extreme extreme -> extreme(extreme, values, rows);
      case Node.CodeAtLeast compared -> atLeast(values[compared.input()], compared.bound(), rows);
      case Node.CodeIn member -> in(values[member.input()], member.values(), rows);
      case Node.CodeNotBelow compared ->
          notBelow(values[compared.left()], values[compared.right()], rows);
      case Node.Not not -> not(values[not.input()], rows);
      case Node.And and -> counted(and.inputs(), and.inputs().size(), values, rows);
      case Node.Or or -> counted(or.inputs(), 1, values, rows);
      case Node.AtLeast counted -> counted(counted.inputs(), counted.count(), values, rows);
      case Node.Forest forest -> forest(forest, values, rows);
      case Node.SecretForest forest ->
          new PlainForest(forest, Objects.requireNonNull(models.get(forest.model().rule())))
              .sum(values, rows);
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

  private static long[] secretSum(
      Node.SecretSum node, Map<String, long[]> models, long[][] values, int rows) {
    long[] weights = Objects.requireNonNull(models.get(node.model().rule()));
    long[] sum = new long[rows];
    Arrays.fill(sum, weights[node.inputs().size()]);
    for (int i = 0; i < node.inputs().size(); i++) {
      long[] input = values[node.inputs().get(i)];
      for (int row = 0; row < rows; row++) {
        sum[row] += weights[i] * input[row];
      }
    }
    return sum;
  }

  private static long[] code(long[] input, int widthBits, int rows) {
    long[] code = new long[rows];
    for (int row = 0; row < rows; row++) {
      code[row] = input[row] & -1L >>> (Long.SIZE - widthBits);
    }
    return code;
  }

  private static long[] negative(long[] input, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = input[row] >>> 63;
    }
    return bit;
  }

  private static long[] zero(long[] input, int rows) {
    long[] bit = new long[rows];
    for (int row = 0; row < rows; row++) {
      bit[row] = input[row] == 0 ? 1 : 0;
    }
    return bit;
  }

  private static long[] extreme(Node.Extreme node, long[][] values, int rows) {
    long[] found = Arrays.copyOf(values[node.inputs().getFirst()], rows);
    for (int input : node.inputs()) {
      for (int row = 0; row < rows; row++) {
        long value = values[input][row];
        found[row] = node.isLargest() ? Math.max(found[row], value) : Math.min(found[row], value);
      }
    }
    return found;
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
}
