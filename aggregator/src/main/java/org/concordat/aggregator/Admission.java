package org.concordat.aggregator;

import java.util.Optional;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.aggregator.peer.LinkShape;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** What the charter and the members must have agreed to before an aggregator starts. */
final class Admission {
  private Admission() {}

  /** Adds what is missing to the problems. */
  static void verify(
      AggregatorConfig config,
      Charter charter,
      RuleSet ruleSet,
      SigningKey key,
      Problems problems) {
    Place place = Place.of(config.keys().signing().toString());
    Optional<Charter.Aggregator> me = charter.aggregator(config.aggregator());
    if (me.isEmpty()) {
      problems.add(
          Code.CDT_505,
          Place.of("aggregator"),
          "The charter lists no aggregator '" + config.aggregator() + "'.",
          Code.CDT_505.fix());
    } else if (!me.get().verifyingKey().equals(key.verifier())) {
      problems.add(Code.CDT_506, place, Code.CDT_506.cause(), Code.CDT_506.fix());
    }
    if (charter.mode() != Charter.Mode.TEST && !config.simulatedNetwork().equals(LinkShape.NONE)) {
      problems.add(
          Code.CDT_105,
          Place.of("simulatedNetwork"),
          "A slower network is simulated under a test charter alone.",
          "Take it out.");
    }
    ruleSet.verifyQuorum(charter, problems);
    ruleSet.verifyCaps(charter, problems);
    ruleSet.verifyPublishers(charter, problems);
    Plan plan = ruleSet.plan();
    plan.link()
        .ifPresent(
            spec ->
                BatchBytes.verify(spec, plan.namesMembers(), config.batch().rowsMax(), problems));
  }
}
