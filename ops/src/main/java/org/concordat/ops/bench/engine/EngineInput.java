package org.concordat.ops.bench.engine;

import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.Word;

/** An input of a measured circuit, whose values are the low bits of a stream of seeded words. */
sealed interface EngineInput {
  int stream();

  int widthBits();

  /** How many slots it fills. */
  int[] slots(Circuit circuit);

  /** An arithmetic column of unsigned values. */
  record Number(int stream, int widthBits, Word word) implements EngineInput {
    @Override
    public int[] slots(Circuit circuit) {
      int[] lanes = new int[64];
      for (int lane = 0; lane < lanes.length; lane++) {
        lanes[lane] = circuit.slot(word) + lane;
      }
      return lanes;
    }
  }

  /** Planes: bit k of a row's value is in plane k. */
  record Code(int stream, int widthBits, Bits bits) implements EngineInput {
    @Override
    public int[] slots(Circuit circuit) {
      return circuit.slots(bits);
    }
  }
}
