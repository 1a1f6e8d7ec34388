package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.model.tree.TreeModel.AtMost;
import org.concordat.rules.model.tree.TreeModel.AtMostFloat;
import org.concordat.rules.model.tree.TreeModel.BelowFloat;
import org.concordat.rules.model.tree.TreeModel.EqualFloat;
import org.concordat.rules.model.tree.TreeModel.Member;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Test;

/** Which of a feature's codes a tree's test sends left, as the tool that made it decides. */
final class SplitCodes {
  private final Feature feature;
  private final Split split;

  /** Where two neighbouring codes may go different ways: the upper ones. */
  private final NavigableSet<BigInteger> borders = new TreeSet<>();

  private SplitCodes(Feature feature, Split split) {
    this.feature = feature;
    this.split = split;
  }

  /** Nothing where the test doesn't fit what the feature is. */
  static Optional<SplitCodes> of(Feature feature, Split split) {
    var codes = new SplitCodes(feature, split);
    return codes.addBorders() ? Optional.of(codes) : Optional.empty();
  }

  private boolean addBorders() {
    boolean isBins = feature.type().kind() == Kind.BINS;
    if (split.missing().zeroToo()) {
      // A bin doesn't say whether a value is zero.
      if (isBins) {
        return false;
      }
      addCategory(0);
    }
    boolean isCategory = feature.type().kind() == Kind.CATEGORY;
    return switch (split.test()) {
      case Member member -> {
        member.categories().forEach(this::addCategory);
        boolean isWhole = feature.type().kind() == Kind.NUMBER && feature.decimals() == 0;
        yield isCategory || isWhole;
      }
      case EqualFloat(float bound) -> {
        if (isCategory) {
          addCategory((int) bound);
          yield true;
        }
        yield addBound(new BelowFloat(bound)) && addBound(new AtMostFloat(bound));
      }
      case BelowFloat below -> !isCategory && addBound(below);
      case AtMostFloat atMost -> !isCategory && addBound(atMost);
      case AtMost atMost -> !isCategory && addBound(atMost);
    };
  }

  private void addCategory(int category) {
    BigInteger value = BigInteger.valueOf(category);
    borders.add(value.subtract(BigInteger.valueOf(feature.offset())));
    borders.add(value.add(BigInteger.ONE).subtract(BigInteger.valueOf(feature.offset())));
  }

  private boolean addBound(Test test) {
    BigInteger bound = TreeCompiler.firstRight(feature, test);
    if (feature.type().kind() != Kind.BINS) {
      borders.add(bound.subtract(BigInteger.valueOf(feature.offset())));
      return true;
    }
    boolean isFinite = bound.bitLength() < Long.SIZE;
    int bin = isFinite ? feature.cuts().indexOf(bound.longValueExact()) + 1 : 0;
    borders.add(BigInteger.valueOf(bin));
    return bin > 0 || !isFinite || bound.abs().equals(TreeCompiler.SEARCH_MAX);
  }

  /** Whether all of some codes go left, or none; nothing where they differ. */
  Optional<Boolean> goLeft(BigInteger from, BigInteger to) {
    BigInteger last = to.min(largest());
    if (from.compareTo(last) > 0) {
      // No row has such a code.
      return Optional.of(false);
    }
    boolean first = goesLeft(from);
    for (BigInteger border : borders.subSet(from, false, last, true)) {
      if (goesLeft(border) != first) {
        return Optional.empty();
      }
    }
    return Optional.of(first);
  }

  private BigInteger largest() {
    return BigInteger.valueOf(feature.max()).subtract(BigInteger.valueOf(feature.offset()));
  }

  private boolean goesLeft(BigInteger code) {
    BigInteger value = code.add(BigInteger.valueOf(feature.offset()));
    if (split.missing().zeroToo() && value.signum() == 0) {
      return missingGoesLeft();
    }
    if (feature.type().kind() == Kind.BINS) {
      int bin = value.intValueExact();
      value =
          BigInteger.valueOf(bin == 0 ? feature.cuts().getFirst() : feature.cuts().get(bin - 1));
      value = bin == 0 ? value.subtract(BigInteger.ONE) : value;
    }
    return split.test().goesLeft(new BigDecimal(value, feature.decimals()).doubleValue());
  }

  /** Where a missing value goes. */
  boolean missingGoesLeft() {
    return split.missing().goesLeft(split.test());
  }
}
