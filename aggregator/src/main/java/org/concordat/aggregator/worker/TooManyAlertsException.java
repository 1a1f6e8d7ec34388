package org.concordat.aggregator.worker;

/** A batch has more alerts than a vote has room for; its rows in parts may do. */
final class TooManyAlertsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int alerts;
  private final long bytes;
  private final boolean beginsEpoch;

  /**
   * @param bytes that its vote would have
   * @param beginsEpoch whether an epoch's key was drawn for it
   */
  TooManyAlertsException(int alerts, long bytes, boolean beginsEpoch) {
    super("The batch has too many alerts.");
    this.alerts = alerts;
    this.bytes = bytes;
    this.beginsEpoch = beginsEpoch;
  }

  int alerts() {
    return alerts;
  }

  long bytes() {
    return bytes;
  }

  boolean beginsEpoch() {
    return beginsEpoch;
  }
}
