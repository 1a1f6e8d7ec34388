package org.concordat.aggregator.peer;

import java.util.List;
import java.util.Optional;
import org.concordat.schemas.record.Digest;

/**
 * The links between this process and one of each peer's, and the sessions that they make one after
 * the other.
 */
public final class PeerGroup implements AutoCloseable {
  private final PeerLinks owner;
  private final PeerSettings settings;
  private final PeerLimits limits;
  private final LinkTable table;

  PeerGroup(PeerLinks owner, PeerSettings settings, PeerLimits limits, LinkTable table) {
    this.owner = owner;
    this.settings = settings;
    this.limits = limits;
    this.table = table;
  }

  Digest view() {
    return settings.view();
  }

  PeerSettings settings() {
    return settings;
  }

  PeerLimits limits() {
    return limits;
  }

  LinkTable table() {
    return table;
  }

  /** The session that is up now. */
  public Optional<PeerSession> session() {
    return table.session();
  }

  /** Whether the link to a peer is up. */
  public boolean linked(int peer) {
    return table.linked(peer);
  }

  /** Whom and what this group waits for. */
  public List<Wait> waitingFor() {
    return table.waits();
  }

  /** Ends the session for all, tells the listener, and stops dialing. */
  @Override
  public void close() {
    owner.forget(this);
    table.close();
  }
}
