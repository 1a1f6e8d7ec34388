package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.TreeTables;

/**
 * Products and rounds of secret trees, as the engine spends them: digits decoded once, a bit for
 * each row over them, carries over a node's digits, ways to the leaves, a bit for each bit of a
 * tree's value, and the addition.
 */
final class SecretForestCost {
  private final Node.SecretForest forest;
  private final TreeTables tables;
  private final int[] readyAfter;
  private int ands;

  /**
   * @param readyAfter rounds, by node of the plan
   */
  SecretForestCost(Node.SecretForest forest, int[] readyAfter) {
    this.forest = forest;
    this.tables = forest.tables();
    this.readyAfter = readyAfter;
  }

  int ands() {
    return ands;
  }

  /** The round after which the sum is there. */
  int rounds() {
    int digits = tables.digits();
    int[] selected = new int[digits];
    for (int digit = 0; digit < digits; digit++) {
      // The lowest digit's carry is combined first.
      selected[digits - 1 - digit] = inputs(digit) + 1;
      ands += tables.nodes() * tables.rows(digit);
    }
    int tests = carry(selected);
    int leaves = leaves(tables.depth(), tests, tables.trees()) + 1;
    ands += tables.trees() * tables.leafBits();
    List<PriorityQueue<Integer>> byWeight = new ArrayList<>();
    for (int weight = 0; weight < forest.widthBits(); weight++) {
      var bits = new PriorityQueue<Integer>();
      for (int tree = 0; weight < tables.leafBits() && tree < tables.trees(); tree++) {
        bits.add(leaves);
      }
      byWeight.add(bits);
    }
    var sum = new SumCost();
    int ready = sum.sum(byWeight);
    ands += sum.ands();
    return ready;
  }

  /** The round after which all inputs of a digit are there. */
  private int inputs(int digit) {
    int ready = 0;
    int missing = tables.codes().size();
    for (int i = 0; i < tables.codes().size(); i++) {
      TreeTables.Code code = tables.codes().get(i);
      if (digit < tables.digits(code)) {
        boolean isConditional = TreeTables.hasMissing(code, digit);
        int width = tables.digitWidth(code, digit);
        int decoded = decoded(width, isConditional);
        int bits = width == 0 ? 0 : readyAfter[forest.inputs().get(i)];
        int condition = isConditional ? readyAfter[forest.inputs().get(missing)] : 0;
        ready = Math.max(ready, Math.max(bits, condition) + decoded);
      }
      missing += code.optional() ? 1 : 0;
    }
    return ready;
  }

  /** Rounds of decoding a digit. */
  private int decoded(int width, boolean isConditional) {
    if (width == 0) {
      return 0;
    }
    if (width == 1) {
      ands += isConditional ? 1 : 0;
      return isConditional ? 1 : 0;
    }
    int high = width / 2;
    int low = width - high;
    ands += ((1 << high) - (isConditional ? 0 : 1)) * ((1 << low) - 1);
    return 1 + Math.max(decoded(low, false), decoded(high, isConditional));
  }

  /** The round after which each node's digits are combined; the lowest digit first. */
  private int carry(int[] selected) {
    int[] left = selected;
    int[] open = selected;
    while (left.length > 1) {
      int pairs = left.length / 2;
      ands += tables.nodes() * (2 * pairs - 1);
      // All pairs of a level are combined at once.
      int ready = 0;
      for (int i = 0; i < 2 * pairs; i++) {
        ready = Math.max(ready, i % 2 == 0 ? left[i] : open[i]);
        ready = i >= 2 ? Math.max(ready, open[i]) : ready;
      }
      int[] nextLeft = new int[left.length - pairs];
      int[] nextOpen = new int[nextLeft.length];
      for (int pair = 0; pair < pairs; pair++) {
        nextLeft[pair] = Math.max(ready + 1, left[2 * pair + 1]);
        nextOpen[pair] = ready + 1;
      }
      nextOpen[0] = open[0];
      if (left.length % 2 == 1) {
        nextLeft[pairs] = left[left.length - 1];
        nextOpen[pairs] = open[left.length - 1];
      }
      // The exclusive or with what was generated is of whole levels too.
      int latest = Arrays.stream(nextLeft, 0, pairs).max().orElseThrow();
      Arrays.fill(nextLeft, 0, pairs, latest);
      left = nextLeft;
      open = nextOpen;
    }
    return left[0];
  }

  /** The round after which a subtree's leaves know whether the row comes to them. */
  private int leaves(int depth, int tests, int subtrees) {
    if (depth == 1) {
      return tests;
    }
    int lower = depth / 2;
    int upper = depth - lower;
    ands += subtrees * (1 << upper) * ((1 << lower) - 1);
    return 1
        + Math.max(leaves(upper, tests, subtrees), leaves(lower, tests, subtrees * (1 << upper)));
  }
}
