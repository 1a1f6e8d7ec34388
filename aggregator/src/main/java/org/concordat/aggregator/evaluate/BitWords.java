package org.concordat.aggregator.evaluate;

import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Word;

/** Turns shared bits into shared numbers, many at a time. Two rounds, two words a bit. */
final class BitWords {
  private final Circuit circuit;
  private final int bit;
  private final int word;

  BitWords() {
    var builder = new CircuitBuilder();
    Bits in = builder.inputBits(1);
    Word out = builder.b2a(in);
    builder.output(out);
    this.circuit = builder.build();
    this.bit = circuit.slots(in)[0];
    this.word = circuit.slot(out);
  }

  /**
   * @param planes by position
   * @param count of bits
   * @return by position and bit
   */
  long[][] of(Suite suite, Steps steps, String path, long[][] planes, int count) {
    long[][] numbers = new long[suite.held()][count];
    Columns columns =
        new Columns(
            suite.held(),
            circuit.slotCount(),
            HiddenMatching.words(Math.min(count, HiddenMatching.PAIRS_MAX)));
    for (int from = 0; from < count; from += HiddenMatching.PAIRS_MAX) {
      int some = Math.min(HiddenMatching.PAIRS_MAX, count - from);
      columns.resize(HiddenMatching.words(some));
      for (int position = 0; position < suite.held(); position++) {
        System.arraycopy(
            planes[position],
            from / Columns.LANES,
            columns.component(position)[bit],
            0,
            columns.words());
      }
      circuit.run(suite, columns, steps, path + "/words" + from / HiddenMatching.PAIRS_MAX);
      for (int position = 0; position < suite.held(); position++) {
        long[][] lanes = columns.component(position);
        for (int i = 0; i < some; i++) {
          numbers[position][from + i] = lanes[word + i % Columns.LANES][i / Columns.LANES];
        }
      }
    }
    return numbers;
  }

  @Override
  public String toString() {
    return "BitWords";
  }
}
