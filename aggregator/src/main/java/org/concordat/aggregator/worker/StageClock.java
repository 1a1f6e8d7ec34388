package org.concordat.aggregator.worker;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.metrics.AggregatorMetrics.Stage;
import org.concordat.schemas.record.Digest;

/**
 * Tells how long each batch in flight takes for each part of its way: what bounds latency. Belongs
 * to the partition's thread.
 */
final class StageClock {
  private record Leg(Stage stage, long sinceNanos) {}

  /** What ended so far, shown only of attempts that are committed. */
  private static final class Way {
    final long batch;
    final Map<Stage, Duration> took = new EnumMap<>(Stage.class);
    Leg leg;

    Way(long batch, Leg first) {
      this.batch = batch;
      this.leg = first;
    }
  }

  private final AggregatorMetrics metrics;
  private final Map<Digest, Way> ways = new HashMap<>();

  StageClock(AggregatorMetrics metrics) {
    this.metrics = metrics;
  }

  /** This party agrees to a cut. */
  void cut(long batch, Digest cut) {
    ways.put(cut, new Way(batch, new Leg(Stage.AGREE, System.nanoTime())));
  }

  /**
   * All parties agree to a cut.
   *
   * @param oldestNanos when its oldest block was opened; now, if it holds none
   */
  void agreed(Digest cut, long oldestNanos) {
    Way way = ways.get(cut);
    if (way != null) {
      long waited = Math.max(0, way.leg.sinceNanos() - oldestNanos);
      way.took.put(Stage.WAIT, Duration.ofNanos(waited));
      begin(cut, Stage.EVALUATE);
    }
  }

  /** A stage begins, which ends the one before. */
  void begin(Digest cut, Stage next) {
    Way way = ways.get(cut);
    if (way != null) {
      long now = System.nanoTime();
      way.took.put(way.leg.stage(), Duration.ofNanos(now - way.leg.sinceNanos()));
      way.leg = new Leg(next, now);
    }
  }

  void abandoned(Digest cut) {
    ways.remove(cut);
  }

  void committed(long batch, Digest cut) {
    begin(cut, Stage.COMMIT);
    Way way = ways.get(cut);
    if (way != null) {
      way.took.forEach(metrics::stage);
    }
    ways.values().removeIf(other -> other.batch <= batch);
  }
}
