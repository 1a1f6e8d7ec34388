package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType;
import org.concordat.rules.language.Condition;
import org.concordat.rules.language.Links;
import org.concordat.rules.language.Rule;
import org.concordat.rules.language.RulesFile;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.Domain;

/**
 * Compiles rules to a plan. Proves by intervals of big integers that no sum wraps around; refuses,
 * at its line, what it can't prove. Compiling the same files gives the same plan everywhere.
 */
public final class Compiler {
  private final FeatureContract contract;
  private final Problems problems;
  private final List<Problem> warnings = new ArrayList<>();
  private final PlanBuilder builder = new PlanBuilder();
  private final FeatureNodes features;
  private final ConditionCompiler conditions;
  private final ScoreCompiler scores;
  private final TreeCompiler trees;
  private final SecretCompiler secrets;
  private final SecretTreeCompiler secretTrees;
  private final MemberCompiler members;

  private Compiler(FeatureContract contract, Optional<Links> links, Problems problems) {
    this.contract = contract;
    this.problems = problems;
    this.features = new FeatureNodes(links.map(Links::features).orElse(contract), builder);
    this.members = new MemberCompiler(links, problems);
    links.ifPresent(this::compileLinks);
    var sums = new SumCompiler(builder, features);
    this.conditions = new ConditionCompiler(builder, features, sums, problems, warnings);
    this.scores = new ScoreCompiler(builder, sums, problems, warnings);
    this.trees = new TreeCompiler(builder, features, problems, warnings);
    this.secrets = new SecretCompiler(builder, features, problems);
    this.secretTrees = new SecretTreeCompiler(builder, features, problems);
  }

  /**
   * A plan and what is odd about it without being wrong.
   *
   * @param scoreBits by output: bits that a told score can fill; 0 for none
   */
  public record Compiled(Plan plan, List<Integer> scoreBits, List<Problem> warnings) {}

  /**
   * Compiles the rules of a file.
   *
   * @param hash of the whole rule set
   * @return nothing where {@code problems} has grown
   */
  public static Optional<Compiled> compile(
      RulesFile file, FeatureContract contract, byte[] hash, Problems problems) {
    int before = problems.list().size();
    var compiler = new Compiler(contract, file.links(), problems);
    List<Draft> drafts = new ArrayList<>();
    for (Rule rule : file.rules()) {
      compiler.compile(rule).ifPresent(drafts::add);
    }
    if (problems.list().size() > before) {
      return Optional.empty();
    }
    if (compiler.builder.size() > PlanBuilder.NODES_MAX) {
      problems.add(
          Code.CDT_220,
          file.rules().getFirst().place(),
          "The rules compile to more than " + PlanBuilder.NODES_MAX + " operations.",
          "Write fewer or simpler rules.");
      return Optional.empty();
    }
    compiler.adviseDomains(file.rules());
    return Optional.of(compiler.finish(file, hash, drafts));
  }

  private void compileLinks(Links links) {
    var numbers = new LatestCompiler(links, builder, features);
    for (Links.LatestNumber number : links.latestNumbers()) {
      try {
        features.define(number.name(), numbers.compile(number));
      } catch (PlanBuilder.OverflowException e) {
        overflow(e, number.place(), problems);
        features.define(number.name(), builder.input(0, Domain.ARITHMETIC, Long.SIZE));
      }
    }
    var paths = new PathCompiler(links, builder, features);
    for (Links.PathFlag flag : links.pathFlags()) {
      try {
        PathCompiler.Compiled path = paths.compile(flag);
        features.define(flag.name(), path.flag());
        members.define(flag.path(), path.slots());
      } catch (PlanBuilder.OverflowException e) {
        overflow(e, flag.place(), problems);
        // Stands for it, so that the rules that use it are checked all the same.
        features.define(flag.name(), builder.input(0, Domain.BOOLEAN, 1));
      }
    }
  }

  private record Draft(
      Rule rule,
      int flag,
      OptionalInt score,
      int scoreBits,
      long scale,
      long threshold,
      List<Told> told,
      Optional<RuleOutput.Members> members) {}

  /** A bit that the bank concerned is told. */
  private record Told(String code, String text, int bit) {}

  private Optional<Draft> compile(Rule rule) {
    if (rule.tellsScore() && FeatureUse.isLinked(rule, contract)) {
      problems.add(
          Code.CDT_229,
          rule.place(),
          "The rule '"
              + rule.name()
              + "' would tell its exact score, and with it what other banks' payments add to it.",
          Code.CDT_229.fix());
      return Optional.empty();
    }
    return switch (rule.body()) {
      case Rule.ByCondition(Condition condition) ->
          conditions
              .compile(condition)
              .flatMap(bit -> flag(bit, rule))
              .flatMap(flag -> draft(rule, flag, Optional.empty()));
      case Rule.ByScore(var score) ->
          scores
              .compile(score)
              .flatMap(
                  compiled ->
                      flag(compiled.flag(), rule)
                          .flatMap(flag -> draft(rule, flag, Optional.of(compiled))));
      case Rule.ByTrees(var score) ->
          trees
              .compile(score)
              .flatMap(
                  compiled ->
                      flag(compiled.flag(), rule)
                          .flatMap(flag -> draft(rule, flag, Optional.of(compiled))));
      case Rule.BySecretScore(var score) ->
          secrets
              .compile(rule.name(), score)
              .flatMap(
                  compiled ->
                      flag(compiled.flag(), rule)
                          .flatMap(flag -> draft(rule, flag, Optional.of(compiled))));
      case Rule.BySecretTrees(var score) ->
          secretTrees
              .compile(rule.name(), score)
              .flatMap(
                  compiled ->
                      flag(compiled.flag(), rule)
                          .flatMap(flag -> draft(rule, flag, Optional.of(compiled))));
    };
  }

  private Optional<Integer> flag(Bit bit, Rule rule) {
    return switch (bit) {
      case Bit.Of(int node) -> Optional.of(node);
      case Bit.Known(boolean value) -> {
        problems.add(
            Code.CDT_217,
            rule.place(),
            "The rule '" + rule.name() + "' flags " + (value ? "every" : "no") + " payment.",
            "Compare with numbers inside the features' ranges.");
        yield Optional.empty();
      }
    };
  }

  private Optional<Draft> draft(Rule rule, int flag, Optional<ScoreCompiler.Compiled> score) {
    List<Told> told = new ArrayList<>();
    for (Rule.Reason reason : rule.reasons()) {
      Optional<Bit> bit = conditions.compile(reason.when());
      if (bit.isEmpty()) {
        return Optional.empty();
      }
      told.add(new Told(reason.code(), reason.text(), node(bit.get(), flag)));
    }
    if (score.isPresent() && !addBands(rule, score.get(), flag, told)) {
      return Optional.empty();
    }
    Optional<RuleOutput.Members> alerted = members.compile(rule);
    boolean tells = rule.tellsScore() && score.isPresent();
    return Optional.of(
        new Draft(
            rule,
            flag,
            tells ? OptionalInt.of(score.get().node()) : OptionalInt.empty(),
            tells ? score.get().widthBits() : 0,
            score.map(ScoreCompiler.Compiled::scale).orElse(1L),
            score.map(ScoreCompiler.Compiled::threshold).orElse(0L),
            told,
            alerted));
  }

  /** A band is told as the cut points that the score reaches. */
  private boolean addBands(Rule rule, ScoreCompiler.Compiled score, int flag, List<Told> told) {
    try {
      int number = 1;
      for (Rule.Cut cut : rule.cuts()) {
        BigInteger bound = ceil(cut.bound().multiply(BigDecimal.valueOf(score.scale())));
        Bit reached = score.reaches().at(bound);
        told.add(new Told(Rule.BAND + number++, "score >= " + cut.text(), node(reached, flag)));
      }
      return true;
    } catch (PlanBuilder.OverflowException e) {
      overflow(e, rule.place(), problems);
      return false;
    }
  }

  /** Told bits are read for flagged rows alone: there the flag is 1. */
  private int node(Bit bit, int flag) {
    return switch (bit) {
      case Bit.Of(int node) -> node;
      case Bit.Known(boolean value) -> value ? flag : inverse(flag);
    };
  }

  private int inverse(int flag) {
    return switch (builder.not(new Bit.Of(flag))) {
      case Bit.Of(int node) -> node;
      case Bit.Known unused -> throw new AssertionError("the inverse of a node is a node");
    };
  }

  private Compiled finish(RulesFile file, byte[] hash, List<Draft> drafts) {
    List<Integer> needed = new ArrayList<>();
    for (Draft draft : drafts) {
      needed.add(draft.flag());
      draft.score().ifPresent(needed::add);
      draft.told().forEach(told -> needed.add(told.bit()));
      draft.members().ifPresent(of -> of.paths().forEach(path -> needed.addAll(path.slots())));
    }
    PlanBuilder.Pruned pruned = builder.pruned(needed);
    List<RuleOutput> outputs = new ArrayList<>();
    for (Draft draft : drafts) {
      List<ReasonOutput> reasons = new ArrayList<>();
      for (Told told : draft.told()) {
        int bit = pruned.placeOf().applyAsInt(told.bit());
        reasons.add(new ReasonOutput(told.code(), told.text(), bit));
      }
      outputs.add(
          new RuleOutput(
              draft.rule().name(),
              draft.rule().title(),
              draft.rule().live(),
              pruned.placeOf().applyAsInt(draft.flag()),
              draft.score().isPresent()
                  ? OptionalInt.of(pruned.placeOf().applyAsInt(draft.score().getAsInt()))
                  : OptionalInt.empty(),
              draft.scale(),
              draft.threshold(),
              List.copyOf(reasons),
              draft.members().map(of -> renumbered(of, pruned))));
    }
    var plan =
        new Plan(
            file.ruleSet(),
            file.version(),
            hash,
            contract.name(),
            contract.version(),
            contract.hash(),
            contract.layout(),
            pruned.nodes(),
            List.copyOf(outputs),
            file.links().map(Links::spec));
    return new Compiled(
        plan, drafts.stream().map(Draft::scoreBits).toList(), List.copyOf(warnings));
  }

  private static RuleOutput.Members renumbered(
      RuleOutput.Members members, PlanBuilder.Pruned pruned) {
    return new RuleOutput.Members(
        members.max(),
        members.paths().stream()
            .map(
                path ->
                    new RuleOutput.MemberPath(
                        path.path(),
                        path.slots().stream().map(pruned.placeOf()::applyAsInt).toList()))
            .toList());
  }

  /** Says where the contract's domain makes comparisons dearer than they need be. */
  private void adviseDomains(List<Rule> rules) {
    Set<Feature> summed = new HashSet<>();
    Set<Feature> compared = new HashSet<>();
    rules.forEach(rule -> FeatureUse.collect(rule, summed, compared));
    for (Feature feature : contract.features()) {
      boolean onlyCompared = compared.contains(feature) && !summed.contains(feature);
      boolean onlySummed = summed.contains(feature) && !compared.contains(feature);
      if (feature.domain() == Domain.ARITHMETIC && onlyCompared) {
        advise(feature, "only compared", "boolean");
      }
      if (feature.domain() == Domain.BOOLEAN
          && onlySummed
          && feature.type().kind() == FeatureType.Kind.NUMBER) {
        advise(feature, "only summed", "arithmetic");
      }
    }
  }

  private void advise(Feature feature, String use, String domain) {
    warnings.add(
        new Problem(
            Code.CDT_232,
            feature.place(),
            "'" + feature.name() + "' is " + use + " here.",
            "'domain: " + domain + "' in the contract's next version would cost less."));
  }

  /** Adds a warning for what is known without a row. */
  static void warnKnown(Bit bit, Place place, List<Problem> warnings) {
    if (bit instanceof Bit.Known(boolean value)) {
      var warning =
          new Problem(
              Code.CDT_231,
              place,
              "This " + (value ? "always" : "never") + " holds within the declared ranges.",
              Code.CDT_231.fix());
      if (!warnings.contains(warning)) {
        warnings.add(warning);
      }
    }
  }

  /** Reports a sum that may wrap around. */
  static void overflow(PlanBuilder.OverflowException e, Place place, Problems problems) {
    problems.add(
        Code.CDT_216,
        place,
        "The sum needs "
            + e.bits()
            + " bits with its sign; "
            + PlanBuilder.SUM_BITS_MAX
            + " can be compared without wrapping around.",
        Code.CDT_216.fix());
  }

  /** The smallest integer that is no smaller. */
  static BigInteger ceil(BigDecimal number) {
    return number.setScale(0, RoundingMode.CEILING).toBigIntegerExact();
  }
}
