package org.concordat.rules.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.language.Condition;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.WeightedSum;

/** Which features rules sum and which they compare by themselves. */
final class FeatureUse {
  private final Set<Feature> summed;
  private final Set<Feature> compared;

  private FeatureUse(Set<Feature> summed, Set<Feature> compared) {
    this.summed = summed;
    this.compared = compared;
  }

  static void collect(Rule rule, Set<Feature> summed, Set<Feature> compared) {
    var use = new FeatureUse(summed, compared);
    switch (rule.body()) {
      case Rule.ByCondition(Condition condition) -> use.add(condition);
      case Rule.ByScore(var score) -> use.add(score.sum());
      case Rule.BySecretScore(var score) -> {
        for (Feature feature : score.features()) {
          (feature.type().kind() == Kind.CATEGORY ? compared : summed).add(feature);
        }
      }
      case Rule.BySecretTrees(var score) -> compared.addAll(score.features());
      case Rule.ByTrees(var score) -> compared.addAll(score.features());
    }
    rule.reasons().forEach(reason -> use.add(reason.when()));
  }

  /** Whether a rule sees anything that a contract's rows don't hold. */
  static boolean isLinked(Rule rule, FeatureContract contract) {
    Set<Feature> used = new HashSet<>();
    collect(rule, used, used);
    return used.stream().anyMatch(feature -> contract.feature(feature.name()).isEmpty());
  }

  private void add(WeightedSum sum) {
    for (WeightedSum.Term term : sum.terms()) {
      switch (term) {
        case WeightedSum.Number number -> summed.add(number.feature());
        case WeightedSum.Names names -> compared.add(names.feature());
      }
    }
  }

  private void addAll(List<Condition> conditions) {
    conditions.forEach(this::add);
  }

  private void add(Condition condition) {
    switch (condition) {
      case Condition.All all -> addAll(all.conditions());
      case Condition.Any any -> addAll(any.conditions());
      case Condition.Not not -> add(not.condition());
      case Condition.AtLeast atLeast -> addAll(atLeast.conditions());
      case Condition.Within within -> compared.add(within.feature());
      case Condition.Member member -> compared.add(member.feature());
      case Condition.Compared pair -> {
        compared.add(pair.left());
        compared.add(pair.right());
      }
      case Condition.Missing unused -> {
        // The missing bit has no other domain.
      }
      case Condition.SumWithin sum -> add(sum.sum());
    }
  }
}
