package org.concordat.aggregator.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Step;

/**
 * Prints what links among three parties in one process carry: round trips of small flights, and
 * megabytes a second, one way and round the ring. All ends share this machine's cores.
 */
public final class PeerBench {
  private static final int PARTIES = 3;
  private static final int WARM_UPS = 3;
  private static final int ROUND_TRIPS = 10_000;
  private static final int BULK_WORDS = 64 << 20;

  private static int attempts;

  private PeerBench() {}

  /** What one party does. */
  private interface Task {
    void run(Channel channel);
  }

  public static void main(String[] arguments) throws Exception {
    try (var consortium = Consortium.direct()) {
      PeerSession[] sessions = consortium.sessions();
      for (int run = 0; run < WARM_UPS; run++) {
        System.out.println("run " + run);
        for (int words : List.of(4, 1_024, 16_384)) {
          double nanos = all(sessions, c -> pingPong(c, words));
          print("ping-pong", words, nanos / ROUND_TRIPS / 1e3, "us a round trip");
          nanos = all(sessions, c -> rounds(c, words, ROUND_TRIPS));
          print("ring", words, nanos / ROUND_TRIPS / 1e3, "us a round");
        }
        for (int words : List.of(1 << 14, 1 << 17, 1 << 20)) {
          double seconds = all(sessions, c -> oneWay(c, words)) / 1e9;
          print("one way", words, BULK_WORDS * 8.0 / 1e6 / seconds, "MB/s");
          seconds = all(sessions, c -> rounds(c, words, BULK_WORDS / words)) / 1e9;
          print("ring", words, BULK_WORDS * 8.0 / 1e6 / seconds, "MB/s by each party");
        }
      }
    }
  }

  private static void print(String what, int words, double figure, String unit) {
    System.out.printf("%-10s %8d words: %8.1f %s%n", what, words, figure, unit);
  }

  /** Runs a task at all parties; returns nanoseconds. */
  private static double all(PeerSession[] sessions, Task task) throws Exception {
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
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
      return System.nanoTime() - start;
    }
  }

  private static void pingPong(Channel channel, int words) {
    long[] flight = new long[words];
    for (int i = 0; i < ROUND_TRIPS && channel.party() < 2; i++) {
      var step = new Step(i, "ping");
      if (channel.party() == 0) {
        channel.send(1, step, flight, 0, words);
        channel.receive(1, step, flight, 0, words);
      } else {
        channel.receive(0, step, flight, 0, words);
        channel.send(0, step, flight, 0, words);
      }
    }
  }

  /** As a product of rep3 does: to the previous party, from the next. */
  private static void rounds(Channel channel, int words, int count) {
    long[] outgoing = new long[words];
    long[] incoming = new long[words];
    for (int i = 0; i < count; i++) {
      var step = new Step(i, "ring");
      channel.send((channel.party() + 2) % PARTIES, step, outgoing, 0, words);
      channel.receive((channel.party() + 1) % PARTIES, step, incoming, 0, words);
    }
  }

  private static void oneWay(Channel channel, int words) {
    long[] flight = new long[words];
    for (int i = 0; i < BULK_WORDS / words && channel.party() < 2; i++) {
      var step = new Step(i, "bulk");
      if (channel.party() == 0) {
        channel.send(1, step, flight, 0, words);
      } else {
        channel.receive(0, step, flight, 0, words);
      }
    }
  }
}
