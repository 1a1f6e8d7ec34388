package org.concordat.aggregator.peer;

import java.util.concurrent.TimeUnit;
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

/** The seal inside TLS, of frames of a few words and of the longest. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class FrameCipherBench {
  @Param({"256", "114664"})
  private int bytes;

  private byte[] plain = {};
  private byte[] sealed = {};
  private FrameCipher sealing = FrameCipher.sealing(new byte[32], Long.MAX_VALUE);
  private FrameCipher opening = FrameCipher.opening(new byte[32], Long.MAX_VALUE);

  @Setup
  public void prepare() {
    plain = new byte[bytes];
    sealed = new byte[bytes + FrameCipher.TAG_BYTES];
    sealing = FrameCipher.sealing(new byte[32], Long.MAX_VALUE);
    opening = FrameCipher.opening(new byte[32], Long.MAX_VALUE);
  }

  @Benchmark
  public int seal() {
    return sealing.seal(plain, bytes, sealed, 0);
  }

  /** Frames open in order only, so each is sealed first. */
  @Benchmark
  public int sealAndOpen() throws LinkFault {
    return opening.open(sealed, sealing.seal(plain, bytes, sealed, 0), plain);
  }
}
