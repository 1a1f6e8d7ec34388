package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.model.TreeScore;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.model.tree.TreeModel.AtMost;
import org.concordat.rules.model.tree.TreeModel.AtMostFloat;
import org.concordat.rules.model.tree.TreeModel.BelowFloat;
import org.concordat.rules.model.tree.TreeModel.EqualFloat;
import org.concordat.rules.model.tree.TreeModel.Member;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Test;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Compiles tree ensembles. A test of a float becomes a test of the feature's integer that decides
 * alike for every value: the tool's test is monotone, so one smallest integer fails it, which a
 * search over the tool's own comparison finds. So a row comes to the very leaves that the tool
 * finds. Leaves are rounded to a scale at which all of them together are off by at most half a
 * step.
 */
final class TreeCompiler {
  /** Bounds are searched between this and its negative: no feature's integer lies outside. */
  static final BigInteger SEARCH_MAX = BigInteger.ONE.shiftLeft(63);

  /** Bits of the sum of all leaves. */
  static final int SUM_BITS_MAX = 60;

  private final PlanBuilder builder;
  private final FeatureNodes features;
  private final Problems problems;
  private final List<Problem> warnings;

  TreeCompiler(
      PlanBuilder builder, FeatureNodes features, Problems problems, List<Problem> warnings) {
    this.builder = builder;
    this.features = features;
    this.problems = problems;
    this.warnings = warnings;
  }

  /** A score; nothing where it was refused. */
  Optional<ScoreCompiler.Compiled> compile(TreeScore score) {
    int before = problems.list().size();
    try {
      Optional<ScoreCompiler.Compiled> compiled = new Ensemble(score).compile();
      compiled.ifPresent(c -> Compiler.warnKnown(c.flag(), score.place(), warnings));
      return problems.list().size() > before ? Optional.empty() : compiled;
    } catch (OverflowException e) {
      Compiler.overflow(e, score.place(), problems);
      return Optional.empty();
    }
  }

  /** One ensemble being compiled. */
  private final class Ensemble {
    private final TreeScore score;
    private final TreeModel model;
    private final long scale;
    private final Map<Split, Bit> bits = new LinkedHashMap<>();
    private final Map<Integer, Integer> tests = new LinkedHashMap<>();

    Ensemble(TreeScore score) {
      this.score = score;
      this.model = score.model();
      this.scale = scale(score.step(), model.trees().size());
    }

    Optional<ScoreCompiler.Compiled> compile() throws OverflowException {
      List<Node.Tree> trees = new ArrayList<>();
      BigInteger offset = rounded(new BigDecimal(model.base()));
      BigInteger max = BigInteger.ZERO;
      for (TreeModel.Tree tree : model.trees()) {
        var shape = new Shape(tree);
        shape.add(tree.splits().isEmpty() ? -1 : 0);
        offset = offset.add(shape.min());
        max = max.add(shape.max().subtract(shape.min()));
        trees.add(shape.tree());
      }
      if (max.bitLength() > SUM_BITS_MAX) {
        throw new OverflowException(max.bitLength());
      }
      int width = Math.max(1, max.bitLength());
      int sum = builder.forest(List.copyOf(tests.keySet()), trees, width);
      BigInteger threshold = Compiler.ceil(score.threshold().multiply(BigDecimal.valueOf(scale)));
      BigInteger base = offset;
      BigInteger most = max;
      ScoreCompiler.Reaches reaches =
          bound -> builder.atLeast(sum, bound.subtract(base), BigInteger.ZERO, most);
      LinearForm form =
          LinearForm.constant(offset)
              .plus(builder.toArithmetic(sum), BigInteger.ONE, BigInteger.ZERO, max);
      int told = builder.sum(form);
      return Optional.of(
          new ScoreCompiler.Compiled(
              reaches.at(threshold),
              told,
              max.bitLength(),
              scale,
              threshold.longValueExact(),
              reaches));
    }

    private BigInteger leaf(double value) {
      BigDecimal part = new BigDecimal(value);
      return rounded(
          model.averages()
              ? part.divide(BigDecimal.valueOf(model.trees().size()), 40, RoundingMode.HALF_EVEN)
              : part);
    }

    private BigInteger rounded(BigDecimal part) {
      return part.multiply(BigDecimal.valueOf(scale))
          .setScale(0, RoundingMode.HALF_EVEN)
          .toBigIntegerExact();
    }

    private Bit bit(Split split) throws OverflowException {
      Bit known = bits.get(split);
      if (known == null) {
        known = left(split);
        bits.put(split, known);
      }
      return known;
    }

    /** Whether a row goes left. */
    private Bit left(Split split) throws OverflowException {
      Feature feature = score.features().get(split.feature());
      Bit left = passes(feature, split.test());
      if (split.missing().zeroToo() && feature.type().kind() == Kind.BINS) {
        refuse(feature, "A bin of '" + feature.name() + "' doesn't say whether a value is zero.");
        return new Bit.Known(false);
      }
      if (split.missing().zeroToo()) {
        boolean missingLeft = split.missing().goesLeft(split.test());
        Bit zero = features.in(feature, new TreeSet<>(List.of(BigInteger.ZERO)));
        left = either(left, zero, missingLeft);
      }
      Bit missing = builder.not(features.present(feature));
      return either(left, missing, split.missing().goesLeft(split.test()));
    }

    /** Whether a value that is there goes left. */
    private Bit passes(Feature feature, Test test) throws OverflowException {
      boolean isCategory = feature.type().kind() == Kind.CATEGORY;
      return switch (test) {
        case Member member -> member(feature, member);
        case EqualFloat(float bound) when isCategory -> {
          boolean isNumber = bound >= 0 && bound == (int) bound;
          yield isNumber
              ? member(feature, new Member(new TreeSet<>(List.of((int) bound)), true))
              : new Bit.Known(false);
        }
        case EqualFloat(float bound) ->
            builder.and(
                List.of(
                    builder.not(number(feature, new BelowFloat(bound))),
                    number(feature, new AtMostFloat(bound))));
        case BelowFloat below -> number(feature, below);
        case AtMostFloat atMost -> number(feature, atMost);
        case AtMost atMost -> number(feature, atMost);
      };
    }

    /** The bit itself, but where an exception holds: there what the exception says. */
    private Bit either(Bit bit, Bit exception, boolean then) {
      return then
          ? builder.or(List.of(bit, exception))
          : builder.and(List.of(bit, builder.not(exception)));
    }

    private Bit member(Feature feature, Member member) throws OverflowException {
      if (feature.type().kind() != Kind.CATEGORY && feature.type().kind() != Kind.NUMBER
          || feature.decimals() > 0) {
        refuse(feature, "The model takes '" + feature.name() + "' for a category.");
        return new Bit.Known(false);
      }
      SortedSet<BigInteger> listed = new TreeSet<>();
      member.categories().forEach(category -> listed.add(BigInteger.valueOf(category)));
      Bit isListed = features.in(feature, listed);
      return member.listedGoLeft() ? isListed : builder.not(isListed);
    }

    private Bit number(Feature feature, Test test) throws OverflowException {
      Kind kind = feature.type().kind();
      if (kind == Kind.CATEGORY) {
        refuse(feature, "The model takes '" + feature.name() + "' for a number.");
        return new Bit.Known(false);
      }
      BigInteger bound = firstRight(feature, test);
      if (bound.abs().equals(SEARCH_MAX)) {
        // An infinite bound, or one like it.
        return new Bit.Known(bound.signum() > 0);
      }
      if (kind == Kind.BINS && !feature.cuts().contains(bound.longValueExact())) {
        refuse(
            feature,
            "The model's bound "
                + new BigDecimal(bound, feature.decimals()).toPlainString()
                + " is no cut point of '"
                + feature.name()
                + "'.");
        return new Bit.Known(false);
      }
      return features.below(feature, bound);
    }

    private void refuse(Feature feature, String message) {
      problems.add(
          Code.CDT_212,
          score.place(),
          message,
          "Declare '" + feature.name() + "' as the model was trained, or add the cut point.");
    }

    /** Inner nodes and leaves that a row can come to: a test that is known is left out. */
    private final class Shape {
      private final TreeModel.Tree tree;
      private final List<Integer> nodeTests = new ArrayList<>();
      private final List<Integer> left = new ArrayList<>();
      private final List<Integer> right = new ArrayList<>();
      private final List<BigInteger> leaves = new ArrayList<>();

      Shape(TreeModel.Tree tree) {
        this.tree = tree;
      }

      /** Adds a subtree; returns its child number. No deeper than the model's trees may be. */
      int add(int child) throws OverflowException {
        if (child < 0) {
          leaves.add(leaf(tree.leaves().get(-1 - child)));
          return -leaves.size();
        }
        Split split = tree.splits().get(child);
        return switch (bit(split)) {
          case Bit.Known(boolean goesLeft) -> add(goesLeft ? split.left() : split.right());
          case Bit.Of(int node) -> {
            int place = nodeTests.size();
            tests.putIfAbsent(node, tests.size());
            nodeTests.add(tests.get(node));
            left.add(0);
            right.add(0);
            left.set(place, add(split.left()));
            right.set(place, add(split.right()));
            yield place;
          }
        };
      }

      BigInteger min() {
        return leaves.stream().reduce(BigInteger::min).orElseThrow();
      }

      BigInteger max() {
        return leaves.stream().reduce(BigInteger::max).orElseThrow();
      }

      Node.Tree tree() {
        BigInteger min = min();
        return new Node.Tree(
            List.copyOf(nodeTests),
            List.copyOf(left),
            List.copyOf(right),
            leaves.stream().map(leaf -> leaf.subtract(min).longValue()).toList());
      }
    }
  }

  /** The smallest power at which the rounding of all leaves stays within half a step. */
  static long scale(BigDecimal step, int trees) {
    BigDecimal base = step.unscaledValue().bitLength() == 1 ? BigDecimal.TEN : BigDecimal.TWO;
    BigDecimal scale = BigDecimal.ONE.divide(step);
    BigDecimal enough = scale.multiply(BigDecimal.valueOf(trees + 1L));
    while (scale.compareTo(enough) < 0) {
      scale = scale.multiply(base);
    }
    return scale.longValueExact();
  }

  /** The smallest integer of the feature's decimals that doesn't go left. */
  static BigInteger firstRight(Feature feature, Test test) {
    BigInteger low = SEARCH_MAX.negate();
    BigInteger high = SEARCH_MAX;
    while (low.compareTo(high) < 0) {
      BigInteger middle = low.add(high).shiftRight(1);
      if (test.goesLeft(new BigDecimal(middle, feature.decimals()).doubleValue())) {
        low = middle.add(BigInteger.ONE);
      } else {
        high = middle;
      }
    }
    return low;
  }
}
