package org.concordat.ops.bench.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Forest;
import org.concordat.aggregator.mpc.gadget.Thresholds;

/**
 * The measured forest, a function of the seed: complete trees, inner node k of tree t below nodes
 * {@code (k-1)/2}; its test is number {@code (63t + k) * 1657 mod 3200}: feature {@code test / 100}
 * is below cut point {@code test % 100}, and if so the row goes left, to node 2k+1, else to 2k+2.
 * Nodes from 63 on are leaves.
 */
final class EngineForest {
  private static final int FEATURES = 32;
  private static final int CUTS = 100;
  private static final int TREES = 100;
  private static final int INNER = 63;
  private static final int SPREAD = 1_657;
  private static final int LEAF_BITS = 16;
  private static final int LEAF_STREAM = 65;
  private static final int CUT_STREAM = 66;
  private static final int SUM_BITS = 23;
  private static final int BIN_BITS = 7;

  private EngineForest() {}

  /** Whether the sum of the leaves is at least half of the largest that it can be. */
  static Bits flag(CircuitBuilder builder, List<EngineInput> inputs, long seed, int widthBits) {
    var words = new SeededWords(seed);
    List<Bits> tests = new ArrayList<>();
    for (int feature = 0; feature < FEATURES; feature++) {
      var thresholds = new Thresholds(builder, EngineOp.code(builder, inputs, widthBits));
      for (int cut = 0; cut < CUTS; cut++) {
        // Cut points of bins are their numbers; others are any.
        long bound =
            widthBits == BIN_BITS
                ? cut + 1
                : Math.max(1, words.word(CUT_STREAM, feature * CUTS + cut) >>> (64 - widthBits));
        tests.add(builder.not(thresholds.atLeast(bound)));
      }
    }
    List<Forest.Tree> trees = new ArrayList<>();
    for (int tree = 0; tree < TREES; tree++) {
      trees.add(tree(words, tree));
    }
    Bits sum = Forest.sum(builder, tests, trees, SUM_BITS);
    return Comparison.atLeast(builder, sum, (long) TREES << (LEAF_BITS - 1));
  }

  private static Forest.Tree tree(SeededWords words, int tree) {
    int[] tests = new int[INNER];
    int[] left = new int[INNER];
    int[] right = new int[INNER];
    for (int node = 0; node < INNER; node++) {
      tests[node] = (INNER * tree + node) * SPREAD % (FEATURES * CUTS);
      left[node] = child(2 * node + 1);
      right[node] = child(2 * node + 2);
    }
    long[] leaves = new long[INNER + 1];
    Arrays.setAll(
        leaves, i -> words.word(LEAF_STREAM, tree * (INNER + 1L) + i) >>> (64 - LEAF_BITS));
    return new Forest.Tree(tests, left, right, leaves);
  }

  private static int child(int node) {
    return node < INNER ? node : -1 - (node - INNER);
  }
}
