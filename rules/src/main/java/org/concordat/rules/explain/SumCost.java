package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Products and rounds of adding codes, as the engine spends them: full adders down to two codes,
 * then one addition with carries in parallel.
 */
final class SumCost {
  private int ands;

  int ands() {
    return ands;
  }

  /** The round after which a sum of bits of some weights is there. */
  int sum(List<PriorityQueue<Integer>> byWeight) {
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

  private int add(int positions, int latest, List<PriorityQueue<Integer>> byWeight) {
    // The highest bit has no carry out and may come later.
    int ready = 0;
    for (int weight = 0; weight < positions; weight++) {
      ready = Math.max(ready, byWeight.get(weight).stream().max(Integer::compare).orElse(0));
    }
    return Math.max(latest, add(positions, ready, latest));
  }

  /**
   * One addition of two codes.
   *
   * @param positions whose carries are wanted: all bits but the highest
   * @param ready the round after which these bits are there
   * @param latest the round after which all bits are there
   */
  int add(int positions, int ready, int latest) {
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
    return Arrays.stream(generate).max().orElse(0);
  }
}
