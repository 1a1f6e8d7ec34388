package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.concordat.rules.plan.Node;

/**
 * Products and rounds of a forest, as the engine spends them: indicators from the root down, those
 * of trees that begin alike once, leaves without a product, full adders down to two codes, one
 * addition.
 */
final class ForestCost {
  private final Node.Forest forest;
  private final int[] readyAfter;
  private final Map<Branch, Integer> found = new HashMap<>();
  private int ands;

  /** A row comes by a node, 0 the root, and its test holds. */
  private record Branch(int node, int test) {}

  /**
   * @param readyAfter rounds, by node of the plan
   */
  ForestCost(Node.Forest forest, int[] readyAfter) {
    this.forest = forest;
    this.readyAfter = readyAfter;
  }

  int ands() {
    return ands;
  }

  /** The round after which the sum is there. */
  int rounds() {
    List<PriorityQueue<Integer>> byWeight = new ArrayList<>();
    for (int weight = 0; weight < forest.widthBits(); weight++) {
      byWeight.add(new PriorityQueue<>());
    }
    for (Node.Tree tree : forest.trees()) {
      addValue(tree, byWeight);
    }
    var cost = new SumCost();
    int ready = cost.sum(byWeight);
    ands += cost.ands();
    return ready;
  }

  private void addValue(Node.Tree tree, List<PriorityQueue<Integer>> byWeight) {
    int[] leaves = new int[tree.leaves().size()];
    int[] nodes = new int[tree.tests().size()];
    int[] places = new int[nodes.length];
    for (int node = 0; node < nodes.length; node++) {
      int test = readyAfter[forest.tests().get(tree.tests().get(node))];
      int ready = node == 0 ? test : Math.max(nodes[node], test) + 1;
      int left = left(places[node], tree.tests().get(node));
      place(tree.left().get(node), left, places);
      place(tree.right().get(node), left + 1, places);
      for (int child : new int[] {tree.left().get(node), tree.right().get(node)}) {
        (child < 0 ? leaves : nodes)[child < 0 ? -1 - child : child] = ready;
      }
    }
    long used = tree.leaves().stream().reduce(0L, (a, b) -> a | b);
    int width = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(used));
    for (int bit = 0; bit < Math.min(width, byWeight.size()); bit++) {
      int ready = 0;
      for (int leaf = 0; leaf < leaves.length; leaf++) {
        if ((tree.leaves().get(leaf) >>> bit & 1) == 1) {
          ready = Math.max(ready, leaves[leaf]);
        }
      }
      byWeight.get(bit).add(ready);
    }
  }

  /** Place of the indicator of a node's left child; the right one's is the next. */
  private int left(int node, int test) {
    return found.computeIfAbsent(
        new Branch(node, test),
        _ -> {
          ands += node == 0 ? 0 : 1;
          return 1 + 2 * found.size();
        });
  }

  private static void place(int child, int indicator, int[] places) {
    if (child >= 0) {
      places[child] = indicator;
    }
  }
}
