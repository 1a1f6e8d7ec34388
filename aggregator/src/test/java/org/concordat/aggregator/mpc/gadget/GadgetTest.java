package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.concordat.aggregator.mpc.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GadgetTest {
  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000})
  void negativeIsTheSignOfEveryWidth(int rows) {
    for (int width = 1; width <= 64; width++) {
      long low = width == 64 ? Long.MIN_VALUE : -(1L << (width - 1));
      long[] values = signed(width, rows, low, low + 1, -1, 0, 1, ~low, ~low - 1);
      var run = new SharedRun(seed + width, rows);
      Bits negative = Comparison.negative(run.builder, run.number(values), width);
      run.builder.output(negative);
      run.run();
      assertThat(run.codes(negative))
          .as("width %d, seed %d", width, seed)
          .isEqualTo(Arrays.stream(values).map(x -> x < 0 ? 1 : 0).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000})
  void atLeastComparesWithAPublicBound(int rows) {
    for (int width : new int[] {1, 2, 3, 7, 16, 31, 32, 33, 63, 64}) {
      long mask = -1L >>> (64 - width);
      long middle = random.nextLong() & mask;
      for (long bound : new long[] {0, 1, middle, mask, mask - 1, 1L << (width - 1), -1}) {
        long[] values = unsigned(width, rows, 0, 1, bound - 1, bound, bound + 1, mask);
        var run = new SharedRun(seed, rows);
        Bits result = Comparison.atLeast(run.builder, run.code(width, values), bound);
        run.builder.output(result);
        run.run();
        assertThat(run.codes(result))
            .as("width %d, bound %d, seed %d", width, bound, seed)
            .isEqualTo(
                Arrays.stream(values)
                    .map(x -> Long.compareUnsigned(x, bound) >= 0 ? 1 : 0)
                    .toArray());
      }
    }
  }

  @Test
  void notBelowExtendsTheNarrowerCode() {
    int rows = 100;
    for (int[] widths :
        new int[][] {{1, 1}, {1, 5}, {5, 1}, {16, 16}, {64, 64}, {64, 9}, {3, 64}}) {
      long[] left = unsigned(widths[0], rows, 0, 1, -1, 7, 8);
      long[] right = unsigned(widths[1], rows, 0, 0, -1, 8, 7);
      System.arraycopy(left, 10, right, 10, widths[0] <= widths[1] ? 20 : 0);
      var run = new SharedRun(seed, rows);
      Bits result =
          Comparison.notBelow(run.builder, run.code(widths[0], left), run.code(widths[1], right));
      run.builder.output(result);
      run.run();
      long[] expected = new long[rows];
      Arrays.setAll(expected, i -> Long.compareUnsigned(left[i], right[i]) >= 0 ? 1 : 0);
      assertThat(run.codes(result)).as(Arrays.toString(widths)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000})
  void zeroIsFoundAtEveryWidth(int rows) {
    for (int width = 1; width <= 64; width++) {
      long mask = -1L >>> (64 - width);
      long[] values = unsigned(64, rows, 0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, mask, mask + 1);
      for (int row = 7; row < rows; row += 2) {
        values[row] &= ~mask;
      }
      var run = new SharedRun(seed + width, rows);
      Bits zero = Comparison.zero(run.builder, run.number(values), width);
      run.builder.output(zero);
      run.run();
      assertThat(run.codes(zero))
          .as("width %d, seed %d", width, seed)
          .isEqualTo(Arrays.stream(values).map(x -> (x & mask) == 0 ? 1 : 0).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000})
  void multiplyIsTheProductModulo2To64(int rows) {
    long[] left = unsigned(64, rows, 0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 3);
    long[] right = unsigned(64, rows, -1, 0, -1, Long.MIN_VALUE, 2, Long.MIN_VALUE);
    var run = new SharedRun(seed, rows);
    Word product = run.builder.multiply(run.number(left), run.number(right));
    run.builder.output(product);
    run.run();
    long[] expected = new long[rows];
    Arrays.setAll(expected, i -> left[i] * right[i]);
    assertThat(run.numbers(product)).as("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void membershipOfSetsOfEveryShape() {
    int rows = 300;
    var sets = new ArrayList<List<Long>>();
    sets.add(List.of());
    sets.add(List.of(0L));
    sets.add(List.of(5L));
    sets.add(LongStream.range(0, 1024).boxed().toList());
    sets.add(LongStream.range(100, 611).boxed().toList());
    sets.add(LongStream.range(0, 1024).filter(x -> x % 2 == 1).boxed().toList());
    sets.add(List.of(3L, 1023L, 1024L, 70000L));
    for (int i = 0; i < 20; i++) {
      var set = new TreeSet<Long>();
      for (int n = random.nextInt(1, 60); n > 0; n--) {
        set.add((long) random.nextInt(1024));
      }
      sets.add(List.copyOf(set));
    }
    for (List<Long> set : sets) {
      for (int width : new int[] {10, 64}) {
        long[] members = set.stream().mapToLong(Long::longValue).limit(rows).toArray();
        long[] values = unsigned(width, rows, members);
        for (int i = members.length; i < rows - 50; i++) {
          values[i] = random.nextInt(1024);
        }
        var run = new SharedRun(seed, rows);
        Bits result = new Membership(run.builder, run.code(width, values)).in(set);
        run.builder.output(result);
        run.run();
        assertThat(run.codes(result))
            .as("%s, seed %d", set, seed)
            .isEqualTo(Arrays.stream(values).map(x -> set.contains(x) ? 1 : 0).toArray());
      }
    }
  }

  @Test
  void membershipInOneBit() {
    for (List<Long> set : List.of(List.of(0L), List.of(1L), List.of(0L, 1L))) {
      var run = new SharedRun(seed, 2);
      Bits result = new Membership(run.builder, run.code(1, 0, 1)).in(set);
      run.builder.output(result);
      run.run();
      assertThat(run.codes(result))
          .isEqualTo(new long[] {set.contains(0L) ? 1 : 0, set.contains(1L) ? 1 : 0});
    }
  }

  @Test
  void countsConjunctionsAndDisjunctions() {
    int rows = 257;
    for (int n = 2; n <= 20; n++) {
      var run = new SharedRun(seed + n, rows);
      var bits = new ArrayList<Bits>();
      int[] set = new int[rows];
      for (int i = 0; i < n; i++) {
        long[] values = new long[rows];
        for (int row = 0; row < rows; row++) {
          values[row] = row == 0 ? 0 : row == 1 || random.nextInt(4) > row % 4 ? 1 : 0;
          set[row] += (int) values[row];
        }
        bits.add(run.code(1, values));
      }
      int count = n;
      var results = new ArrayList<Bits>();
      results.add(Logic.all(run.builder, bits));
      results.add(Logic.any(run.builder, bits));
      for (int k = 2; k < n; k++) {
        results.add(Logic.atLeast(run.builder, k, bits));
      }
      results.forEach(run.builder::output);
      run.run();
      assertThat(run.codes(results.get(0)))
          .isEqualTo(Arrays.stream(set).mapToLong(s -> s == count ? 1 : 0).toArray());
      assertThat(run.codes(results.get(1)))
          .isEqualTo(Arrays.stream(set).mapToLong(s -> s > 0 ? 1 : 0).toArray());
      for (int k = 2; k < n; k++) {
        int least = k;
        assertThat(run.codes(results.get(k)))
            .as("%d of %d", k, n)
            .isEqualTo(Arrays.stream(set).mapToLong(s -> s >= least ? 1 : 0).toArray());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000})
  void b2aAndLinearAreExact(int rows) {
    for (int width : new int[] {1, 2, 10, 63, 64}) {
      long[] code = unsigned(width, rows, 0, 1, -1, 2, 1L << (width - 1));
      long[] number = signed(64, rows, 0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE);
      var run = new SharedRun(seed, rows);
      Word converted = run.builder.b2a(run.code(width, code));
      Word sum =
          run.builder.linear(List.of(converted, run.number(number)), List.of(-3L, 1L << 40), 12345);
      Word constant = run.builder.linear(List.of(), List.of(), -7);
      run.builder.output(converted);
      run.builder.output(sum);
      run.builder.output(constant);
      run.run();
      assertThat(run.numbers(converted)).isEqualTo(code);
      long[] expected = new long[rows];
      Arrays.setAll(expected, i -> -3 * code[i] + (number[i] << 40) + 12345);
      assertThat(run.numbers(sum)).isEqualTo(expected);
      assertThat(run.numbers(constant)).containsOnly(-7);
    }
  }

  @Test
  void slotsAreSharedOutAgain() {
    var run = new SharedRun(seed, 64);
    Bits left = run.code(64, unsigned(64, 64));
    Bits right = run.code(64, unsigned(64, 64));
    Bits result = left;
    for (int i = 0; i < 50; i++) {
      result = run.builder.xor(run.builder.and(result, right), left);
    }
    run.builder.output(result);
    assertThat(run.run().slotCount()).isLessThanOrEqualTo(5 * 64);
  }

  private long[] signed(int width, int rows, long... edges) {
    return values(rows, edges, x -> width == 64 ? x : x << (64 - width) >> (64 - width));
  }

  private long[] unsigned(int width, int rows, long... edges) {
    return values(rows, edges, x -> x & -1L >>> (64 - width));
  }

  private long[] values(int rows, long[] edges, java.util.function.LongUnaryOperator fit) {
    long[] values = new long[rows];
    int shift = rows == 1 ? random.nextInt(Math.max(1, edges.length)) : 0;
    for (int row = 0; row < rows; row++) {
      long value = row + shift < edges.length ? edges[row + shift] : random.nextLong();
      values[row] = fit.applyAsLong(value);
    }
    return values;
  }
}
