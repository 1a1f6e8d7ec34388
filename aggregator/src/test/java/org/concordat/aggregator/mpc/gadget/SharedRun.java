package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Steps;

/**
 * Writes a circuit over given plain values, runs it on shares at three parties, rebuilds results.
 */
final class SharedRun {
  private record Code(Bits bits, long[] values) {}

  private record Number(Word word, long[] values) {}

  private record Constant(Scalar scalar, long value) {}

  final CircuitBuilder builder = new CircuitBuilder();
  private final long seed;
  private final int rows;
  private final List<Code> codes = new ArrayList<>();
  private final List<Number> numbers = new ArrayList<>();
  private final List<Constant> scalars = new ArrayList<>();
  private Columns[] parties = new Columns[0];
  private Circuit circuit = builder.build();

  SharedRun(long seed, int rows) {
    this.seed = seed;
    this.rows = rows;
  }

  Bits code(int widthBits, long... values) {
    Bits bits = builder.inputBits(widthBits);
    codes.add(new Code(bits, values));
    return bits;
  }

  Word number(long... values) {
    Word word = builder.inputWord();
    numbers.add(new Number(word, values));
    return word;
  }

  Scalar scalar(long value) {
    Scalar scalar = builder.inputScalar();
    scalars.add(new Constant(scalar, value));
    return scalar;
  }

  Circuit run() {
    circuit = builder.build();
    int words = (rows + 63) / 64;
    parties = new Columns[Rep3Parties.PARTIES];
    Arrays.setAll(parties, party -> new Columns(2, circuit.slotCount(), words));
    var shares = new Rep3Parties(seed);
    codes.forEach(code -> shares.putBits(parties, circuit.slots(code.bits), code.values));
    numbers.forEach(number -> shares.putWords(parties, circuit.slot(number.word), number.values));
    scalars.forEach(
        constant -> shares.putScalar(parties, circuit.slot(constant.scalar), constant.value));
    var network = new MemoryNetwork(Rep3Parties.PARTIES);
    network.<Boolean>run(
        party ->
            () -> {
              circuit.run(shares.suite(network, party), parties[party], new Steps(), "test");
              return true;
            });
    return circuit;
  }

  long[] codes(Bits bits) {
    return Rep3Parties.bits(parties, circuit.slots(bits), rows);
  }

  long[] numbers(Word word) {
    return Rep3Parties.words(parties, circuit.slot(word), rows);
  }
}
