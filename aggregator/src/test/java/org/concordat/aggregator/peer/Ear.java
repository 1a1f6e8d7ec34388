package org.concordat.aggregator.peer;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener whose calls a test can await. */
final class Ear implements PeerListener {
  record Message(PeerSession session, int peer, byte[] bytes) {}

  record Down(PeerSession session, String reason) {}

  private static final int PATIENCE_SECONDS = 60;

  final LinkedBlockingQueue<PeerSession> ups = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Down> downs = new LinkedBlockingQueue<>();

  @Override
  public void sessionUp(PeerSession session) {
    ups.add(session);
  }

  @Override
  public void control(PeerSession session, int peer, byte[] message) {
    messages.add(new Message(session, peer, message));
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
