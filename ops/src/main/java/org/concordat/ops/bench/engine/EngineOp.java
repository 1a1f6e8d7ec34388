package org.concordat.ops.bench.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.gadget.Aes;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Word;

/** What is measured. Each op is a circuit over seeded inputs, run on columns of rows. */
public enum EngineOp {
  COMPARE64(
      "compare64",
      "x < y as the sign of x-y of arithmetic shares; x and y of 62 bits, difference of 64",
      1 << 20,
      1 << 14),
  COMPARE32(
      "compare32",
      "x < y as the sign of x-y of arithmetic shares; x and y of 31 bits, difference of 32",
      1 << 21,
      1 << 14),
  MULTIPLY("multiply", "x * y mod 2^64 of arithmetic shares", 1 << 22, 1 << 14),
  EQUAL64("equal64", "x = y of arithmetic shares of 64 bits", 1 << 20, 1 << 14),
  AND("and", "x & y of Boolean shares; a row is one bit", 1 << 28, 1 << 22),
  SCORE32(
      "score32",
      "32 arithmetic features of 32 bits, public weights of 15 bits, score at least a threshold",
      100_000,
      1 << 13),
  AES128(
      "aes128",
      "AES-128 of a shared block under a shared key of its own, key schedule included",
      1 << 16,
      1 << 12),
  TREES(
      "trees100x6",
      "100 trees of depth 6 over 32 features in 7-bit bins, 3,200 distinct cut points, the sum of"
          + " the leaves at least a threshold",
      1 << 16,
      1 << 11),
  TREES_RAW(
      "trees100x6-raw32", "trees100x6 with features and thresholds of 32 bits", 1 << 14, 1 << 10),
  SCORE32_SINGLE(
      "score32-single", "score32 of one record, from its shares to the opened flag", 1, 64);

  private static final int FEATURES = 32;
  private static final int WEIGHT_BITS = 15;

  private final String label;
  private final String description;
  private final int rows;
  private final int chunkRows;

  EngineOp(String label, String description, int rows, int chunkRows) {
    this.label = label;
    this.description = description;
    this.rows = rows;
    this.chunkRows = chunkRows;
  }

  /** As the command names it. */
  public String label() {
    return label;
  }

  public String description() {
    return description;
  }

  /** Rows of a run unless told otherwise. */
  public int rows() {
    return rows;
  }

  /** Rows that run through the circuit together. */
  int chunkRows() {
    return chunkRows;
  }

  /** Rows of one bit position of a word: planes of {@link #AND} are rows too. */
  int planesOfRows() {
    return this == AND ? Columns.LANES : 1;
  }

  /**
   * The op's circuit.
   *
   * @param output slots whose content is the result, in order
   */
  record Prepared(Circuit circuit, List<EngineInput> inputs, int[] output) {}

  Prepared prepare(long seed) {
    var builder = new CircuitBuilder();
    List<EngineInput> inputs = new ArrayList<>();
    return switch (this) {
      case COMPARE64 -> bits(builder, inputs, difference(builder, inputs, 62), 64);
      case COMPARE32 -> bits(builder, inputs, difference(builder, inputs, 31), 32);
      case EQUAL64 -> {
        Word difference = difference(builder, inputs, 64);
        yield planes(builder, inputs, Comparison.zero(builder, difference, 64));
      }
      case AES128 -> {
        Bits block = code(builder, inputs, 64).append(code(builder, inputs, 64));
        Bits key = code(builder, inputs, 64).append(code(builder, inputs, 64));
        yield planes(builder, inputs, Aes.encrypt(builder, block, key));
      }
      case TREES -> planes(builder, inputs, EngineForest.flag(builder, inputs, seed, 7));
      case TREES_RAW -> planes(builder, inputs, EngineForest.flag(builder, inputs, seed, 32));
      case MULTIPLY -> {
        Word product = builder.multiply(number(builder, inputs, 64), number(builder, inputs, 64));
        builder.output(product);
        Circuit circuit = builder.build();
        int first = circuit.slot(product);
        yield new Prepared(circuit, inputs, lanes(first));
      }
      case AND -> {
        Bits left = code(builder, inputs, Columns.LANES);
        Bits right = code(builder, inputs, Columns.LANES);
        yield planes(builder, inputs, builder.and(left, right));
      }
      case SCORE32, SCORE32_SINGLE -> {
        List<Word> features = new ArrayList<>();
        for (int i = 0; i < FEATURES; i++) {
          features.add(number(builder, inputs, 32));
        }
        List<Long> weights = weights(seed);
        // 32 bits of value, 15 of weight, 5 of terms, the sign and the threshold's.
        Word margin = builder.linear(features, weights, -threshold(weights));
        int widthBits = 32 + WEIGHT_BITS + 5 + 2;
        yield planes(builder, inputs, builder.not(Comparison.negative(builder, margin, widthBits)));
      }
    };
  }

  private static Word difference(CircuitBuilder builder, List<EngineInput> inputs, int widthBits) {
    Word left = number(builder, inputs, widthBits);
    Word right = number(builder, inputs, widthBits);
    return builder.linear(List.of(left, right), List.of(1L, -1L), 0);
  }

  private static Prepared bits(
      CircuitBuilder builder, List<EngineInput> inputs, Word difference, int widthBits) {
    return planes(builder, inputs, Comparison.negative(builder, difference, widthBits));
  }

  private static Prepared planes(CircuitBuilder builder, List<EngineInput> inputs, Bits result) {
    builder.output(result);
    Circuit circuit = builder.build();
    return new Prepared(circuit, inputs, circuit.slots(result));
  }

  private static int[] lanes(int first) {
    int[] lanes = new int[Columns.LANES];
    Arrays.setAll(lanes, lane -> first + lane);
    return lanes;
  }

  private static Word number(CircuitBuilder builder, List<EngineInput> inputs, int widthBits) {
    Word word = builder.inputWord();
    // Kept to the end: inputs stay where they are, and no run may overwrite them.
    builder.output(word);
    inputs.add(new EngineInput.Number(inputs.size(), widthBits, word));
    return word;
  }

  static Bits code(CircuitBuilder builder, List<EngineInput> inputs, int widthBits) {
    Bits bits = builder.inputBits(widthBits);
    builder.output(bits);
    inputs.add(new EngineInput.Code(inputs.size(), widthBits, bits));
    return bits;
  }

  /** Of stream 64, their low 15 bits less 2^14: signed. */
  static List<Long> weights(long seed) {
    var words = new SeededWords(seed);
    List<Long> weights = new ArrayList<>();
    for (int i = 0; i < FEATURES; i++) {
      weights.add((words.word(64, i) & ((1 << WEIGHT_BITS) - 1)) - (1 << (WEIGHT_BITS - 1)));
    }
    return weights;
  }

  /** The score of features at the middle of their range: flags about half of the rows. */
  static long threshold(List<Long> weights) {
    return weights.stream().mapToLong(weight -> weight << 31).sum();
  }

  @Override
  public String toString() {
    return label;
  }
}
