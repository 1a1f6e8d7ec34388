package org.concordat.ops;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.plan.SecretModel;
import org.concordat.rules.plan.SecretTreeValues;
import org.concordat.rules.plan.SecretValues;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.Option;

/** The plain models of secret weights, for who may have them: their publisher, and tests. */
final class SecretModelOptions {
  @Option(
      names = "--model",
      paramLabel = "RULE=FILE",
      description = "The plain model of a rule with secret weights; once for each such rule.")
  private Map<String, Path> files = new LinkedHashMap<>();

  @Option(
      names = "--threshold",
      paramLabel = "RULE=NUMBER",
      description = "Its threshold, where that is secret too.")
  private Map<String, BigDecimal> thresholds = new LinkedHashMap<>();

  /**
   * The values of all of a rule set's secret models, by rule.
   *
   * @throws org.concordat.schemas.problem.InvalidInputException one is missing or doesn't fit
   */
  Map<String, long[]> of(RuleSet ruleSet) {
    var problems = new Problems();
    Map<String, long[]> values = new HashMap<>();
    for (SecretModel model : ruleSet.plan().secretModels()) {
      Path file = files.get(model.rule());
      if (file == null) {
        problems.add(
            Code.CDT_245,
            Place.of(ruleSet.directory().toString()),
            "The rule '" + model.rule() + "' can't be evaluated in the clear without its model.",
            "Name it with --model " + model.rule() + "=FILE.");
        continue;
      }
      read(ruleSet, model, file, Optional.ofNullable(thresholds.get(model.rule())), problems)
          .ifPresent(found -> values.put(model.rule(), found));
    }
    problems.throwIfAny();
    return values;
  }

  /** The values of one model. */
  static Optional<long[]> read(
      RuleSet ruleSet,
      SecretModel model,
      Path file,
      Optional<BigDecimal> threshold,
      Problems problems) {
    for (Rule rule : ruleSet.rules()) {
      if (rule.name().equals(model.rule())) {
        return rule.body() instanceof Rule.BySecretTrees(SecretTreeScore trees)
            ? SecretTreeValues.read(trees, file, threshold, problems)
            : weights(rule, model, ruleSet, file, threshold, problems);
      }
    }
    throw new IllegalStateException("A secret model belongs to a rule.");
  }

  private static Optional<long[]> weights(
      Rule rule,
      SecretModel model,
      RuleSet ruleSet,
      Path file,
      Optional<BigDecimal> threshold,
      Problems problems) {
    if (!(rule.body() instanceof Rule.BySecretScore(SecretScore score))) {
      throw new IllegalStateException("A rule with a secret model has a secret score.");
    }
    return SecretValues.read(score, model, ruleSet.contract(), file, threshold, problems);
  }
}
