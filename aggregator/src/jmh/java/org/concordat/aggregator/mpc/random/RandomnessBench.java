package org.concordat.aggregator.mpc.random;

import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.mpc.Step;
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

/** What a flight's masks take: two key streams, and their sum. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RandomnessBench {
  /** Of a flight. */
  @Param({"1024", "16384"})
  private int words;

  private Randomness randomness = new Randomness(new byte[32], new byte[32]);
  private long[] target = {};
  private int step;

  @Setup
  public void prepare() {
    target = new long[words];
  }

  private Step next() {
    if (step == Integer.MAX_VALUE) {
      randomness = new Randomness(new byte[32], new byte[32]);
      step = 0;
    }
    return new Step(step++, "bench");
  }

  @Benchmark
  public long[] zeroShareBits() {
    randomness.zeroShareBits(next(), target, words);
    return target;
  }

  @Benchmark
  public long[] zeroShareWords() {
    randomness.zeroShareWords(next(), target, words);
    return target;
  }

  @Benchmark
  public long[] withNext() {
    randomness.withNext(next(), target, words);
    return target;
  }
}
