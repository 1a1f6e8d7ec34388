package org.concordat.aggregator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.concordat.schemas.problem.Code;

/**
 * The aggregator's meters. Labels hold names and codes, never a value of a row. Flags are counted
 * by rule over all banks: those of one bank are that bank's to show.
 *
 * <p>What can be counted is there from the start with 0: an increase from a missing series to 1
 * would be seen by no query.
 */
public final class AggregatorMetrics {
  /** A part of a batch's way. */
  public enum Stage {
    /** A block is opened. */
    OPEN,
    /** From the oldest block's opening to its cut. */
    WAIT,
    /** From the cut to everyone's agreement. */
    AGREE,
    /** The plan's rounds, and where caps are counted the wait for the batch before. */
    EVALUATE,
    /** Until the batch before is sure to be committed. */
    ORDER,
    /** The own vote is written. */
    VOTE,
    /** Until the others' votes are there, and the commit before is done. */
    PEERS,
    /** The transaction. */
    COMMIT
  }

  /** Instead of a reason, of a session's set-up that was accepted or had come before the start. */
  public static final String SESSION = "session";

  private static final String PREFIX = "concordat.aggregator.";
  private static final Duration[] STAGE_BUCKETS =
      Arrays.stream(new long[] {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000})
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);
  private static final double[] ROW_BUCKETS = {64, 256, 1_024, 4_096, 16_384, 65_536};

  /** What a record can be refused for. */
  private static final List<String> REFUSALS = codes("CDT-4\\d\\d");

  /** What a cut can skip a block for: some party can't use it, lacks it, or has another one. */
  private static final List<String> SKIP_REASONS = codes("CDT-(4\\d\\d|60[12])");

  private static final List<String> ALARMS = codes("CDT-(252|511|6[01]\\d)");

  /** A reason that isn't one of the codes. */
  private static final String UNKNOWN = "unknown";

  private final MeterRegistry registry;
  private final Tags mode;
  private final DistributionSummary batchRows;

  /** A registry holds what it counts by weak references only. */
  private final List<Supplier<Number>> counted = new CopyOnWriteArrayList<>();

  public AggregatorMetrics(MeterRegistry registry, String mode) {
    this.registry = registry;
    this.mode = Tags.of("mode", mode);
    this.batchRows =
        DistributionSummary.builder(PREFIX + "batch.rows")
            .description("Rows of a committed batch.")
            .tags(this.mode)
            .serviceLevelObjectives(ROW_BUCKETS)
            .register(registry);
    for (Stage stage : Stage.values()) {
      timer(stage);
    }
    for (String outcome : List.of("committed", "abandoned")) {
      batches(outcome);
    }
    ALARMS.forEach(this::alarms);
  }

  private static List<String> codes(String pattern) {
    return Arrays.stream(Code.values())
        .map(Code::label)
        .filter(label -> label.matches(pattern))
        .toList();
  }

  /** Shows what can happen to the blocks of these banks and to these rules. */
  public void expect(List<String> banks, List<String> rules) {
    for (String bank : banks) {
      for (String outcome : List.of("accepted", "duplicate", "waiting")) {
        records(outcome, "none", bank);
      }
      records("accepted", SESSION, bank);
      records("earlier", SESSION, bank);
      scored(bank);
      rules.forEach(rule -> held(bank, rule));
      REFUSALS.forEach(code -> records("refused", code, bank));
      SKIP_REASONS.forEach(code -> skipped(bank, code));
      skipped(bank, UNKNOWN);
    }
    for (String rule : rules) {
      flagged(rule);
      members(rule, "alerted", 0);
      members(rule, "held", 0);
    }
  }

  /**
   * A record that was read.
   *
   * @param outcome accepted, duplicate, waiting or refused; earlier, if it was refused but had come
   *     before the start
   * @param reason a code for a refusal, {@link #SESSION} for a session's set-up, else {@code none}
   */
  public void record(String outcome, String reason, String bank) {
    records(outcome, reason, bank).increment();
  }

  private Counter records(String outcome, String reason, String bank) {
    return counter(
        "records",
        "Blocks and session set-ups read from the banks' topics, by what became of them.",
        Tags.of("outcome", outcome, "reason", reason, "bank", bank));
  }

  public void rowsScored(String bank, int rows) {
    scored(bank).increment(rows);
  }

  private Counter scored(String bank) {
    return counter("rows.scored", "Rows in committed cuts.", Tags.of("bank", bank));
  }

  /**
   * A committed cut skipped a block or a range of missing ones, which counts as one: most of a long
   * range are numbers that the bank never used.
   *
   * @param reason as a party gave it; what isn't one of the codes is counted, but becomes no label
   */
  public void blocksSkipped(String bank, String reason) {
    skipped(bank, SKIP_REASONS.contains(reason) ? reason : UNKNOWN).increment();
  }

  private Counter skipped(String bank, String reason) {
    return counter(
        "blocks.skipped",
        "Skips in committed cuts, each of a block or a range; their bank sends the rows again.",
        Tags.of("bank", bank, "reason", reason));
  }

  public void flags(String rule, int flags) {
    flagged(rule).increment(flags);
  }

  private Counter flagged(String rule) {
    return counter("flags", "Rows flagged, over all banks.", Tags.of("rule", rule));
  }

  /**
   * Earlier records of flagged patterns.
   *
   * @param outcome alerted, or held at the cap
   */
  public void members(String rule, String outcome, int records) {
    counter(
            "pattern.members",
            "Earlier records of flagged patterns, over all banks: their alert was sent, or held"
                + " since their bank's part of the cap for them is used up.",
            Tags.of("rule", rule, "outcome", outcome))
        .increment(records);
  }

  /**
   * @param outcome committed or abandoned
   */
  public void batch(String outcome) {
    batches(outcome).increment();
  }

  private Counter batches(String outcome) {
    return counter(
        "batches", "Batches committed, attempts abandoned.", Tags.of("outcome", outcome));
  }

  public void batchRows(long rows) {
    batchRows.record(rows);
  }

  public void alarm(String code) {
    alarms(code).increment();
  }

  private Counter alarms(String code) {
    return counter(
        "alarms", "Findings that somebody has to look into, by code.", Tags.of("code", code));
  }

  /** Rows on which a rule's flags stayed closed, since its cap is reached. */
  public void rowsHeld(String bank, String rule, long rows) {
    held(bank, rule).increment(rows);
  }

  private Counter held(String bank, String rule) {
    return counter(
        "rows.held",
        "Rows on which a rule's flags stayed closed at the charter's cap.",
        Tags.of("bank", bank, "rule", rule));
  }

  /** How long a stage took: of a block for {@code OPEN}, else of a batch. */
  public void stage(Stage stage, Duration time) {
    timer(stage).record(time);
  }

  private Timer timer(Stage stage) {
    return Timer.builder(PREFIX + "batch.stage")
        .description(
            "Time to open a block, and of each part of a committed batch's way, in order: wait,"
                + " agree, evaluate, order, vote, peers, commit.")
        .tags(mode.and("stage", stage.name().toLowerCase(Locale.ROOT)))
        .serviceLevelObjectives(STAGE_BUCKETS)
        .register(registry);
  }

  public void gauge(String name, String description, Tags tags, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value)
        .description(description)
        .tags(mode.and(tags))
        .register(registry);
  }

  /** Something that others count since the start. */
  public void count(String name, String description, Tags tags, Supplier<Number> value) {
    counted.add(value);
    FunctionCounter.builder(PREFIX + name, value, v -> v.get().doubleValue())
        .description(description)
        .tags(mode.and(tags))
        .register(registry);
  }

  private Counter counter(String name, String description, Tags tags) {
    return Counter.builder(PREFIX + name)
        .description(description)
        .tags(mode.and(tags))
        .register(registry);
  }
}
