package org.concordat.aggregator.mpc;

/**
 * A peer's message can't be right: the attempt ends, its masks are never used again. Holds no word
 * of any message.
 */
public final class ProtocolAbortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What was wrong with the message. */
  public enum Fault {
    WRONG_STEP("A peer sent another step's flight."),
    WRONG_LENGTH("A peer sent a flight of the wrong length."),
    COPIES_DIFFER("Two peers sent different copies of one value."),
    HELD_DIFFER("A peer holds something else than this party.");

    private final String sentence;

    Fault(String sentence) {
      this.sentence = sentence;
    }
  }

  private final Fault fault;
  private final Step step;
  private final int peer;

  /**
   * @param peer the sender; where copies differ, the sender of the value (the hash's sender may be
   *     the cheat as well)
   */
  public ProtocolAbortException(Fault fault, Step step, int peer) {
    super(fault.sentence);
    this.fault = fault;
    this.step = step;
    this.peer = peer;
  }

  public Fault fault() {
    return fault;
  }

  public Step step() {
    return step;
  }

  public int peer() {
    return peer;
  }
}
