package org.concordat.aggregator.worker;

/** A batch has more alerts than a vote has room for; its rows in parts may do. */
final class TooManyAlertsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int alerts;
  private final long bytes;

  /**
   * @param bytes that its vote would have
   */
  TooManyAlertsException(int alerts, long bytes) {
    super("The batch has too many alerts.");
    this.alerts = alerts;
    this.bytes = bytes;
  }

  int alerts() {
    return alerts;
  }

  long bytes() {
    return bytes;
  }
}
