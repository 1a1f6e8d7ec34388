package org.concordat.ops.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How far a consortium is, from its processes' metrics.
 *
 * @param lagSeconds age of the oldest row that isn't known to be scored
 */
public record Progress(
    boolean sourcesFinished,
    long accepted,
    long refused,
    long duplicates,
    long blocks,
    long scored,
    long skipped,
    long resubmitted,
    long batches,
    long flags,
    Map<String, Long> alerts,
    double lagSeconds) {
  /** Before anything was scraped. */
  public static final Progress NONE = new Progress(false, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), 0);

  /** Metrics pages take time of the processes that are waited for. */
  private static final Duration LOOK = Duration.ofMillis(250);

  private static final Duration STALLED = Duration.ofMinutes(3);

  /** Scrapes every process. */
  public static Progress of(Consortium consortium) {
    return of(consortium, consortium.banks());
  }

  /** As above, of some banks: what aggregators count is of all. */
  public static Progress of(Consortium consortium, List<String> banks) {
    boolean finished = true;
    long accepted = 0;
    long refused = 0;
    long duplicates = 0;
    long blocks = 0;
    long scored = 0;
    long skipped = 0;
    long resubmitted = 0;
    double lag = 0;
    Map<String, Long> alerts = new LinkedHashMap<>();
    for (String bank : banks) {
      Metrics metrics = consortium.agentMetrics(bank).orElse(null);
      if (metrics == null) {
        finished = false;
        continue;
      }
      finished &= metrics.sum("concordat_agent_source_finished") > 0;
      accepted += (long) metrics.sum("concordat_agent_rows_total", "outcome=\"accepted\"");
      refused += (long) metrics.sum("concordat_agent_rows_total", "outcome=\"refused\"");
      duplicates += (long) metrics.sum("concordat_agent_rows_total", "outcome=\"duplicate\"");
      blocks += (long) metrics.sum("concordat_agent_blocks_published_total");
      scored += (long) metrics.sum("concordat_agent_rows_scored_total");
      skipped += (long) metrics.sum("concordat_agent_rows_skipped_total");
      resubmitted += (long) metrics.sum("concordat_agent_rows_resubmitted_total");
      lag = Math.max(lag, metrics.sum("concordat_agent_oldest_unscored_seconds"));
      alerts.put(bank, (long) metrics.sum("concordat_agent_alerts_delivered_total"));
    }
    List<Metrics> first = consortium.metricsOf(Consortium.AGGREGATORS.getFirst());
    long batches = sum(first, "concordat_aggregator_batches_total", "outcome=\"committed\"");
    long flags = sum(first, "concordat_aggregator_flags_total");
    return new Progress(
        finished,
        accepted,
        refused,
        duplicates,
        blocks,
        scored,
        skipped,
        resubmitted,
        batches,
        flags,
        alerts,
        lag);
  }

  /** How many alerts wait for shares; a bank whose agent doesn't answer counts as one. */
  public static double alertsPending(Consortium consortium) {
    return consortium.banks().stream()
        .mapToDouble(
            bank ->
                consortium
                    .agentMetrics(bank)
                    .map(metrics -> metrics.sum("concordat_agent_alerts_pending"))
                    .orElse(1.0))
        .sum();
  }

  /**
   * Waits until all is done, and no row scored and no alert delivered any more.
   *
   * @param quiet for how long nothing of that may have happened
   * @param look called before each look at the processes
   * @param done whether a consortium that is so far has nothing more to do
   * @return false where nothing has moved for minutes though it isn't done
   */
  public static boolean awaitRest(
      Consortium consortium, Duration quiet, Runnable look, Predicate<Progress> done)
      throws InterruptedException {
    long quietSince = System.nanoTime();
    long movedAt = quietSince;
    Progress last = NONE;
    while (System.nanoTime() - quietSince < quiet.toNanos()) {
      look.run();
      Progress now = of(consortium);
      boolean isDone = done.test(now);
      boolean moved = now.movedSince(last);
      if (moved) {
        movedAt = System.nanoTime();
      }
      if (moved || !isDone) {
        quietSince = System.nanoTime();
      }
      if (System.nanoTime() - movedAt > STALLED.toNanos()) {
        return false;
      }
      last = now;
      Thread.sleep(LOOK);
    }
    return true;
  }

  /** Whether a row was scored or an alert delivered: how old rows get isn't that. */
  boolean movedSince(Progress last) {
    return scored != last.scored || alertCount() != last.alertCount();
  }

  private static long sum(List<Metrics> processes, String name, String... labels) {
    return (long) processes.stream().mapToDouble(metrics -> metrics.sum(name, labels)).sum();
  }

  /** Whether every accepted row is scored; alerts may still be on their way. */
  public boolean complete() {
    return sourcesFinished && scored + skipped >= accepted + resubmitted && lagSeconds == 0;
  }

  /** Alerts that the banks have delivered. */
  public long alertCount() {
    return alerts.values().stream().mapToLong(Long::longValue).sum();
  }
}
