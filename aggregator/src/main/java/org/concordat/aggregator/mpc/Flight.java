package org.concordat.aggregator.mpc;

/** A flight that was sent and whose counterpart is still to be awaited. */
@FunctionalInterface
public interface Flight {
  /**
   * Waits for the peers' messages, checks them and completes the results, which mustn't be read
   * before.
   *
   * @throws ProtocolAbortException a message can't be right
   */
  void await();
}
