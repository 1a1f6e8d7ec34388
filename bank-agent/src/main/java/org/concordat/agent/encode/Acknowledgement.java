package org.concordat.agent.encode;

/** Who waits until a record can't be lost any more. */
public interface Acknowledgement {
  /** Told first, on the thread that hands the record in: nothing is durable yet. */
  void decided(Outcome outcome);

  /**
   * What was decided is durable, and so is the row that a duplicate repeats. Told on the thread
   * that stores for all sources: must not wait for anything.
   */
  void durable();
}
