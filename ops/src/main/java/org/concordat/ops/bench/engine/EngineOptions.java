package org.concordat.ops.bench.engine;

import java.time.Duration;
import java.util.List;
import org.concordat.aggregator.peer.LinkShape;

/**
 * What to measure and how.
 *
 * @param rows of a run; 0 for each op's own
 * @param runs measured of each op, after as many seconds of warm-up
 * @param lanes chunks in flight at a party
 */
public record EngineOptions(
    List<EngineOp> ops,
    long seed,
    int rows,
    int runs,
    int warmUpSeconds,
    int lanes,
    Duration roundTrip,
    long bitsPerSecond) {
  public EngineOptions {
    ops = List.copyOf(ops);
  }

  LinkShape shape() {
    return roundTrip.isZero() && bitsPerSecond == Long.MAX_VALUE
        ? LinkShape.NONE
        : new LinkShape(roundTrip.dividedBy(2), bitsPerSecond);
  }
}
