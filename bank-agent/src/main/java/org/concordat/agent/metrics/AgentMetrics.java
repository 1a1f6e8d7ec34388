package org.concordat.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Tally;
import org.concordat.schemas.problem.Code;

/**
 * The agent's meters. Rows are counted by the store, so a restart neither loses nor repeats one.
 */
public final class AgentMetrics {
  /** Within so long of its acceptance a row is to be scored. */
  public static final Duration SCORE_DELAY_MAX = Duration.ofSeconds(10);

  /** Topics whose lost records are counted. */
  public static final String CUTS = "cuts";

  public static final String RECEIPTS = "receipts";

  public static final String ALERTS = "alerts";

  private static final String PREFIX = "concordat.agent.";
  private static final String MESSAGES_READ = "none";
  private static final String IN_TIME = "scored.in.time";
  private static final Duration[] DELAY_BUCKETS =
      Stream.of(100L, 250L, 500L, 1_000L, 2_500L, 5_000L, 10_000L, 30_000L, 60_000L, 600_000L)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  /** Parts of the accepted rows that are counted for themselves, and what they are. */
  private static final Map<Tally, String> HISTORY =
      Map.of(
          Tally.HISTORY, "Accepted rows of history: they fill windows and are never flagged.",
          Tally.HISTORY_AHEAD, "Accepted rows not remembered: their time is too far ahead.",
          Tally.HISTORY_FULL, "Accepted rows not wholly remembered: there is no more room.");

  private final MeterRegistry registry;
  private final AgentStore store;
  private final Timer scoreDelay;
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
    this.scoreDelay =
        Timer.builder(PREFIX + "score.delay")
            .description("Time from a row's acceptance to the agreed cut that scored it.")
            .serviceLevelObjectives(DELAY_BUCKETS)
            .register(registry);
    registerStore(millisClock);
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
    register(Tally.SCORED_IN_TIME);
    HISTORY.keySet().forEach(this::register);
    for (Code code : Code.values()) {
      if (code.label().matches("CDT-3([0-4]\\d|8[0-4])")) {
        register(new Tally(Tally.Outcome.REFUSED, code.label()));
      }
    }
    lost(CUTS, 0);
    lost(RECEIPTS, 0);
    lost(ALERTS, 0);
    message(MESSAGES_READ, 0);
    for (Code code : Code.values()) {
      if (code.label().matches("CDT-33\\d")) {
        message(code.label(), 0);
      }
    }
    counted();
  }

  private void registerStore(LongSupplier millisClock) {
    gauge(
        "spool.fill.ratio",
        "What the spool takes of its limits of bytes and blocks, the fuller one, from 0 to 1.",
        Tags.empty(),
        store::spoolFill);
    gauge(
        "spool.blocks.max",
        "Blocks that the spool may have, by what the heap has room for.",
        Tags.empty(),
        () -> store.limits().spoolBlocksMax());
    double diskMax = store.limits().diskBytesMax();
    gauge(
        "store.disk.fill.ratio",
        "What the data folder's store takes of its disk as a part of the limit, from 0 to 1.",
        Tags.empty(),
        () -> store.diskBytes() / diskMax);
    gauge("dead.letters", "Refused rows that are kept.", Tags.empty(), store::deadLetterCount);
    double letterBytesMax = store.limits().deadLetterBytesMax();
    gauge(
        "dead.letters.fill.ratio",
        "What refused rows that are kept take of their limit of bytes, from 0 to 1.",
        Tags.empty(),
        () -> store.deadLetterBytes() / letterBytesMax);
    FunctionCounter.builder(PREFIX + "dead.letters.dropped", store, AgentStore::deadLettersDropped)
        .description("Refused rows that were dropped before their age: there was no more room.")
        .register(registry);
    Gauge.builder("concordat.agent.spool.bytes", store, AgentStore::spoolBytes)
        .description("Bytes of sealed blocks that aren't known to be scored.")
        .register(registry);
    Gauge.builder("concordat.agent.store.disk.bytes", store, AgentStore::diskBytes)
        .description("What the data folder's store takes of its disk, all files together.")
        .register(registry);
    Gauge.builder("concordat.agent.store.memory.bytes", store, AgentStore::memoryBytes)
        .description("Memory outside the heap that the data folder's store takes.")
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
  }

  /** Shows what can come of these rules, as below. */
  public void expect(List<String> rules) {
    for (String rule : rules) {
      counter("alerts.delivered", "Alerts delivered to the bank's sinks.", Tags.of("rule", rule));
    }
  }

  /**
   * Shows what can come from these aggregators: an increase from a missing series to 1 would be
   * seen by no query. Flags of a bank are shown by its agent alone.
   *
   * @param flagsPerDayMax the charter's cap per rule and UTC day
   */
  public void expect(List<String> aggregators, int flagsPerDayMax) {
    gauge(
        "flags.per.day.max",
        "The charter's cap on this bank's flags of one rule and UTC day.",
        Tags.empty(),
        () -> flagsPerDayMax);
    counter(
        "alerts.unverified",
        "Alerts delivered although the shares of all aggregators weren't there or didn't fit.",
        Tags.empty());
    counter("alerts.missing", "Numbers of alerts that an aggregator left out.", Tags.empty());
    for (Code code : Code.values()) {
      if (code.label().matches("CDT-7(0\\d|10)")) {
        counter(
            "alert.incidents",
            "Findings in alert shares that somebody has to look into, by code.",
            Tags.of("code", code.label()));
      }
    }
    for (String aggregator : aggregators) {
      counter(
          "held.notices",
          "Notices of an aggregator that a rule's flags are held at the charter's cap.",
          Tags.of("aggregator", aggregator));
      for (Code code : Code.values()) {
        if (code.label().matches("CDT-4\\d\\d|CDT-60[12]")) {
          counter(
              "receipts",
              "Blocks that an aggregator says it could not score, by reason.",
              Tags.of("reason", code.label(), "aggregator", aggregator));
        }
      }
    }
  }

  private void counter(String name, String description, Tags tags) {
    Counter.builder(PREFIX + name).description(description).tags(tags).register(registry);
  }

  /** Shows how many connections to brokers a use has. */
  public void connections(String use, Supplier<Number> value) {
    gauge(
        "brokers.connections",
        "Connections to brokers, by use; 0 if there is none.",
        Tags.of("use", use),
        value);
  }

  /** Shows how far the reader of a use is behind. */
  public void lag(String use, Supplier<Number> value) {
    gauge(
        "consumer.lag.records",
        "Records that weren't read yet when the last ones were, by use.",
        Tags.of("use", use),
        value);
  }

  /** Shows a number that changes both ways. */
  public void gauge(String name, String description, Tags tags, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value).description(description).tags(tags).register(registry);
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
    String part = HISTORY.get(tally);
    if (part != null) {
      FunctionCounter.builder(
              PREFIX + "rows." + tally.reason().replace('-', '.'), store, s -> s.tally(tally))
          .description(part)
          .register(registry);
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
          FunctionCounter.builder(
                  PREFIX + "rows." + (tally.equals(Tally.SCORED_IN_TIME) ? IN_TIME : outcome),
                  store,
                  s -> s.tally(tally))
              .description("Rows in committed cuts, by what became of them.")
              .register(registry);
    }
  }

  /** An ISO 20022 message was read to its end, or refused as a whole. */
  public void message(Optional<Code> refusal) {
    message(refusal.map(Code::label).orElse(MESSAGES_READ), 1);
  }

  private void message(String reason, int more) {
    Counter.builder(PREFIX + "messages")
        .description("ISO 20022 messages, by the code for which they were refused as a whole.")
        .tags(Tags.of("reason", reason))
        .register(registry)
        .increment(more);
  }

  /**
   * Records were removed before the agent had read them.
   *
   * @param topic cuts, receipts or alerts
   */
  public void lost(String topic, long records) {
    Counter.builder(PREFIX + "records.lost")
        .description("Records that were removed from a topic before the agent had read them.")
        .tags(Tags.of("topic", topic))
        .register(registry)
        .increment(records);
  }

  public void published(long blocks) {
    blocksPublished.increment(blocks);
  }

  /** Rows were scored so long after their acceptance. */
  public void scored(int rows, Duration delay) {
    for (int i = 0; i < rows; i++) {
      scoreDelay.record(delay);
    }
  }

  /** The source has been read to its end. */
  public void sourceFinished() {
    sourceFinished = true;
  }
}
