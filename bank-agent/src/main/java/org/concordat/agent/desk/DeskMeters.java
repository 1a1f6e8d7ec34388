package org.concordat.agent.desk;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how many items stand where, by rule; tells of no item, account or person. */
public final class DeskMeters {
  /** The items are counted at most this often. */
  private static final long COUNT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final String PREFIX = "concordat.agent.desk.";

  private final MeterRegistry registry;
  private final Desk desk;
  private final LongSupplier millisClock;
  private Map<String, Map<State, Long>> standings = Map.of();
  private long countedNanos;
  private boolean counted;

  private DeskMeters(MeterRegistry registry, Desk desk, LongSupplier millisClock) {
    this.registry = registry;
    this.desk = desk;
    this.millisClock = millisClock;
  }

  /** Registers those that hang on no rule. */
  public static DeskMeters register(MeterRegistry registry, Desk desk, LongSupplier millisClock) {
    FunctionCounter.builder(PREFIX + "muted", desk, Desk::muted)
        .description("Alerts that a snooze muted when they came; kept by the store.")
        .register(registry);
    FunctionCounter.builder(PREFIX + "overflow", desk, Desk::overBudget)
        .description("Alerts over their rule's daily budget; kept by the store.")
        .register(registry);
    return new DeskMeters(registry, desk, millisClock);
  }

  /** Shows the items of these rules too. */
  public void show(List<String> rules) {
    for (String rule : rules) {
      for (State state : State.values()) {
        Gauge.builder(PREFIX + "items", () -> items(rule, state))
            .description(
                "Flagged payments that are kept for the fraud team, by rule and state; not a number"
                    + " until an agent that starts has read them.")
            .tag("rule", rule)
            .tag("state", state.label())
            // Nobody else holds what is asked.
            .strongReference(true)
            .register(registry);
      }
    }
  }

  /** Not a number while the desk reads its items: a page of metrics must not wait for that. */
  private synchronized double items(String rule, State state) {
    if (!desk.isLoaded()) {
      return Double.NaN;
    }
    long now = System.nanoTime();
    if (!counted || now - countedNanos >= COUNT_NANOS) {
      standings = desk.standings(millisClock.getAsLong());
      countedNanos = now;
      counted = true;
    }
    return standings.getOrDefault(rule, Map.of()).getOrDefault(state, 0L);
  }
}
