package org.concordat.aggregator.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Step;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Links among three parties in one process, which share this machine's cores. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LinkBench {
  private static final int PARTIES = 3;
  private static final int ROUNDS = 500;

  /** Of a flight. */
  @Param({"4", "1024", "16384", "131072"})
  private int words;

  private Consortium consortium = new Consortium(Consortium.LIMITS);
  private PeerSession[] sessions = {};
  private ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new);
  private int attempts;

  @Setup
  public void connect() {
    consortium = Consortium.direct();
    sessions = consortium.sessions();
  }

  @TearDown
  public void disconnect() {
    consortium.close();
    threads.close();
  }

  /** A flight there and one back, between two parties. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void roundTrip() throws Exception {
    all(
        channel -> {
          long[] flight = new long[words];
          for (int i = 0; i < ROUNDS && channel.party() < 2; i++) {
            var step = new Step(i, "ping");
            if (channel.party() == 0) {
              channel.send(1, step, flight, 0, words);
              channel.receive(1, step, flight, 0, words);
            } else {
              channel.receive(0, step, flight, 0, words);
              channel.send(0, step, flight, 0, words);
            }
          }
        });
  }

  /** As a product of rep3 does: each to the previous party, from the next. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void ring() throws Exception {
    all(
        channel -> {
          long[] flight = new long[words];
          for (int i = 0; i < ROUNDS; i++) {
            var step = new Step(i, "ring");
            channel.send((channel.party() + 2) % PARTIES, step, flight, 0, words);
            channel.receive((channel.party() + 1) % PARTIES, step, flight, 0, words);
          }
        });
  }

  /** What one party does. */
  private interface Task {
    void run(Channel channel);
  }

  private void all(Task task) throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    int attempt = attempts++;
    for (PeerSession session : sessions) {
      PeerChannel channel = session.channel(0, attempt, 0);
      tasks.add(
          () -> {
            try (channel) {
              task.run(channel);
              return null;
            }
          });
    }
    for (Future<Void> done : threads.invokeAll(tasks)) {
      done.get();
    }
  }
}
