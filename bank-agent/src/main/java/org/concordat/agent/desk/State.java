package org.concordat.agent.desk;

import java.util.Locale;

/** Where an item stands. */
public enum State {
  NEW,
  /** All its alerts are muted by snoozes in force. */
  SNOOZED,
  /** None of its alerts that aren't muted was within its rule's budget. */
  OVERFLOW,
  /** Somebody gave a verdict. */
  CLOSED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
