package org.concordat.aggregator.peer;

import java.time.Duration;

/**
 * A slower network than there is, simulated at each link's sending end; for measurements alone.
 *
 * @param oneWay added to each byte's way
 * @param bitsPerSecond of each link and direction
 */
public record LinkShape(Duration oneWay, long bitsPerSecond) {
  /** The network as it is. */
  public static final LinkShape NONE = new LinkShape(Duration.ZERO, Long.MAX_VALUE);

  public LinkShape {
    if (oneWay.isNegative() || bitsPerSecond < 1) {
      throw new IllegalArgumentException("shape");
    }
  }

  boolean isNone() {
    return equals(NONE);
  }
}
