package org.concordat.aggregator.peer;

import java.util.concurrent.LinkedBlockingQueue;

/** Tells the listener what happened, on one thread and in order. */
final class Announcer {
  private sealed interface Event {}

  private record Up(PeerSession session) implements Event {}

  private record Down(PeerSession session, String reason) implements Event {}

  private record End() implements Event {}

  /** Not a record: a message may hold what nobody should print. */
  private static final class Message implements Event {
    private final PeerSession session;
    private final int peer;
    private final byte[] bytes;
    private final Runnable taken;

    Message(PeerSession session, int peer, byte[] bytes, Runnable taken) {
      this.session = session;
      this.peer = peer;
      this.bytes = bytes;
      this.taken = taken;
    }
  }

  private final PeerListener listener;
  private final Thread thread;

  // Bounded by what the peers' messages may take: each counts until the listener has taken it.
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

  Announcer(PeerListener listener) {
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("peer-listener").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void up(PeerSession session) {
    events.add(new Up(session));
  }

  /**
   * @param taken when the listener has taken it
   */
  void message(PeerSession session, int peer, byte[] bytes, Runnable taken) {
    events.add(new Message(session, peer, bytes, taken));
  }

  void down(PeerSession session, String reason) {
    events.add(new Down(session, reason));
  }

  /** Tells the listener what is left, and ends; waits for that, unless the listener itself asks. */
  void end() throws InterruptedException {
    events.add(new End());
    if (Thread.currentThread() != thread) {
      thread.join();
    }
  }

  private void run() {
    try {
      while (true) {
        switch (events.take()) {
          case Up up -> listener.sessionUp(up.session());
          case Down down -> listener.sessionDown(down.session(), down.reason());
          case Message message ->
              listener.control(message.session, message.peer, message.bytes, message.taken);
          case End end -> {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
