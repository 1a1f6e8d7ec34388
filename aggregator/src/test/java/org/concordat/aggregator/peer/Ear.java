package org.concordat.aggregator.peer;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A listener whose calls a test can await; takes each message at once, unless told to wait. */
final class Ear implements PeerListener {
  record Message(PeerSession session, int peer, byte[] bytes) {}

  record Down(PeerSession session, String reason) {}

  private static final int PATIENCE_SECONDS = 60;

  final LinkedBlockingQueue<PeerSession> ups = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Down> downs = new LinkedBlockingQueue<>();

  /** What it has heard and not taken; null where it takes all at once. */
  private @Nullable Queue<Runnable> untaken;

  @Override
  public void sessionUp(PeerSession session) {
    ups.add(session);
  }

  @Override
  public void control(PeerSession session, int peer, byte[] message, Runnable taken) {
    take(taken);
    messages.add(new Message(session, peer, message));
  }

  private synchronized void take(Runnable taken) {
    if (untaken == null) {
      taken.run();
    } else {
      untaken.add(taken);
    }
  }

  /** Takes no message from now on before it is told to. */
  synchronized void hold() {
    untaken = new ArrayDeque<>();
  }

  /** Takes the message that has waited longest. */
  synchronized void takeOne() {
    Objects.requireNonNull(untaken).remove().run();
  }

  @Override
  public void sessionDown(PeerSession session, String reason) {
    downs.add(new Down(session, reason));
  }

  PeerSession nextUp() {
    return next(ups);
  }

  Message nextMessage() {
    return next(messages);
  }

  Down nextDown() {
    return next(downs);
  }

  private static <T> T next(LinkedBlockingQueue<T> queue) {
    try {
      T event = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("Nothing came.");
      }
      return event;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
