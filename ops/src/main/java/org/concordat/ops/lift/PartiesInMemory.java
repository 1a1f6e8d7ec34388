package org.concordat.ops.lift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Step;

/** Three parties of one attempt in one process, which send each other flights through queues. */
final class PartiesInMemory {
  static final int PARTIES = 3;

  private record Flown(Step step, long[] words) {}

  /** What wakes a party whose peer has failed. */
  private static final Flown END = new Flown(new Step(0, "end"), new long[0]);

  private final List<LinkedBlockingQueue<Flown>> queues = new ArrayList<>();

  private PartiesInMemory() {
    for (int i = 0; i < PARTIES * PARTIES; i++) {
      queues.add(new LinkedBlockingQueue<>());
    }
  }

  /**
   * Runs a task at each party and gives their results by party.
   *
   * @throws IllegalStateException one has failed, for the reason of the cause
   */
  static <T> List<T> run(Function<Channel, Callable<T>> task) {
    var parties = new PartiesInMemory();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (int party = 0; party < PARTIES; party++) {
        Callable<T> one = task.apply(parties.new Link(party));
        running.add(threads.submit(() -> parties.wakingOthers(one)));
      }
      List<T> results = new ArrayList<>();
      Throwable failure = null;
      for (Future<T> each : running) {
        try {
          results.add(each.get());
        } catch (ExecutionException e) {
          // Who was woken says nothing of why.
          boolean isWoken = e.getCause() instanceof CancellationException;
          failure = failure == null || !isWoken ? e.getCause() : failure;
        }
      }
      if (failure != null) {
        throw new IllegalStateException("a party has failed", failure);
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private <T> T wakingOthers(Callable<T> task) throws Exception {
    boolean done = false;
    try {
      T result = task.call();
      done = true;
      return result;
    } finally {
      if (!done) {
        queues.forEach(queue -> queue.add(END));
      }
    }
  }

  private LinkedBlockingQueue<Flown> queue(int sender, int receiver) {
    return queues.get(sender * PARTIES + receiver);
  }

  private final class Link implements Channel {
    private final int party;

    Link(int party) {
      this.party = party;
    }

    @Override
    public int party() {
      return party;
    }

    @Override
    public int parties() {
      return PARTIES;
    }

    @Override
    public void send(int peer, Step step, long[] words, int offset, int length) {
      queue(party, peer).add(new Flown(step, Arrays.copyOfRange(words, offset, offset + length)));
    }

    @Override
    public void receive(int peer, Step step, long[] words, int offset, int length) {
      Flown flown;
      try {
        flown = queue(peer, party).take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      if (flown == END) {
        throw new CancellationException("Another party has failed.");
      }
      if (!flown.step().equals(step)) {
        throw new ProtocolAbortException(Fault.WRONG_STEP, step, peer);
      }
      if (flown.words().length != length) {
        throw new ProtocolAbortException(Fault.WRONG_LENGTH, step, peer);
      }
      System.arraycopy(flown.words(), 0, words, offset, length);
    }
  }
}
