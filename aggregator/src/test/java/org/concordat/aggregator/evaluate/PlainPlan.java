package org.concordat.aggregator.evaluate;

import java.util.Map;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.PlainColumns;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.share.Domain;

/** The nodes' values of one row in the clear, straight from what {@link Node} says they are. */
final class PlainPlan {
  private PlainPlan() {}

  static long[] values(Plan plan, long[] fields) {
    return values(plan, Map.of(), fields);
  }

  /** With the values of the plan's secret models, by rule. */
  static long[] values(Plan plan, Map<String, long[]> models, long[] fields) {
    long[] values = new long[plan.nodes().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(plan.nodes().get(i), models, fields, values);
    }
    return values;
  }

  private static long value(Node node, Map<String, long[]> models, long[] fields, long[] values) {
    return switch (node) {
      case Node.Input(int field, Domain unused, int alsoUnused) -> fields[field];
      case Node.Linear linear -> {
        long sum = linear.constant();
        for (int i = 0; i < linear.inputs().size(); i++) {
          sum += linear.weights().get(i) * values[linear.inputs().get(i)];
        }
        yield sum;
      }
      case Node.SecretSum secret -> {
        long[] model = models.get(secret.model().rule());
        long sum = model[model.length - 1];
        for (int i = 0; i < secret.inputs().size(); i++) {
          sum += model[i] * values[secret.inputs().get(i)];
        }
        yield sum;
      }
      case Node.ToArithmetic(int input) -> values[input];
      case Node.ToCode(int input, int widthBits) -> values[input] & -1L >>> (64 - widthBits);
      case Node.Negative(int input, int unused) -> bit(values[input] < 0);
      case Node.Zero(int input, int unused) -> bit(values[input] == 0);
      case Node.Extreme extreme -> {
        var compared = extreme.inputs().stream().mapToLong(i -> values[i]);
        yield (extreme.isLargest() ? compared.max() : compared.min()).orElseThrow();
      }
      case Node.CodeAtLeast(int input, long bound) ->
          bit(Long.compareUnsigned(values[input], bound) >= 0);
      case Node.CodeIn member -> bit(member.values().contains(values[member.input()]));
      case Node.CodeNotBelow(int left, int right) ->
          bit(Long.compareUnsigned(values[left], values[right]) >= 0);
      case Node.Not(int input) -> 1 - values[input];
      case Node.And and -> bit(and.inputs().stream().allMatch(i -> values[i] == 1));
      case Node.Or or -> bit(or.inputs().stream().anyMatch(i -> values[i] == 1));
      case Node.AtLeast counted ->
          bit(counted.inputs().stream().filter(i -> values[i] == 1).count() >= counted.count());
      case Node.Forest forest ->
          forest.trees().stream().mapToLong(tree -> leaf(forest, tree, values, 0)).sum();
      case Node.SecretForest forest -> {
        long[][] columns = new long[values.length][];
        forest.inputs().forEach(input -> columns[input] = new long[] {values[input]});
        yield PlainColumns.of(forest, models, new long[0][], columns, 1)[0];
      }
    };
  }

  private static long leaf(Node.Forest forest, Node.Tree tree, long[] values, int node) {
    if (node < 0 || tree.tests().isEmpty()) {
      return tree.leaves().get(tree.tests().isEmpty() ? 0 : -1 - node);
    }
    boolean isLeft = values[forest.tests().get(tree.tests().get(node))] == 1;
    return leaf(forest, tree, values, isLeft ? tree.left().get(node) : tree.right().get(node));
  }

  private static long bit(boolean holds) {
    return holds ? 1 : 0;
  }
}
