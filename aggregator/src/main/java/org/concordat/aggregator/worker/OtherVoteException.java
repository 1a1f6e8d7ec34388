package org.concordat.aggregator.worker;

/**
 * The log holds another process's vote on an attempt, written before this one's: what this process
 * has made of the partition since it read the log rests on nothing, and the log is to be read anew.
 */
final class OtherVoteException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  OtherVoteException() {
    super("The log holds another vote on the attempt.");
  }
}
