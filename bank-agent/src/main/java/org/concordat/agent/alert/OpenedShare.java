package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.util.Objects;
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

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final int SEALED = AlertShare.getClassSchema().getField("sealed").pos();

  private final AlertShare share;
  private final AlertDetail detail;
  private final int aggregator;
  private final long offset;

  /**
   * @param share loses its sealed part: what waits for other shares had better be small
   * @param aggregator index of the sender, whose signature was verified
   */
  OpenedShare(AlertShare share, AlertDetail detail, int aggregator, long offset) {
    share.put(SEALED, EMPTY.duplicate());
    this.share = share;
    this.detail = detail;
    this.aggregator = aggregator;
    this.offset = offset;
  }

  Group group() {
    return new Group(alert(), Id.of(share.getCut().bytes()), share.getAttempt());
  }

  Id alert() {
    return Id.of(share.getAlertId().bytes());
  }

  /** The open fields. */
  AlertShare share() {
    return share;
  }

  AlertDetail detail() {
    return detail;
  }

  /** Whether it alerts an earlier record of a pattern. */
  boolean isEarlier() {
    return detail.getMemberOf() != null;
  }

  int aggregator() {
    return aggregator;
  }

  long offset() {
    return offset;
  }

  /** Whether both say the same of what isn't shared. Rule and transaction are part of the id. */
  boolean fits(OpenedShare other) {
    return detail.getSequence() == other.detail.getSequence()
        && detail.getRow() == other.detail.getRow()
        && Objects.equals(detail.getMemberOf(), other.detail.getMemberOf())
        && share.getCut().equals(other.share.getCut())
        && share.getBatch() == other.share.getBatch()
        && share.getPartition() == other.share.getPartition()
        && share.getAlertSequence() == other.share.getAlertSequence()
        && share.getRuleSet().equals(other.share.getRuleSet())
        && share.getRuleSetVersion() == other.share.getRuleSetVersion()
        && share.getContractVersion() == other.share.getContractVersion();
  }

  @Override
  public String toString() {
    return "OpenedShare[aggregator=" + aggregator + ", offset=" + offset + "]";
  }
}
