package org.concordat.ops.lift;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.Condition;
import org.concordat.rules.language.Links;
import org.concordat.rules.language.Rule;
import org.concordat.rules.language.RulesFile;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.Compiler;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * A rule set that ranks: each rule's first lower bound of a number is its own number. Where
 * aggregators derive that number the bound is taken away, so that a higher number is a higher rank
 * and the volume decides; all else that the rule asks for stays.
 *
 * @param rules in the order of the plan's outputs
 */
record RankedRules(Plan plan, FeatureContract features, LinkSpec link, List<Ranked> rules) {
  /**
   * A rule that ranks.
   *
   * @param number by which
   * @param field of the plan's inputs that holds it
   * @param paths of the link spec whose members explain a row
   * @param flags of those paths that compare values
   */
  record Ranked(
      String name, Feature number, int field, List<Integer> paths, List<Links.PathFlag> flags) {}

  /**
   * The rules of a set, which have to link payments.
   *
   * @throws InvalidInputException a rule has no number
   */
  static RankedRules of(RuleSet ruleSet) {
    Links links =
        ruleSet
            .links()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        Code.CDT_225,
                        Place.of(ruleSet.directory().toString()),
                        "The rule set links nothing: each bank finds alone what all find.",
                        "Take one with windows or paths, such as 'network'."));
    var problems = new Problems();
    // Compared along with the rules: no column holds these.
    Set<String> unranked =
        links.latestNumbers().stream().map(Links.LatestNumber::name).collect(Collectors.toSet());
    List<Rule> lowered = new ArrayList<>();
    List<Ranked> ranked = new ArrayList<>();
    for (Rule rule : ruleSet.rules()) {
      Optional<Condition.Within> number =
          rule.body() instanceof Rule.ByCondition(Condition condition)
              ? first(condition, unranked)
              : Optional.empty();
      if (number.isEmpty()) {
        problems.add(
            Code.CDT_215,
            rule.place(),
            "Nothing ranks the payments that the rule '" + rule.name() + "' flags.",
            "Begin its condition with {feature: NUMBER, atLeast: ...}.");
        continue;
      }
      lowered.add(lowered(rule, number.get(), ruleSet.contract()));
      ranked.add(ranked(rule, number.get().feature(), links));
    }
    problems.throwIfAny();
    var file = new RulesFile(ruleSet.name(), ruleSet.version(), Optional.of(links), lowered);
    Optional<Compiler.Compiled> compiled =
        Compiler.compile(file, ruleSet.contract(), ruleSet.hash(), problems);
    problems.throwIfAny();
    return new RankedRules(
        compiled.orElseThrow().plan(), links.features(), links.spec(), List.copyOf(ranked));
  }

  private static Ranked ranked(Rule rule, Feature number, Links links) {
    Set<String> names = new HashSet<>();
    collect(((Rule.ByCondition) rule.body()).condition(), names);
    List<Integer> paths = new ArrayList<>();
    for (int path = 0; path < links.spec().paths().size(); path++) {
      if (names.contains(links.spec().paths().get(path).name())) {
        paths.add(path);
      }
    }
    List<Links.PathFlag> flags =
        links.pathFlags().stream().filter(flag -> names.contains(flag.name())).toList();
    int field = links.features().fieldOf(number.name());
    return new Ranked(rule.name(), number, field, paths, flags);
  }

  private static void collect(Condition condition, Set<String> names) {
    switch (condition) {
      case Condition.All all -> all.conditions().forEach(c -> collect(c, names));
      case Condition.Any any -> any.conditions().forEach(c -> collect(c, names));
      case Condition.AtLeast of -> of.conditions().forEach(c -> collect(c, names));
      case Condition.Not not -> collect(not.condition(), names);
      case Condition.Within within -> names.add(within.feature().name());
      case Condition.Member member -> names.add(member.feature().name());
      case Condition.Compared unused -> {}
      case Condition.Missing unused -> {}
      case Condition.SumWithin unused -> {}
    }
  }

  private static Optional<Condition.Within> first(Condition condition, Set<String> unranked) {
    return switch (condition) {
      case Condition.All all -> firstOf(all.conditions(), unranked);
      case Condition.Any any -> firstOf(any.conditions(), unranked);
      case Condition.AtLeast of -> firstOf(of.conditions(), unranked);
      case Condition.Within within ->
          within.from() == null || unranked.contains(within.feature().name())
              ? Optional.empty()
              : Optional.of(within);
      case Condition.Not unused -> Optional.empty();
      case Condition.Member unused -> Optional.empty();
      case Condition.Compared unused -> Optional.empty();
      case Condition.Missing unused -> Optional.empty();
      case Condition.SumWithin unused -> Optional.empty();
    };
  }

  private static Optional<Condition.Within> firstOf(
      List<Condition> conditions, Set<String> unranked) {
    return conditions.stream()
        .map(condition -> first(condition, unranked))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The rule with the least bound of its number, where that is derived. */
  private static Rule lowered(Rule rule, Condition.Within number, FeatureContract contract) {
    if (contract.feature(number.feature().name()).isPresent()) {
      return rule;
    }
    var least = new Condition.Within(number.feature(), BigInteger.ONE, number.to(), number.place());
    Condition condition = replaced(((Rule.ByCondition) rule.body()).condition(), number, least);
    return new Rule(
        rule.name(),
        rule.title(),
        rule.live(),
        new Rule.ByCondition(condition),
        rule.tellsScore(),
        rule.cuts(),
        rule.reasons(),
        rule.place());
  }

  private static Condition replaced(Condition in, Condition what, Condition by) {
    return switch (in) {
      case Condition.All all ->
          new Condition.All(replaced(all.conditions(), what, by), all.place());
      case Condition.Any any ->
          new Condition.Any(replaced(any.conditions(), what, by), any.place());
      case Condition.AtLeast of ->
          new Condition.AtLeast(of.count(), replaced(of.conditions(), what, by), of.place());
      case Condition.Not not -> not;
      case Condition.Within within -> within.equals(what) ? by : within;
      case Condition.Member member -> member;
      case Condition.Compared compared -> compared;
      case Condition.Missing missing -> missing;
      case Condition.SumWithin sum -> sum;
    };
  }

  private static List<Condition> replaced(List<Condition> in, Condition what, Condition by) {
    return in.stream().map(condition -> replaced(condition, what, by)).toList();
  }
}
