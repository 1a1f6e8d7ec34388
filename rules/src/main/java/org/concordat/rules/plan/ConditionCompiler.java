package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Condition;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/** Compiles conditions to bits. */
final class ConditionCompiler {
  private final PlanBuilder builder;
  private final FeatureNodes features;
  private final SumCompiler sums;
  private final Problems problems;
  private final List<Problem> warnings;

  ConditionCompiler(
      PlanBuilder builder,
      FeatureNodes features,
      SumCompiler sums,
      Problems problems,
      List<Problem> warnings) {
    this.builder = builder;
    this.features = features;
    this.sums = sums;
    this.problems = problems;
    this.warnings = warnings;
  }

  /** A condition's bit; nothing where it was refused. */
  Optional<Bit> compile(Condition condition) {
    return switch (condition) {
      case Condition.All all -> all(all.conditions()).map(builder::and);
      case Condition.Any any -> all(any.conditions()).map(builder::or);
      case Condition.Not not -> compile(not.condition()).map(builder::not);
      case Condition.AtLeast atLeast ->
          all(atLeast.conditions()).map(bits -> builder.atLeast(atLeast.count(), bits));
      case Condition.Within within -> leaf(within, () -> within(within));
      case Condition.Member member -> leaf(member, () -> member(member));
      case Condition.Compared compared -> leaf(compared, () -> compared(compared));
      case Condition.Missing missing ->
          Optional.of(builder.not(features.present(missing.feature())));
      case Condition.SumWithin sum -> leaf(sum, () -> sumWithin(sum));
    };
  }

  private Optional<List<Bit>> all(List<Condition> conditions) {
    List<Bit> bits = new ArrayList<>();
    for (Condition condition : conditions) {
      compile(condition).ifPresent(bits::add);
    }
    return bits.size() == conditions.size() ? Optional.of(bits) : Optional.empty();
  }

  private interface Leaf {
    Bit compile() throws OverflowException;
  }

  private Optional<Bit> leaf(Condition condition, Leaf leaf) {
    try {
      Bit bit = leaf.compile();
      Compiler.warnKnown(bit, condition.place(), warnings);
      return Optional.of(bit);
    } catch (OverflowException e) {
      Compiler.overflow(e, condition.place(), problems);
      return Optional.empty();
    }
  }

  /** A comparison of a missing value doesn't hold. */
  private Bit where(Bit holds, Feature feature) {
    return builder.and(List.of(holds, features.present(feature)));
  }

  private Bit within(Condition.Within within) throws OverflowException {
    Bit holds = features.within(within.feature(), within.from(), within.to());
    return where(holds, within.feature());
  }

  private Bit member(Condition.Member member) throws OverflowException {
    Bit holds = features.in(member.feature(), member.values());
    return where(member.none() ? builder.not(holds) : holds, member.feature());
  }

  private Bit compared(Condition.Compared compared) throws OverflowException {
    Feature left = compared.left();
    Feature right = compared.right();
    Bit holds =
        switch (compared.relation()) {
          case AT_LEAST -> features.notBelow(left, right);
          case AT_MOST -> features.notBelow(right, left);
          case ABOVE -> builder.not(features.notBelow(right, left));
          case BELOW -> builder.not(features.notBelow(left, right));
          case IS -> equal(left, right);
          case IS_NOT -> builder.not(equal(left, right));
        };
    return where(where(holds, left), right);
  }

  private Bit equal(Feature left, Feature right) throws OverflowException {
    return builder.and(List.of(features.notBelow(left, right), features.notBelow(right, left)));
  }

  private Bit sumWithin(Condition.SumWithin sum) throws OverflowException {
    Condition.Bound from = sum.from();
    Condition.Bound to = sum.to();
    List<BigDecimal> bounds = new ArrayList<>();
    if (from != null) {
      bounds.add(from.value());
    }
    if (to != null) {
      bounds.add(to.value());
    }
    BigDecimal scale = SumCompiler.exactScale(sum.sum(), bounds);
    LinearForm form = sums.form(sum.sum(), scale);
    List<Bit> holds = new ArrayList<>();
    if (from != null) {
      holds.add(builder.not(below(form, from, scale, from.strict())));
    }
    if (to != null) {
      holds.add(below(form, to, scale, !to.strict()));
    }
    return builder.and(holds);
  }

  /** Whether the sum is below a bound, or at it. */
  private Bit below(LinearForm form, Condition.Bound bound, BigDecimal scale, boolean orAt)
      throws OverflowException {
    BigInteger limit = bound.value().multiply(scale).toBigIntegerExact();
    BigInteger first = orAt ? limit.add(BigInteger.ONE) : limit;
    return builder.negative(form.plus(first.negate()));
  }
}
