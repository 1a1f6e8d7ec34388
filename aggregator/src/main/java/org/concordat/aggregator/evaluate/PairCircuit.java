package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Word;
import org.concordat.rules.link.LinkSpec.Hidden;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.schemas.share.BitPlanes;

/**
 * Compares pairs: from the exclusive or of what is compared the bit that nothing differs, and where
 * windows count or sum, that bit as a number and its product with each of their values.
 */
final class PairCircuit {
  private final Circuit circuit;
  private final int[] differences;
  private final int equal;
  private final int[] values;
  private final int[] valueSlots;
  private final int[] products;

  /** The slot of the bit as a number; -1 where nothing counts or sums. */
  private final int counted;

  private PairCircuit(
      Circuit circuit,
      int[] differences,
      int equal,
      int[] values,
      int[] valueSlots,
      int[] products,
      int counted) {
    this.circuit = circuit;
    this.differences = differences;
    this.equal = equal;
    this.values = values;
    this.valueSlots = valueSlots;
    this.products = products;
    this.counted = counted;
  }

  /** For the windows of one lookup. */
  static PairCircuit of(List<Measure> measures) {
    int[] values =
        measures.stream()
            .filter(measure -> measure.kind() == Kind.SUM)
            .mapToInt(Measure::value)
            .distinct()
            .toArray();
    boolean counts =
        measures.stream().anyMatch(m -> m.kind() == Kind.COUNT || m.kind() == Kind.SUM);
    var builder = new CircuitBuilder();
    Bits differences = builder.inputBits(Hidden.COMPARED_BITS);
    Bits equal = Comparison.equal(builder, differences, builder.none());
    builder.output(equal);
    List<Word> factors = new ArrayList<>();
    List<Word> products = new ArrayList<>();
    Word number = null;
    if (counts) {
      number = builder.b2a(equal);
      builder.output(number);
      for (int i = 0; i < values.length; i++) {
        Word factor = builder.inputWord();
        factors.add(factor);
        Word product = builder.multiply(number, factor);
        builder.output(product);
        products.add(product);
      }
    }
    Circuit circuit = builder.build();
    return new PairCircuit(
        circuit,
        circuit.slots(differences),
        circuit.slots(equal)[0],
        values,
        factors.stream().mapToInt(circuit::slot).toArray(),
        products.stream().mapToInt(circuit::slot).toArray(),
        number == null ? -1 : circuit.slot(number));
  }

  Columns columns(Suite suite, int words) {
    return new Columns(suite.held(), circuit.slotCount(), words);
  }

  /** Values that are summed. */
  int[] values() {
    return values;
  }

  /** The first slot of what a window adds up. */
  int result(Measure measure) {
    return measure.kind() == Kind.COUNT ? counted : products[index(measure.value())];
  }

  private int index(int value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == value) {
        return i;
      }
    }
    throw new IllegalArgumentException("a value of another lookup");
  }

  /** A component of the exclusive or, by pair. */
  void loadDifferences(Columns columns, int position, long[] words) {
    int planeWords = columns.words();
    long[] planes = new long[differences.length * planeWords];
    BitPlanes.toPlanes(words, words.length, differences.length, planes, 0);
    for (int bit = 0; bit < differences.length; bit++) {
      System.arraycopy(
          planes, bit * planeWords, columns.component(position)[differences[bit]], 0, planeWords);
    }
  }

  /** A component of a value, by pair. */
  void loadValue(Columns columns, int position, int value, long[] words) {
    int slot = valueSlots[index(value)];
    long[][] lanes = columns.component(position);
    int last = columns.words() - 1;
    for (int lane = 0; lane < Columns.LANES; lane++) {
      lanes[slot + lane][last] = 0;
    }
    for (int i = 0; i < words.length; i++) {
      lanes[slot + i % Columns.LANES][i / Columns.LANES] = words[i];
    }
  }

  void run(Suite suite, Columns columns, Steps steps, String path) {
    circuit.run(suite, columns, steps, path);
  }

  /** A component of the bits that tell which pairs are equal; not a copy. */
  long[] equal(Columns columns, int position) {
    return columns.component(position)[equal];
  }

  /** For each pair. */
  int ands() {
    return circuit.ands();
  }

  /** Of a pass. */
  int rounds() {
    return circuit.rounds();
  }

  @Override
  public String toString() {
    return "PairCircuit[values=" + Arrays.toString(values) + "]";
  }
}
