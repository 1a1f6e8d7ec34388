package org.concordat.agent.alert;

import org.concordat.agent.store.Id;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;

/**
 * One aggregator's verified and opened share of an alert. Holds words of the score: prints its
 * place only.
 */
final class OpenedShare {
  /** Shares of one alert that may be put together: same id, same cut, same attempt. */
  record Group(Id alert, Id cut, int attempt) {}

  private final AlertShare share;
  private final AlertDetail detail;
  private final int aggregator;
  private final long offset;

  /**
   * @param aggregator index of the sender, whose signature was verified
   */
  OpenedShare(AlertShare share, AlertDetail detail, int aggregator, long offset) {
    this.share = share;
    this.detail = detail;
    this.aggregator = aggregator;
    this.offset = offset;
  }

  Group group() {
    return new Group(
        Id.of(share.getAlertId().bytes()), Id.of(share.getCut().bytes()), share.getAttempt());
  }

  AlertShare share() {
    return share;
  }

  AlertDetail detail() {
    return detail;
  }

  int aggregator() {
    return aggregator;
  }

  long offset() {
    return offset;
  }

  @Override
  public String toString() {
    return "OpenedShare[aggregator=" + aggregator + ", offset=" + offset + "]";
  }
}
