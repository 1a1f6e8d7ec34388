package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.concordat.aggregator.mpc.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations on secret values against plain arithmetic. */
class OperationTest {
  private static final long[] EDGES = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 2, -2};

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  /** Every pair of edges where there is room, else random ones. */
  private long[][] pairs(int rows, int widthBits) {
    long[][] pairs = new long[2][rows];
    int shift = rows == 1 ? random.nextInt(49) : 0;
    for (int row = 0; row < rows; row++) {
      boolean isEdge = row + shift < 49;
      pairs[0][row] = isEdge ? EDGES[(row + shift) % 7] : random.nextLong();
      pairs[1][row] = isEdge ? EDGES[(row + shift) / 7] : random.nextLong();
      if (row % 5 == 4) {
        pairs[1][row] = pairs[0][row];
      }
    }
    for (long[] side : pairs) {
      Arrays.setAll(side, row -> side[row] & -1L >>> (64 - widthBits));
    }
    return pairs;
  }

  private static long[] both(long[][] pairs, LongBinaryOperator operator) {
    long[] results = new long[pairs[0].length];
    Arrays.setAll(results, row -> operator.applyAsLong(pairs[0][row], pairs[1][row]));
    return results;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65})
  void dotProductsOfEveryLength(int rows) {
    for (int length : new int[] {1, 2, 7, 32}) {
      var run = new SharedRun(seed, rows);
      List<Word> left = new ArrayList<>();
      List<Word> right = new ArrayList<>();
      long[] expected = new long[rows];
      for (int i = 0; i < length; i++) {
        long[][] pairs = pairs(rows, 64);
        left.add(run.number(pairs[0]));
        right.add(run.number(pairs[1]));
        Arrays.setAll(expected, row -> expected[row] + pairs[0][row] * pairs[1][row]);
      }
      Word dot = run.builder.dot(left, right);
      run.builder.output(dot);
      Circuit circuit = run.run();
      assertThat(run.numbers(dot)).as("%d terms, seed %d", length, seed).isEqualTo(expected);
      assertThat(circuit.rounds()).isEqualTo(1);
      assertThat(circuit.flightSlots()).as("one word a row").isEqualTo(64);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65})
  void weightedSumsWithOneSharedWeightForAllRows(int rows) {
    for (int length : new int[] {1, 2, 33}) {
      var run = new SharedRun(seed, rows);
      List<Word> words = new ArrayList<>();
      List<Scalar> weights = new ArrayList<>();
      long[] expected = new long[rows];
      for (int i = 0; i < length; i++) {
        long[] values = pairs(rows, 64)[i % 2];
        long weight = i < 7 ? EDGES[i] : random.nextLong();
        words.add(run.number(values));
        weights.add(run.scalar(weight));
        Arrays.setAll(expected, row -> expected[row] + weight * values[row]);
      }
      Word sum = run.builder.weighted(words, weights);
      run.builder.output(sum);
      Circuit circuit = run.run();
      assertThat(run.numbers(sum)).as("%d terms, seed %d", length, seed).isEqualTo(expected);
      assertThat(circuit.rounds()).isEqualTo(1);
      assertThat(circuit.flightSlots()).isEqualTo(64);
    }
  }

  @Test
  void factorsComeInPairs() {
    var builder = new CircuitBuilder();
    assertThatIllegalArgumentException().isThrownBy(() -> builder.dot(List.of(), List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.dot(List.of(builder.inputWord()), List.of()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65})
  void a2bGivesTheBitsAtEveryWidth(int rows) {
    for (int width = 1; width <= 64; width++) {
      long[] values = pairs(rows, 64)[width % 2];
      var run = new SharedRun(seed + width, rows);
      Bits bits = Conversion.a2b(run.builder, run.number(values), width);
      run.builder.output(bits);
      run.run();
      long mask = -1L >>> (64 - width);
      assertThat(run.codes(bits))
          .as("width %d, seed %d", width, seed)
          .isEqualTo(Arrays.stream(values).map(value -> value & mask).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 31, 64})
  void equalityOfSecretValues(int width) {
    for (int rows : new int[] {1, 63, 64, 65}) {
      long[][] pairs = pairs(rows, width);
      var run = new SharedRun(seed, rows);
      Bits codes =
          Comparison.equal(run.builder, run.code(width, pairs[0]), run.code(width, pairs[1]));
      Bits numbers =
          Comparison.equal(run.builder, run.number(pairs[0]), run.number(pairs[1]), width);
      Bits wider = Comparison.equal(run.builder, run.code(64, pairs[0]), run.code(1, pairs[1]));
      List.of(codes, numbers, wider).forEach(run.builder::output);
      run.run();
      long[] expected = both(pairs, (x, y) -> x == y ? 1 : 0);
      assertThat(run.codes(codes)).as("width %d, seed %d", width, seed).isEqualTo(expected);
      assertThat(run.codes(numbers)).as("width %d, seed %d", width, seed).isEqualTo(expected);
      assertThat(run.codes(wider)).isEqualTo(both(pairs, (x, y) -> x == (y & 1) ? 1 : 0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65})
  void orderOfSecretNumbers(int rows) {
    for (int width = 2; width <= 64; width++) {
      // The difference fits a number of so many bits with its sign.
      int shift = 65 - width;
      long[][] pairs = pairs(rows, 64);
      for (long[] side : pairs) {
        Arrays.setAll(side, row -> side[row] >> Math.min(63, shift));
      }
      var run = new SharedRun(seed + width, rows);
      Bits below = Comparison.below(run.builder, run.number(pairs[0]), run.number(pairs[1]), width);
      run.builder.output(below);
      run.run();
      assertThat(run.codes(below))
          .as("width %d, seed %d", width, seed)
          .isEqualTo(both(pairs, (x, y) -> x < y ? 1 : 0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 32, 64})
  void rangesWithPublicBounds(int width) {
    long most = -1L >>> (64 - width);
    long middle = random.nextLong() & most;
    for (long[] range :
        new long[][] {{0, 0}, {0, most}, {1, most}, {most, most}, {middle, middle}, {0, middle}}) {
      long from = Long.compareUnsigned(range[0], range[1]) <= 0 ? range[0] : range[1];
      long to = Long.compareUnsigned(range[0], range[1]) <= 0 ? range[1] : range[0];
      long[] values = pairs(65, width)[0];
      values[64] = to;
      values[63] = to + 1 & most;
      values[62] = from - 1 & most;
      var run = new SharedRun(seed, 65);
      Bits within = Comparison.within(run.builder, run.code(width, values), from, to);
      run.builder.output(within);
      run.run();
      assertThat(run.codes(within))
          .as("%d to %d, seed %d", from, to, seed)
          .isEqualTo(
              Arrays.stream(values)
                  .map(
                      x ->
                          Long.compareUnsigned(x, from) >= 0 && Long.compareUnsigned(x, to) <= 0
                              ? 1
                              : 0)
                  .toArray());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> {
              var builder = new CircuitBuilder();
              Comparison.within(builder, builder.inputBits(3), 2, 1);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65})
  void choiceOfCodesAndNumbers(int rows) {
    for (int width : new int[] {1, 17, 64}) {
      long[][] pairs = pairs(rows, width);
      long[] chosen = random.longs(rows, 0, 2).toArray();
      var run = new SharedRun(seed, rows);
      Bits bit = run.code(1, chosen);
      Bits code =
          Selection.of(run.builder, bit, run.code(width, pairs[0]), run.code(width, pairs[1]));
      Word left = run.number(pairs[0]);
      Word number = Selection.of(run.builder, bit, left, run.number(pairs[1]));
      Word masked = Selection.masked(run.builder, bit, left);
      run.builder.output(code);
      run.builder.output(number);
      run.builder.output(masked);
      run.run();
      long[] expected = new long[rows];
      Arrays.setAll(expected, row -> chosen[row] == 1 ? pairs[0][row] : pairs[1][row]);
      assertThat(run.codes(code)).as("seed %d", seed).isEqualTo(expected);
      assertThat(run.numbers(number)).as("seed %d", seed).isEqualTo(expected);
      Arrays.setAll(expected, row -> chosen[row] * pairs[0][row]);
      assertThat(run.numbers(masked)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void largestAndSmallestCodesAndWhichTheyAre(int count) {
    for (int width : new int[] {1, 2, 16, 64}) {
      int rows = 65;
      long[][] values = new long[count][];
      var run = new SharedRun(seed, rows);
      List<Bits> codes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        values[i] = pairs(rows, width)[i % 2];
        codes.add(run.code(width, values[i]));
      }
      Extreme.OfCodes largest = Extreme.largest(run.builder, codes);
      Extreme.OfCodes smallest = Extreme.smallest(run.builder, codes);
      for (Extreme.OfCodes found : List.of(largest, smallest)) {
        run.builder.output(found.value());
        run.builder.output(found.index());
      }
      run.run();
      long[] first = run.codes(largest.index());
      long[] last = run.codes(smallest.index());
      for (int row = 0; row < rows; row++) {
        long[] ofRow = row(values, row);
        assertThat(first[row])
            .as("seed %d, row %d", seed, row)
            .isEqualTo(winner(ofRow, (x, y) -> Long.compareUnsigned(x, y)));
        assertThat(last[row]).isEqualTo(winner(ofRow, (x, y) -> Long.compareUnsigned(y, x)));
        assertThat(run.codes(largest.value())[row]).isEqualTo(ofRow[(int) first[row]]);
        assertThat(run.codes(smallest.value())[row]).isEqualTo(ofRow[(int) last[row]]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void largestAndSmallestNumbersAndWhichTheyAre(int count) {
    int rows = 65;
    long[][] values = new long[count][];
    var run = new SharedRun(seed, rows);
    List<Word> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values[i] = Arrays.stream(pairs(rows, 64)[i % 2]).map(value -> value >> 2).toArray();
      words.add(run.number(values[i]));
    }
    Extreme.OfNumbers largest = Extreme.largestNumber(run.builder, words, 64);
    Extreme.OfNumbers smallest = Extreme.smallestNumber(run.builder, words, 64);
    for (Extreme.OfNumbers found : List.of(largest, smallest)) {
      run.builder.output(found.value());
      run.builder.output(found.index());
    }
    run.run();
    long[] first = run.codes(largest.index());
    long[] last = run.codes(smallest.index());
    long[] most = run.numbers(largest.value());
    long[] least = run.numbers(smallest.value());
    for (int row = 0; row < rows; row++) {
      long[] ofRow = row(values, row);
      assertThat(first[row])
          .as("seed %d, row %d", seed, row)
          .isEqualTo(winner(ofRow, Long::compare));
      assertThat(last[row]).isEqualTo(winner(ofRow, (x, y) -> Long.compare(y, x)));
      assertThat(most[row]).isEqualTo(ofRow[(int) first[row]]);
      assertThat(least[row]).isEqualTo(ofRow[(int) last[row]]);
    }
  }

  private static long[] row(long[][] values, int row) {
    return Arrays.stream(values).mapToLong(column -> column[row]).toArray();
  }

  /** The first of the greatest. */
  private static long winner(long[] values, LongBinaryOperator order) {
    int winner = 0;
    for (int i = 1; i < values.length; i++) {
      winner = order.applyAsLong(values[i], values[winner]) > 0 ? i : winner;
    }
    return winner;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void lookupReadsEveryPlaceOfATable(int indexBits) {
    int size = 1 << indexBits;
    long[] index = new long[size];
    Arrays.setAll(index, i -> i);
    long[] table = random.longs(size).toArray();
    long[] other = random.longs(size, 0, 2).toArray();
    var run = new SharedRun(seed, size);
    var lookup = new Lookup(run.builder, run.code(indexBits, index));
    Bits wide = lookup.value(table, 64);
    Bits narrow = lookup.value(table, 5);
    Bits one = lookup.value(other, 1);
    List.of(wide, narrow, one).forEach(run.builder::output);
    Circuit circuit = run.run();
    assertThat(run.codes(wide)).as("seed %d", seed).isEqualTo(table);
    assertThat(run.codes(narrow)).isEqualTo(Arrays.stream(table).map(v -> v & 31).toArray());
    assertThat(run.codes(one)).isEqualTo(other);
    assertThat(circuit.ands()).isLessThanOrEqualTo(size - indexBits - 1);
    assertThat(circuit.rounds())
        .isLessThanOrEqualTo(BigInteger.valueOf(indexBits - 1L).bitLength());
  }

  @Test
  void lookupTakesTablesOfItsSizeOnly() {
    var builder = new CircuitBuilder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Lookup(builder, builder.inputBits(Lookup.INDEX_BITS_MAX + 1)));
    var lookup = new Lookup(builder, builder.inputBits(Lookup.INDEX_BITS_MAX));
    assertThatIllegalArgumentException().isThrownBy(() -> lookup.value(new long[4095], 1));
    // A public table of one value everywhere needs no product.
    lookup.value(new long[4096], 1);
    assertThat(builder.build().ands()).isZero();
  }
}
