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
    private final Link link;
    private final byte[] bytes;

    Message(PeerSession session, Link link, byte[] bytes) {
      this.session = session;
      this.link = link;
      this.bytes = bytes;
    }
  }

  private final PeerListener listener;
  private final Thread thread;

  // Bounded by the links' backlogs: a message counts there until the listener has had it.
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

  void message(PeerSession session, Link link, byte[] bytes) {
    events.add(new Message(session, link, bytes));
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
          case Message message -> {
            message.link.backlog().release(message.bytes.length);
            listener.control(message.session, message.link.peer(), message.bytes);
          }
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
