package org.concordat.aggregator.mpc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;

/**
 * n parties in one process. A {@link Tap} sees every flight and may change it or its length; when
 * one party fails, all waiting ones are woken with {@link Down}.
 */
public final class MemoryNetwork {
  /** What happens to a flight under way; returns what arrives. */
  @FunctionalInterface
  public interface Tap {
    long[] pass(int sender, int receiver, Step step, long[] words);
  }

  /** Another party has failed. */
  public static final class Down extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private record Message(Step step, long[] words) {}

  private static final Message END = new Message(new Step(0, "end"), new long[0]);

  private final int parties;
  private final Tap tap;
  private final List<LinkedBlockingQueue<Message>> queues = new ArrayList<>();

  public MemoryNetwork(int parties) {
    this(parties, (sender, receiver, step, words) -> words);
  }

  public MemoryNetwork(int parties, Tap tap) {
    this.parties = parties;
    this.tap = tap;
    for (int i = 0; i < parties * parties; i++) {
      queues.add(new LinkedBlockingQueue<>());
    }
  }

  public Channel channel(int party) {
    return new Link(party);
  }

  /**
   * Runs one task a party on a virtual thread each and returns their results by party; throws what
   * the first one to fail threw.
   */
  public <T> List<T> run(IntFunction<Callable<T>> tasks) {
    var results = new ArrayList<T>();
    var failure = new AtomicReference<Throwable>();
    var threads = new ArrayList<Thread>();
    for (int party = 0; party < parties; party++) {
      results.add(null);
    }
    for (int i = 0; i < parties; i++) {
      int party = i;
      Callable<T> task = tasks.apply(party);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      T result = task.call();
                      synchronized (results) {
                        results.set(party, result);
                      }
                    } catch (Throwable thrown) {
                      failure.compareAndSet(null, thrown);
                      queues.forEach(queue -> queue.add(END));
                    }
                  }));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    switch (failure.get()) {
      case null -> {
        return results;
      }
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private LinkedBlockingQueue<Message> queue(int sender, int receiver) {
    return queues.get(sender * parties + receiver);
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
      return parties;
    }

    @Override
    public void send(int peer, Step step, long[] words, int offset, int length) {
      if (length < 1 || length > FLIGHT_WORDS_MAX) {
        throw new IllegalArgumentException("length");
      }
      long[] copy = Arrays.copyOfRange(words, offset, offset + length);
      queue(party, peer).add(new Message(step, tap.pass(party, peer, step, copy)));
    }

    @Override
    public void receive(int peer, Step step, long[] words, int offset, int length) {
      Message message;
      try {
        message = queue(peer, party).take();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (message == END) {
        throw new Down();
      }
      if (!message.step().equals(step)) {
        throw new ProtocolAbortException(Fault.WRONG_STEP, step, peer);
      }
      if (message.words().length != length) {
        throw new ProtocolAbortException(Fault.WRONG_LENGTH, step, peer);
      }
      System.arraycopy(message.words(), 0, words, offset, length);
    }
  }
}
