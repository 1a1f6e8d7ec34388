package org.concordat.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Tally;

/**
 * The agent's meters. Rows are counted by the store, so a restart neither loses nor repeats one.
 */
public final class AgentMetrics {
  /** How near to its limit the spool may be before the agent isn't ready. */
  public static final double SPOOL_READY_SHARE = 0.9;

  private final MeterRegistry registry;
  private final AgentStore store;
  private final Set<Tally> registered = ConcurrentHashMap.newKeySet();
  private final Counter blocksPublished;
  private volatile boolean sourceFinished;

  public AgentMetrics(MeterRegistry registry, AgentStore store, LongSupplier millisClock) {
    this.registry = registry;
    this.store = store;
    this.blocksPublished =
        Counter.builder("concordat.agent.blocks.published")
            .description("Blocks that the brokers of all aggregators acknowledged.")
            .register(registry);
    Gauge.builder("concordat.agent.spool.bytes", store, AgentStore::spoolBytes)
        .description("Bytes of sealed blocks that aren't known to be scored.")
        .register(registry);
    Gauge.builder("concordat.agent.spool.blocks", store, AgentStore::unscoredBlocks)
        .description("Sealed blocks that aren't known to be scored.")
        .register(registry);
    Gauge.builder("concordat.agent.dead.letters.bytes", store, AgentStore::deadLetterBytes)
        .description("Bytes of refused rows that are kept.")
        .register(registry);
    Gauge.builder("concordat.agent.oldest.unscored.seconds", () -> ageSeconds(millisClock))
        .description("Age of the oldest row that isn't known to be scored.")
        .register(registry);
    Gauge.builder("concordat.agent.source.finished", () -> sourceFinished ? 1 : 0)
        .description("1 when the source has been read to its end.")
        .register(registry);
    for (Tally.Outcome outcome :
        new Tally.Outcome[] {
          Tally.Outcome.ACCEPTED,
          Tally.Outcome.DUPLICATE,
          Tally.Outcome.SCORED,
          Tally.Outcome.SKIPPED,
          Tally.Outcome.RESUBMITTED
        }) {
      register(Tally.of(outcome));
    }
    counted();
  }

  private double ageSeconds(LongSupplier millisClock) {
    return store
        .oldestUnscoredMillis()
        .map(millis -> Math.max(0, millisClock.getAsLong() - millis) / 1000.0)
        .orElse(0.0);
  }

  /** The store has counted: shows what is new. */
  public void counted() {
    store.tallies().keySet().forEach(this::register);
  }

  private void register(Tally tally) {
    if (!registered.add(tally)) {
      return;
    }
    String outcome = tally.outcome().name().toLowerCase(Locale.ROOT);
    switch (tally.outcome()) {
      case ACCEPTED, REFUSED, DUPLICATE ->
          FunctionCounter.builder("concordat.agent.rows", store, s -> s.tally(tally))
              .description("Rows read, by what became of them.")
              .tags(
                  Tags.of(
                      "outcome",
                      outcome,
                      "reason",
                      tally.reason().isEmpty() ? "none" : tally.reason()))
              .register(registry);
      case SCORED, SKIPPED, RESUBMITTED ->
          FunctionCounter.builder("concordat.agent.rows." + outcome, store, s -> s.tally(tally))
              .description("Rows in committed cuts, by what became of them.")
              .register(registry);
    }
  }

  public void published(long blocks) {
    blocksPublished.increment(blocks);
  }

  /** The source has been read to its end. */
  public void sourceFinished() {
    sourceFinished = true;
  }
}
