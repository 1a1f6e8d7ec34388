package org.concordat.rules.feature;

import java.time.Duration;
import java.util.Optional;

/**
 * A stretch of event time before a payment, in whole panes: the payment's own pane and those before
 * it. So a window reaches back between its length less one pane, and its length.
 */
public enum HistoryWindow {
  HOUR("1h", Duration.ofMinutes(5), 12),
  DAY("24h", Duration.ofHours(1), 24),
  WEEK("7d", Duration.ofHours(6), 28),
  MONTH("30d", Duration.ofDays(1), 30);

  private final String text;
  private final long paneMillis;
  private final int panes;

  HistoryWindow(String text, Duration pane, int panes) {
    this.text = text;
    this.paneMillis = pane.toMillis();
    this.panes = panes;
  }

  /** The window that a contract writes so. */
  static Optional<HistoryWindow> of(String text) {
    for (HistoryWindow window : values()) {
      if (window.text.equals(text)) {
        return Optional.of(window);
      }
    }
    return Optional.empty();
  }

  public int panes() {
    return panes;
  }

  /** The pane that an event time lies in; panes are counted from 1970-01-01 UTC. */
  public int pane(long eventMillis) {
    return (int) Math.floorDiv(eventMillis, paneMillis);
  }

  @Override
  public String toString() {
    return text;
  }
}
