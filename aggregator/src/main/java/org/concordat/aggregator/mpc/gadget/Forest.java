package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decision trees on bits: which leaf a row comes to, and the sum of the leaves' public values.
 *
 * <p>A node's indicator says whether the row comes by: the root's is 1, a child's is its parent's
 * times the test's bit, the other child's is the difference, which is local. So a tree of n leaves
 * takes n - 2 products in as many rounds as it is deep, less one; trees that begin alike share
 * those of the nodes that they have in common, as boosted trees often do. Exactly one leaf's
 * indicator is set, so the chosen leaf's value is the exclusive or of the indicators at each of its
 * set bits: local. The values of all trees are added as {@link Sums} does. Nothing of it is opened.
 */
public final class Forest {
  /**
   * A tree.
   *
   * @param tests by inner node, of which the first is the root: the index of its bit, 1 goes left
   * @param left by inner node: an inner node, or {@code -1 - leaf}
   * @param right likewise
   * @param leaves unsigned values
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Tree(int[] tests, int[] left, int[] right, long[] leaves) {}

  /** A row comes by a node, 0 the root, and its test holds. */
  private record Branch(int node, int test) {}

  private final CircuitBuilder circuit;
  private final List<Bits> tests;
  private final Map<Branch, Integer> found = new HashMap<>();
  private final List<Bits> indicators = new ArrayList<>();

  private Forest(CircuitBuilder circuit, List<Bits> tests) {
    this.circuit = circuit;
    this.tests = tests;
    indicators.add(new Bits());
  }

  /** The sum of the chosen leaves modulo 2^widthBits. */
  public static Bits sum(
      CircuitBuilder circuit, List<Bits> tests, List<Tree> trees, int widthBits) {
    var forest = new Forest(circuit, tests);
    List<Bits> chosen = new ArrayList<>();
    for (Tree tree : trees) {
      chosen.add(forest.value(tree));
    }
    return Sums.of(circuit, chosen, widthBits);
  }

  private Bits value(Tree tree) {
    if (tree.tests.length == 0) {
      return constant(circuit, tree.leaves[0]);
    }
    Bits[] leaves = leafIndicators(tree);
    long used = 0;
    for (long leaf : tree.leaves) {
      used |= leaf;
    }
    int width = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(used));
    Bits value = new Bits();
    for (int bit = 0; bit < width; bit++) {
      List<Bits> set = new ArrayList<>();
      for (int leaf = 0; leaf < leaves.length; leaf++) {
        if ((tree.leaves[leaf] >>> bit & 1) == 1) {
          set.add(leaves[leaf]);
        }
      }
      value = value.append(circuit.xorAll(set));
    }
    return value;
  }

  private static Bits constant(CircuitBuilder circuit, long value) {
    int width = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(value));
    Bits bits = new Bits();
    for (int bit = 0; bit < width; bit++) {
      bits = bits.append(circuit.constant((value >>> bit & 1) == 1));
    }
    return bits;
  }

  /** By leaf: whether the row comes to it. */
  private Bits[] leafIndicators(Tree tree) {
    Bits[] leaves = new Bits[tree.leaves.length];
    int[] nodes = new int[tree.tests.length];
    // A child's number is above its parent's, so parents come first.
    for (int node = 0; node < nodes.length; node++) {
      int left = left(nodes[node], tree.tests[node]);
      for (int side = 0; side < 2; side++) {
        int child = (side == 0 ? tree.left : tree.right)[node];
        if (child < 0) {
          leaves[-1 - child] = indicators.get(left + side);
        } else {
          nodes[child] = left + side;
        }
      }
    }
    return leaves;
  }

  /** Place of the indicator of a node's left child; the right one's is the next. */
  private int left(int node, int test) {
    return found.computeIfAbsent(
        new Branch(node, test),
        _ -> {
          Bits holds = tests.get(test);
          Bits here = indicators.get(node);
          Bits left = node == 0 ? holds : circuit.and(here, holds);
          indicators.add(left);
          indicators.add(node == 0 ? circuit.not(holds) : circuit.xor(here, left));
          return indicators.size() - 2;
        });
  }
}
