package org.concordat.aggregator.mpc.rep3;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.Columns;
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

/** The loops of rep3, each over the words of one slot: a word of each operand is in the cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class KernelsBench {
  /** Of a slot; 256 are those of 16,384 rows. */
  @Param({"256", "4096"})
  private int words;

  private static final int CHOICES = 64;

  private final long[][] slots = new long[5][];
  private Columns columns = new Columns(2, CHOICES, 1);
  private int[] planes = new int[0];

  /** Fills the operands. */
  @Setup
  public void fill() {
    var random = new Random(1);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = random.longs(words).toArray();
    }
    columns = new Columns(2, CHOICES, words);
    columns.tables(new long[][] {{random.nextLong()}, {random.nextLong()}});
    planes = IntStream.range(0, CHOICES).toArray();
  }

  @Benchmark
  public long[] and() {
    Kernels.and(slots[0], slots[1], slots[2], slots[3], slots[4], words);
    return slots[0];
  }

  /** One of 64 planes. */
  @Benchmark
  public long[] select() {
    Kernels.select(slots[0], columns, planes, 0);
    return slots[0];
  }

  @Benchmark
  public long[] carry() {
    Kernels.majority(slots[0], slots[1], slots[2], words);
    return slots[0];
  }

  @Benchmark
  public long[] multiply() {
    Kernels.multiply(slots[0], slots[1], slots[2], slots[3], slots[4], words);
    return slots[0];
  }

  @Benchmark
  public long[] xor() {
    Kernels.xor(slots[0], slots[1], words);
    return slots[0];
  }

  @Benchmark
  public long[] maskedBit() {
    Kernels.maskedBit(slots[0], slots[1], slots[2], 17, words);
    return slots[0];
  }

  @Benchmark
  public long[] addFlipped() {
    Kernels.addFlipped(slots[0], slots[1], slots[2], 17, 3, words);
    return slots[0];
  }

  @Benchmark
  public long[] addSigned() {
    Kernels.addSigned(slots[0], slots[1], slots[2], 17, 3, words);
    return slots[0];
  }
}
