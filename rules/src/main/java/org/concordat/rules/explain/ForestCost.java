package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.Arrays;
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
    return sum(byWeight);
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

  private int sum(List<PriorityQueue<Integer>> byWeight) {
    while (byWeight.stream().anyMatch(addends -> addends.size() > 2)) {
      List<List<Integer>> next = new ArrayList<>();
      byWeight.forEach(addends -> next.add(new ArrayList<>()));
      for (int weight = 0; weight < byWeight.size(); weight++) {
        PriorityQueue<Integer> addends = byWeight.get(weight);
        while (addends.size() > 2) {
          int ready = Math.max(addends.remove(), Math.max(addends.remove(), addends.remove()));
          next.get(weight).add(ready);
          if (weight + 1 < byWeight.size()) {
            ands++;
            next.get(weight + 1).add(ready + 1);
          }
        }
      }
      for (int weight = 0; weight < byWeight.size(); weight++) {
        byWeight.get(weight).addAll(next.get(weight));
      }
    }
    // Whole codes are added at once, so the latest bit decides.
    int latest =
        byWeight.stream().mapToInt(a -> a.stream().max(Integer::compare).orElse(0)).max().orElse(0);
    int lower = byWeight.size() - 1;
    return lower == 0 ? latest : add(lower, latest, byWeight);
  }

  /** One addition; carries of all bits but the highest. */
  private int add(int positions, int latest, List<PriorityQueue<Integer>> byWeight) {
    // The highest bit has no carry out and may come later.
    int ready = 0;
    for (int weight = 0; weight < positions; weight++) {
      ready = Math.max(ready, byWeight.get(weight).stream().max(Integer::compare).orElse(0));
    }
    ands += positions;
    int[] generate = new int[positions];
    int[] pass = new int[positions];
    Arrays.fill(generate, ready + 1);
    Arrays.fill(pass, latest);
    for (int distance = 1; distance < positions; distance *= 2) {
      for (int at = 0; at < positions; at++) {
        if ((at & distance) != 0) {
          int below = (at & -(2 * distance)) + distance - 1;
          ands++;
          generate[at] = Math.max(generate[at], Math.max(pass[at], generate[below]) + 1);
          if (below >= distance) {
            ands++;
            pass[at] = Math.max(pass[at], pass[below]) + 1;
          }
        }
      }
    }
    return Math.max(latest, Arrays.stream(generate).max().orElse(0));
  }
}
