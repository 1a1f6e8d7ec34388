package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one party computes for a circuit, without any link: peers that never say anything. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CircuitBench {
  private static final int PARTY = 1;

  /** That run through the circuit together. */
  @Param({"16384"})
  private int rows;

  private Prepared comparison = new Prepared(1, circuit -> {});
  private Prepared thresholds = comparison;
  private Prepared linear = comparison;
  private Prepared planes = comparison;
  private Prepared multiply = comparison;

  /** Takes what is sent nowhere, and leaves what was there where something should come. */
  private record Silence() implements Channel {
    @Override
    public int party() {
      return PARTY;
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

  /** A circuit with columns of its own. */
  private static final class Prepared {
    private final Circuit circuit;
    private final Columns columns;
    private Rep3 suite = suite();
    private Steps steps = new Steps();
    private int runs;

    Prepared(int rows, Consumer<CircuitBuilder> write) {
      var builder = new CircuitBuilder();
      write.accept(builder);
      this.circuit = builder.build();
      this.columns = new Columns(2, Math.max(1, circuit.slotCount()), (rows + 63) / 64);
    }

    private static Rep3 suite() {
      return new Rep3(new Silence(), new byte[32], new byte[32]);
    }

    Columns run() {
      if (++runs == 1 << 20) {
        suite = suite();
        steps = new Steps();
        runs = 0;
      }
      circuit.run(suite, columns, steps, "bench");
      return columns;
    }
  }

  @Setup
  public void prepare() {
    comparison =
        new Prepared(rows, c -> c.output(Comparison.negative(c, c.inputWord(), Long.SIZE)));
    planes = new Prepared(rows, c -> c.output(c.componentSum(c.inputWord(), Long.SIZE)));
    multiply = new Prepared(rows, c -> c.output(c.multiply(c.inputWord(), c.inputWord())));
    thresholds =
        new Prepared(
            rows,
            c -> {
              var shared = new Thresholds(c, c.inputBits(7));
              for (int bound = 1; bound <= 100; bound++) {
                c.output(shared.atLeast(bound));
              }
            });
    linear =
        new Prepared(
            rows,
            c -> {
              List<Word> features = new ArrayList<>();
              for (int i = 0; i < 32; i++) {
                features.add(c.inputWord());
              }
              c.output(c.linear(features, Collections.nCopies(32, 12_345L), 1));
            });
  }

  /** The sign of a number of 64 bits. */
  @Benchmark
  public Columns comparison64() {
    return comparison.run();
  }

  /** A code of 7 bits against 100 bounds. */
  @Benchmark
  public Columns thresholds100() {
    return thresholds.run();
  }

  /** A weighted sum of 32 numbers. */
  @Benchmark
  public Columns linear32() {
    return linear.run();
  }

  /** The transposition of both components. */
  @Benchmark
  public Columns transposition64() {
    return planes.run();
  }

  @Benchmark
  public Columns multiply() {
    return multiply.run();
  }
}
