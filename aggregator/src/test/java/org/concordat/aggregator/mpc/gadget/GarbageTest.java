package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.junit.jupiter.api.Test;

/** A party takes no memory for values: a run over more rows leaves hardly more behind. */
class GarbageTest {
  private static final int FEW_WORDS = 64;
  private static final int MANY_WORDS = 1024;
  private static final int RUNS = 5;

  /** Takes what is sent nowhere; what should come is what was there. */
  private record Silence() implements Channel {
    @Override
    public int party() {
      return 1;
    }

    @Override
    public int parties() {
      return 3;
    }

    @Override
    public void send(int peer, Step step, long[] words, int offset, int length) {}

    @Override
    public void receive(int peer, Step step, long[] words, int offset, int length) {}
  }

  @Test
  void comparisonsLeaveNothingPerRow() {
    var builder = new CircuitBuilder();
    builder.output(Comparison.negative(builder, builder.inputWord(), 64));
    assertThat(bytesPerRow(builder.build())).isLessThan(0.1);
  }

  @Test
  void productsAndConversionsLeaveNothingPerRow() {
    var builder = new CircuitBuilder();
    Word product = builder.multiply(builder.inputWord(), builder.inputWord());
    builder.output(builder.multiply(product, builder.b2a(builder.inputBits(4))));
    assertThat(bytesPerRow(builder.build())).isLessThan(0.1);
  }

  private static double bytesPerRow(Circuit circuit) {
    var columns = new Columns(2, circuit.slotCount(), MANY_WORDS);
    var suite = new Rep3(new Silence(), new byte[32], new byte[32]);
    var steps = new Steps();
    // Buffers grow to their size once.
    circuit.run(suite, columns, steps, "first");
    long many = allocated(circuit, suite, columns, steps);
    columns.resize(FEW_WORDS);
    long few = allocated(circuit, suite, columns, steps);
    return (double) (many - few) / RUNS / ((MANY_WORDS - FEW_WORDS) * Columns.LANES);
  }

  private static long allocated(Circuit circuit, Rep3 suite, Columns columns, Steps steps) {
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int run = 0; run < RUNS; run++) {
      circuit.run(suite, columns, steps, "run");
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
