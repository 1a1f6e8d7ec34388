package org.concordat.aggregator;

import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.worker.Scoring;
import org.concordat.aggregator.worker.Scorings;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.record.Digest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up later rule sets while the aggregator runs. When each of them scores is decided by the
 * batch protocol: at a cut, once all aggregators have it.
 */
final class RuleSetWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuleSetWatch.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final LaterRuleSets ruleSets;
  private final Scorings scorings;
  private final List<String> banks;
  private final int slotsMax;
  private final long roundWordsMax;
  private final AggregatorMetrics metrics;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("rule-sets").daemon().factory());

  /**
   * @param slotsMax rows of a batch, padding included
   * @param roundWordsMax that links have room for beside those of other batches
   */
  RuleSetWatch(
      LaterRuleSets ruleSets,
      Scorings scorings,
      List<String> banks,
      int slotsMax,
      long roundWordsMax,
      AggregatorMetrics metrics) {
    this.ruleSets = ruleSets;
    this.scorings = scorings;
    this.banks = banks;
    this.slotsMax = slotsMax;
    this.roundWordsMax = roundWordsMax;
    this.metrics = metrics;
    show(ruleSets.known().getFirst());
    take();
  }

  /** Looks again from time to time. */
  void start(Runnable changed, Consumer<Throwable> halt) {
    thread.scheduleWithFixedDelay(
        () -> {
          try {
            if (take()) {
              changed.run();
            }
          } catch (RuntimeException | Error e) {
            halt.accept(e);
          }
        },
        PAUSE.toMillis(),
        PAUSE.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /**
   * @return whether there is one more
   */
  private boolean take() {
    LaterRuleSets.Look look = ruleSets.look();
    List<Problem> problems = new ArrayList<>(look.problems());
    boolean more = false;
    for (RuleSet found : look.found()) {
      more |= take(found, problems);
    }
    for (Problem problem : problems) {
      LOG.atError()
          .addKeyValue("code", problem.code().label())
          .addKeyValue("place", problem.place())
          .addKeyValue("reason", problem.reason())
          .addKeyValue("fix", problem.fix())
          .log("A later rule set can't be used.");
    }
    return more;
  }

  private boolean take(RuleSet found, List<Problem> problems) {
    PlanEvaluator evaluator;
    try {
      evaluator = new PlanEvaluator(found.plan());
    } catch (IllegalArgumentException e) {
      problems.add(tooLong(found));
      return false;
    }
    if (evaluator.roundWordsMax(slotsMax) > roundWordsMax) {
      problems.add(tooLong(found));
      return false;
    }
    show(found);
    scorings.add(new Scoring(found.plan(), evaluator));
    LOG.atInfo()
        .addKeyValue("ruleSet", found)
        .addKeyValue("hash", HexFormat.of().formatHex(found.hash()))
        .log("Ready for a later rule set; it scores once all aggregators are.");
    return true;
  }

  private static Problem tooLong(RuleSet found) {
    return new Problem(
        Code.CDT_251,
        Place.of(found.directory().resolve("rules.yaml").toString()),
        "Its rounds send more than the links were laid out for at the start.",
        Code.CDT_251.fix());
  }

  private void show(RuleSet ruleSet) {
    metrics.expect(
        banks, ruleSet.plan().outputs().stream().map(RuleOutput::rule).distinct().toList());
    var hash = new Digest(ruleSet.hash());
    metrics.gauge(
        "rule.set",
        "1 if the rule set that the labels name scored a last batch, 0 if it is ready to.",
        Tags.of("name", ruleSet.name(), "version", Integer.toString(ruleSet.version())),
        () -> scorings.isInForce(hash) ? 1 : 0);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
