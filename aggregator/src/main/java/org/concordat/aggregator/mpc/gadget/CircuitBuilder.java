package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.gadget.Operation.Kind;

/**
 * Writes a circuit. Each method adds an operation and returns its result; an operation that needs a
 * flight goes into the first round in which its operands are there, so whatever is independent
 * shares rounds.
 */
public final class CircuitBuilder {
  private final List<Boolean> isColumn = new ArrayList<>();
  private final List<Integer> roundOf = new ArrayList<>();
  private final List<List<Operation>> local = new ArrayList<>();
  private final List<List<Operation>> flights = new ArrayList<>();
  private final List<Integer> inputs = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();
  private int ands;

  /** A Boolean input. */
  public Bits inputBits(int widthBits) {
    int[] planes = planes(widthBits, 0);
    Arrays.stream(planes).forEach(inputs::add);
    return new Bits(planes);
  }

  /** An arithmetic input. */
  public Word inputWord() {
    Word word = new Word(value(true, 0));
    inputs.add(word.value());
    return word;
  }

  /** A shared number that is the same in every row. */
  public Scalar inputScalar() {
    Scalar scalar = new Scalar(value(false, 0));
    inputs.add(scalar.value());
    return scalar;
  }

  /** Keeps bits until the end of the run. */
  public void output(Bits bits) {
    Arrays.stream(bits.values()).forEach(outputs::add);
  }

  /** Keeps a column until the end of the run. */
  public void output(Word word) {
    outputs.add(word.value());
  }

  /** No bits, to append others to. */
  public Bits none() {
    return new Bits();
  }

  /** A public bit in every row. */
  public Bits constant(boolean bit) {
    int[] out = planes(1, 0);
    add(local, 0, new Operation(Kind.CONSTANT, new int[0], out, new long[0], bit ? -1L : 0L));
    return new Bits(out);
  }

  public Bits xor(Bits left, Bits right) {
    int[] in = left.append(right).values();
    int[] out = planes(sameWidth(left, right), round(in));
    add(local, round(in), Operation.of(Kind.XOR, in, out));
    return new Bits(out);
  }

  /** The exclusive or of single bits; zero of none. Local. */
  Bits xorAll(List<Bits> bits) {
    if (bits.isEmpty()) {
      return constant(false);
    }
    if (bits.size() == 1) {
      return bits.getFirst();
    }
    int[] in = bits.stream().mapToInt(bit -> bit.value(0)).toArray();
    int[] out = planes(1, round(in));
    add(local, round(in), Operation.of(Kind.XOR_ALL, in, out));
    return new Bits(out);
  }

  public Bits not(Bits bits) {
    int[] out = planes(bits.width(), round(bits.values()));
    add(local, round(bits.values()), Operation.of(Kind.NOT, bits.values(), out));
    return new Bits(out);
  }

  /** Bit by bit. One round; a word for each word of the result. */
  public Bits and(Bits left, Bits right) {
    int[] in = left.append(right).values();
    int[] out = planes(sameWidth(left, right), round(in) + 1);
    if (out.length > 0) {
      add(flights, round(in), Operation.of(Kind.AND, in, out));
    }
    ands += out.length;
    return new Bits(out);
  }

  /**
   * Rows of the columns' secret tables over some bits: result r is the exclusive or of those bits
   * at which row r is 1. One round; a word for each word of the result.
   *
   * @param offset the tables' bit at which the first row begins; a row is as long as the bits
   */
  public Bits select(Bits bits, long offset, int rows) {
    int[] in = bits.values();
    int[] out = planes(rows, round(in) + 1);
    add(flights, round(in), new Operation(Kind.SELECT, in, out, new long[0], offset));
    ands += rows;
    return new Bits(out);
  }

  /** {@code constant + sum of weights[i] * words[i] mod 2^64}. Local. */
  public Word linear(List<Word> words, List<Long> weights, long constant) {
    if (words.size() != weights.size()) {
      throw new IllegalArgumentException("a weight for each word");
    }
    int[] in = words.stream().mapToInt(Word::value).toArray();
    int out = value(true, round(in));
    long[] factors = weights.stream().mapToLong(Long::longValue).toArray();
    add(local, round(in), new Operation(Kind.LINEAR, in, new int[] {out}, factors, constant));
    return new Word(out);
  }

  /** The low bits of the sum without carry of a word's components, as a Boolean sharing. Local. */
  Bits componentSum(Word word, int widthBits) {
    int[] in = {word.value()};
    int[] out = planes(widthBits, round(in));
    add(local, round(in), Operation.of(Kind.COMPONENT_BITS, in, out));
    return new Bits(out);
  }

  /** For each bit of a component sum the carry into the next higher one. One round. */
  Bits carry(Bits componentSum) {
    int[] in = componentSum.values();
    int[] out = planes(in.length, round(in) + 1);
    if (out.length > 0) {
      add(flights, round(in), Operation.of(Kind.CARRY, in, out));
    }
    ands += out.length;
    return new Bits(out);
  }

  /** Row by row, mod 2^64. One round; a word for each row. */
  public Word multiply(Word left, Word right) {
    int[] in = {left.value(), right.value()};
    int out = value(true, round(in) + 1);
    add(flights, round(in), Operation.of(Kind.MULTIPLY, in, new int[] {out}));
    return new Word(out);
  }

  /** {@code sum of left[i] * right[i] mod 2^64}, row by row. One round; a word for each row. */
  public Word dot(List<Word> left, List<Word> right) {
    return dot(Kind.DOT, left, right.stream().map(Word::value).toList());
  }

  /** {@code sum of weights[i] * words[i] mod 2^64}. One round; a word for each row. */
  public Word weighted(List<Word> words, List<Scalar> weights) {
    return dot(Kind.WEIGHTED, words, weights.stream().map(Scalar::value).toList());
  }

  private Word dot(Kind kind, List<Word> left, List<Integer> right) {
    if (left.isEmpty() || left.size() != right.size()) {
      throw new IllegalArgumentException("as many factors on either side, at least one");
    }
    int[] in =
        Stream.concat(left.stream().map(Word::value), right.stream())
            .mapToInt(Integer::intValue)
            .toArray();
    int out = value(true, round(in) + 1);
    add(flights, round(in), Operation.of(kind, in, new int[] {out}));
    return new Word(out);
  }

  /** The unsigned code as an arithmetic column. Two rounds. */
  public Word b2a(Bits code) {
    int[] in = code.values();
    int out = value(true, round(in) + 2);
    add(flights, round(in), Operation.of(Kind.B2A, in, new int[] {out}));
    return new Word(out);
  }

  /** The round after which all of the bits are there; 0 needs none. */
  public int round(Bits bits) {
    return round(bits.values());
  }

  public Circuit build() {
    int rounds = IntStream.range(0, roundOf.size()).map(roundOf::get).max().orElse(0);
    while (local.size() <= rounds) {
      local.add(new ArrayList<>());
    }
    while (flights.size() < rounds) {
      flights.add(new ArrayList<>());
    }
    int[] slots = new SlotAllocation(isColumn, inputs, outputs, local, flights).slots();
    var compiled = new ArrayList<Round>();
    for (int i = 0; i <= rounds; i++) {
      List<Operation> sent = i < rounds ? flights.get(i) : List.of();
      List<Operation> earlier = i > 0 ? flights.get(i - 1) : List.of();
      compiled.add(Round.of(local.get(i), sent, earlier, slots));
    }
    int slotCount = 0;
    for (int value = 0; value < slots.length; value++) {
      slotCount = Math.max(slotCount, slots[value] + (isColumn.get(value) ? Columns.LANES : 1));
    }
    return new Circuit(compiled, slots, slotCount, ands);
  }

  private static void add(List<List<Operation>> byRound, int round, Operation operation) {
    while (byRound.size() <= round) {
      byRound.add(new ArrayList<>());
    }
    byRound.get(round).add(operation);
  }

  private int round(int[] values) {
    return Arrays.stream(values).map(roundOf::get).max().orElse(0);
  }

  private static int sameWidth(Bits left, Bits right) {
    if (left.width() != right.width()) {
      throw new IllegalArgumentException("bits of different width");
    }
    return left.width();
  }

  private int[] planes(int count, int round) {
    int[] planes = new int[count];
    for (int i = 0; i < count; i++) {
      planes[i] = value(false, round);
    }
    return planes;
  }

  private int value(boolean column, int round) {
    isColumn.add(column);
    roundOf.add(round);
    return isColumn.size() - 1;
  }
}
