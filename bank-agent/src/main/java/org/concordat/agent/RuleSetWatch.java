package org.concordat.agent;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.record.Digest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rule sets that alerts may be of. Later ones are taken up while the agent runs; earlier ones
 * stay, since their alerts may still be on the way.
 */
final class RuleSetWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RuleSetWatch.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final LaterRuleSets ruleSets;
  private final Consumer<RuleSet> show;
  private int shown;

  /**
   * @param show told of each once
   */
  RuleSetWatch(LaterRuleSets ruleSets, Consumer<RuleSet> show) {
    this.ruleSets = ruleSets;
    this.show = show;
    look();
  }

  /** Works until it is interrupted. */
  void run() throws InterruptedException {
    while (true) {
      look();
      Thread.sleep(PAUSE);
    }
  }

  private synchronized void look() {
    LaterRuleSets.Look look = ruleSets.look();
    look.problems()
        .forEach(
            problem ->
                LOG.atError()
                    .addKeyValue("code", problem.code().label())
                    .addKeyValue("place", problem.place())
                    .addKeyValue("reason", problem.reason())
                    .addKeyValue("fix", problem.fix())
                    .log("A later rule set can't be used."));
    List<RuleSet> known = ruleSets.known();
    for (RuleSet ruleSet : known.subList(shown, known.size())) {
      show.accept(ruleSet);
      LOG.atInfo()
          .addKeyValue("ruleSet", ruleSet)
          .addKeyValue("hash", HexFormat.of().formatHex(ruleSet.hash()))
          .log("Alerts of this rule set can be read.");
    }
    shown = known.size();
  }

  /** The one with this hash; looked for once more where it isn't known. */
  Optional<RuleSet> find(Digest hash) {
    if (ruleSets.of(hash.bytes()).isEmpty()) {
      look();
    }
    return ruleSets.of(hash.bytes());
  }

  /** Whether some rule set has a rule of this name; looked for once more where none is known. */
  boolean hasRule(String name) {
    if (!known(name)) {
      look();
    }
    return known(name);
  }

  private boolean known(String name) {
    return ruleSets.known().stream()
        .flatMap(ruleSet -> ruleSet.rules().stream())
        .anyMatch(rule -> rule.name().equals(name));
  }
}
