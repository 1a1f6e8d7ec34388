package org.concordat.aggregator.peer;

import java.util.ArrayList;
import java.util.List;
import org.concordat.aggregator.mpc.Step;
import org.jspecify.annotations.Nullable;

/** An attempt of a session: opened by this side, or begun by a peer and waiting to be opened. */
final class LiveChannel implements PeerChannel {
  private final LiveSession session;
  private final ChannelKey key;
  private final @Nullable Inbox[] inboxes;
  private volatile boolean opened;
  private volatile boolean closed;

  /**
   * @param inboxes by party, none for this one
   */
  LiveChannel(LiveSession session, ChannelKey key, @Nullable Inbox[] inboxes) {
    this.session = session;
    this.key = key;
    this.inboxes = inboxes;
  }

  ChannelKey key() {
    return key;
  }

  boolean isOpened() {
    return opened;
  }

  void open() {
    opened = true;
  }

  Inbox inbox(int peer) {
    Inbox inbox = inboxes[peer];
    if (inbox == null) {
      throw new IllegalArgumentException("A party is no peer of its own.");
    }
    return inbox;
  }

  @Override
  public int party() {
    return session.party();
  }

  @Override
  public int parties() {
    return session.parties();
  }

  @Override
  public void send(int peer, Step step, long[] words, int offset, int length) {
    if (length < 1 || length > FLIGHT_WORDS_MAX) {
      throw new IllegalArgumentException("length");
    }
    if (closed) {
      throw new UnavailableException(session.nameOf(peer), step.path());
    }
    session.sendFlight(peer, key, step, words, offset, length);
  }

  @Override
  public void receive(int peer, Step step, long[] words, int offset, int length) {
    inbox(peer).take(step, words, offset, length);
  }

  List<Wait> waits() {
    List<Wait> waits = new ArrayList<>();
    for (Inbox inbox : inboxes) {
      Wait wait = inbox == null ? null : inbox.waiting();
      if (wait != null) {
        waits.add(wait);
      }
    }
    return waits;
  }

  /** Ends waits and drops what came; {@code culprit} null means this side gave the attempt up. */
  void end(@Nullable String culprit) {
    closed = true;
    for (int peer = 0; peer < inboxes.length; peer++) {
      Inbox inbox = inboxes[peer];
      if (inbox != null) {
        inbox.end(culprit == null ? session.nameOf(peer) : culprit);
      }
    }
  }

  @Override
  public void close() {
    session.close(this);
  }
}
