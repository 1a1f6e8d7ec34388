package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Word;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.share.BitPlanes;

/**
 * Counts the banks of which windows show records of the epoch before and none of this one, and adds
 * them to the windows' numbers. Two rounds for each pass; of the busiest party a word for each bit
 * and row. Opens nothing.
 */
public final class BankStage {
  private final Circuit circuit;
  private final int[] inputs;
  private final int count;

  /**
   * @param banks bits that can be set, at least 1
   */
  public BankStage(int banks) {
    var builder = new CircuitBuilder();
    Bits bits = builder.inputBits(banks);
    List<Word> words = new ArrayList<>();
    List<Long> weights = new ArrayList<>();
    for (int bank = 0; bank < banks; bank++) {
      words.add(builder.b2a(bits.bit(bank)));
      weights.add(1L);
    }
    Word sum = builder.linear(words, weights, 0);
    builder.output(sum);
    this.circuit = builder.build();
    this.inputs = circuit.slots(bits);
    this.count = circuit.slot(sum);
  }

  /** Runs on a batch's columns during one attempt. */
  public void evaluate(Suite suite, Steps steps, LinkSpec spec, LinkColumns linked, int rows) {
    List<LinkSpec.Derived> derived = spec.derived();
    for (int column = 0; column < derived.size(); column++) {
      if (derived.get(column) instanceof LinkSpec.Carried carried && carried.isOfBits()) {
        evaluate(suite, steps, linked, column, rows);
      }
    }
  }

  private void evaluate(Suite suite, Steps steps, LinkColumns linked, int column, int rows) {
    long wordsMax = Math.max(1, Pass.wordsMax(circuit, suite.held(), PlanEvaluator.PASS_BYTES_MAX));
    int passRows = (int) Math.min(rows, wordsMax * Columns.LANES);
    int capacity = (passRows + Columns.LANES - 1) / Columns.LANES;
    var columns = new Columns(suite.held(), circuit.slotCount(), capacity);
    for (int from = 0; from < rows; from += passRows) {
      int of = Math.min(passRows, rows - from);
      columns.resize((of + Columns.LANES - 1) / Columns.LANES);
      for (int position = 0; position < suite.held(); position++) {
        load(linked.bits(position, column), from, of, columns, position);
      }
      circuit.run(suite, columns, steps, "linkage/banks" + column + "/" + from / passRows);
      for (int position = 0; position < suite.held(); position++) {
        long[] target = linked.shared(position, column);
        long[][] slots = columns.component(position);
        for (int row = 0; row < of; row++) {
          target[from + row] += slots[count + row % Columns.LANES][row / Columns.LANES];
        }
      }
    }
  }

  private void load(long[][] bits, int from, int rows, Columns columns, int position) {
    long[] planes = new long[Long.SIZE * columns.words()];
    long[] column = new long[rows];
    for (int input = 0; input < inputs.length; input++) {
      if (input % Long.SIZE == 0) {
        System.arraycopy(bits[input / Long.SIZE], from, column, 0, rows);
        BitPlanes.toPlanes(column, rows, Long.SIZE, planes, 0);
      }
      int plane = input % Long.SIZE * columns.words();
      System.arraycopy(
          planes, plane, columns.component(position)[inputs[input]], 0, columns.words());
    }
  }

  @Override
  public String toString() {
    return "BankStage[banks=" + inputs.length + "]";
  }
}
