package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.concordat.aggregator.mpc.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForestTest {
  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void everyBoundOfANarrowCode(int width) {
    int rows = 1 << width;
    long[] values = new long[rows];
    Arrays.setAll(values, i -> i);
    var run = new SharedRun(seed, rows);
    var thresholds = new Thresholds(run.builder, run.code(width, values));
    List<Bits> results = new ArrayList<>();
    for (long bound = 0; bound <= rows; bound++) {
      results.add(thresholds.atLeast(bound));
    }
    results.forEach(run.builder::output);
    Circuit circuit = run.run();
    for (int bound = 0; bound <= rows; bound++) {
      long limit = bound;
      assertThat(run.codes(results.get(bound)))
          .as("bound %d", bound)
          .isEqualTo(Arrays.stream(values).map(x -> x >= limit ? 1 : 0).toArray());
    }
    assertThat(circuit.ands()).isLessThan(rows + rows / 4 + 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 31, 32, 33, 63, 64})
  void manyBoundsOfAWideCode(int width) {
    int rows = 65;
    long mask = -1L >>> (64 - width);
    long[] bounds = new long[100];
    Arrays.setAll(bounds, i -> random.nextLong() & mask);
    long[] edges = {1, 2, mask, mask - 1, 1L << (width - 1), (1L << (width - 1)) - 1};
    System.arraycopy(edges, 0, bounds, 0, edges.length);
    long[] values = new long[rows];
    Arrays.setAll(values, i -> bounds[i] - i % 2);
    values[64] = mask;
    var run = new SharedRun(seed, rows);
    var thresholds = new Thresholds(run.builder, run.code(width, values));
    List<Bits> results = new ArrayList<>();
    for (long bound : bounds) {
      results.add(thresholds.atLeast(bound));
    }
    results.forEach(run.builder::output);
    Circuit circuit = run.run();
    for (int i = 0; i < bounds.length; i++) {
      long bound = bounds[i];
      assertThat(run.codes(results.get(i)))
          .as("bound %d of %d bits, seed %d", bound, width, seed)
          .isEqualTo(
              Arrays.stream(values)
                  .map(x -> Long.compareUnsigned(x, bound) >= 0 ? 1 : 0)
                  .toArray());
    }
    // A carry tree each would take 2(l-1) - ceil(log2 l).
    assertThat(circuit.ands()).isLessThan(100 * (width + width / 4));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 17, 100})
  void sumsOfCodesOfDifferentWidths(int count) {
    int rows = 70;
    for (int width : new int[] {1, 2, 7, 13, 64}) {
      var run = new SharedRun(seed, rows);
      List<Bits> codes = new ArrayList<>();
      long[] expected = new long[rows];
      for (int i = 0; i < count; i++) {
        int codeWidth = 1 + random.nextInt(width);
        long[] values = new long[rows];
        Arrays.setAll(values, row -> random.nextLong() & (-1L >>> (64 - codeWidth)));
        values[0] = -1L >>> (64 - codeWidth);
        values[1] = 0;
        codes.add(run.code(codeWidth, values));
        Arrays.setAll(expected, row -> expected[row] + values[row]);
      }
      Bits sum = Sums.of(run.builder, codes, width);
      run.builder.output(sum);
      run.run();
      long mask = -1L >>> (64 - width);
      assertThat(run.codes(sum))
          .as("%d codes to %d bits, seed %d", count, width, seed)
          .isEqualTo(Arrays.stream(expected).map(x -> x & mask).toArray());
    }
  }

  @Test
  void aForestAddsTheLeavesThatRowsComeTo() {
    int rows = 200;
    int testCount = 30;
    var run = new SharedRun(seed, rows);
    long[][] values = new long[testCount][rows];
    List<Bits> tests = new ArrayList<>();
    for (long[] test : values) {
      Arrays.setAll(test, row -> random.nextInt(2));
      tests.add(run.code(1, test));
    }
    List<Forest.Tree> trees = new ArrayList<>();
    trees.add(new Forest.Tree(new int[0], new int[0], new int[0], new long[] {5}));
    for (int leaves = 2; leaves < 40; leaves++) {
      trees.add(randomTree(leaves, testCount));
    }
    Bits sum = Forest.sum(run.builder, tests, trees, 30);
    run.builder.output(sum);
    run.run();
    long[] expected = new long[rows];
    for (int row = 0; row < rows; row++) {
      for (Forest.Tree tree : trees) {
        int at = tree.tests().length == 0 ? -1 : 0;
        while (at >= 0) {
          at = values[tree.tests()[at]][row] == 1 ? tree.left()[at] : tree.right()[at];
        }
        expected[row] += tree.leaves()[-1 - at];
      }
    }
    assertThat(run.codes(sum)).as("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void treesThatBeginAlikeShareProducts() {
    // Node 0 with test 0; its left child with test 1; that one's left child with the last test.
    int[] left = {1, 2, -1};
    int[] right = {-4, -3, -2};
    List<Forest.Tree> trees = new ArrayList<>();
    for (int last : new int[] {2, 3, 2}) {
      trees.add(new Forest.Tree(new int[] {0, 1, last}, left, right, new long[4]));
    }
    for (int count = 1; count <= 3; count++) {
      var builder = new CircuitBuilder();
      List<Bits> tests = new ArrayList<>();
      for (int test = 0; test < 4; test++) {
        tests.add(builder.inputBits(1));
      }
      Forest.sum(builder, tests, trees.subList(0, count), 1);
      // The first tree's two, one for the second's last test, none for the third.
      assertThat(builder.build().ands()).isEqualTo(Math.min(3, 1 + count));
    }
  }

  /** Grows by splitting a leaf at random. */
  private Forest.Tree randomTree(int leafCount, int testCount) {
    int[] tests = new int[leafCount - 1];
    int[] left = new int[leafCount - 1];
    int[] right = new int[leafCount - 1];
    List<int[]> open = new ArrayList<>();
    for (int node = 0; node < leafCount - 1; node++) {
      if (node > 0) {
        int[] place = open.remove(random.nextInt(open.size()));
        (place[1] == 0 ? left : right)[place[0]] = node;
      }
      tests[node] = random.nextInt(testCount);
      open.add(new int[] {node, 0});
      open.add(new int[] {node, 1});
    }
    for (int leaf = 0; leaf < leafCount; leaf++) {
      int[] place = open.get(leaf);
      (place[1] == 0 ? left : right)[place[0]] = -1 - leaf;
    }
    long[] leaves = random.longs(leafCount, 0, 1 << 20).toArray();
    return new Forest.Tree(tests, left, right, leaves);
  }
}
