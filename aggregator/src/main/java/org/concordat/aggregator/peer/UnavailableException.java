package org.concordat.aggregator.peer;

/** A peer can't be reached, or no longer in this session. Another session may follow. */
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String peer;
  private final String awaited;

  /**
   * @param peer the peer's name
   * @param awaited what was to be sent to or received from it, such as a step's path
   */
  public UnavailableException(String peer, String awaited) {
    super("A peer is unavailable.");
    this.peer = peer;
    this.awaited = awaited;
  }

  public String peer() {
    return peer;
  }

  public String awaited() {
    return awaited;
  }
}
