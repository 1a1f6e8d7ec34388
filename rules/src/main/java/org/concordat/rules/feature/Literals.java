package org.concordat.rules.feature;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** Values as rules write them, in a feature's unit and by its names. Never rounded. */
public final class Literals {
  private Literals() {}

  /** A value of a feature; nothing, and a problem, for what can't be one. */
  public static Optional<BigInteger> value(Feature feature, Document literal) {
    return switch (feature.type().kind()) {
      case NUMBER -> number(feature, literal);
      case FLAG -> flag(feature, literal);
      case CATEGORY -> name(feature, literal);
      case BINS -> cut(feature, literal);
      case ENTITY -> Optional.empty();
    };
  }

  private static Optional<BigInteger> number(Feature feature, Document literal) {
    if (!literal.isScalar()) {
      literal.add(Code.CDT_105, "A number is expected here.", "Write one, such as 12.50.");
      return Optional.empty();
    }
    int before = literal.problems().list().size();
    BigDecimal number = literal.decimal();
    if (literal.problems().list().size() > before) {
      return Optional.empty();
    }
    try {
      return Optional.of(number.movePointRight(feature.decimals()).toBigIntegerExact());
    } catch (ArithmeticException e) {
      literal.add(
          Code.CDT_214,
          "The feature '" + feature.name() + "' has " + feature.decimals() + " decimals.",
          "Write at most " + feature.decimals() + " decimals.");
      return Optional.empty();
    }
  }

  private static Optional<BigInteger> flag(Feature feature, Document literal) {
    return switch (literal.text()) {
      case "true", "1" -> Optional.of(BigInteger.ONE);
      case "false", "0" -> Optional.of(BigInteger.ZERO);
      default -> {
        literal.add(
            Code.CDT_213, "'" + feature.name() + "' is a flag.", "Compare it with true or false.");
        yield Optional.empty();
      }
    };
  }

  private static Optional<BigInteger> name(Feature feature, Document literal) {
    String text = literal.text();
    int index = feature.values().indexOf(text);
    if (index >= 0) {
      return Optional.of(BigInteger.valueOf(index));
    }
    String near = Problems.closest(text, feature.values());
    literal.add(
        Code.CDT_213,
        "'" + text + "' is none of the values of '" + feature.name() + "'.",
        near.isEmpty()
            ? "Use one of those in the contract's list."
            : "Did you mean '" + near + "'?");
    return Optional.empty();
  }

  /** The number of the bin that starts at a cut point. */
  private static Optional<BigInteger> cut(Feature feature, Document literal) {
    Optional<BigInteger> number = number(feature, literal);
    if (number.isEmpty()) {
      return number;
    }
    BigInteger best = BigInteger.valueOf(feature.cuts().getFirst());
    for (int i = 0; i < feature.cuts().size(); i++) {
      BigInteger cut = BigInteger.valueOf(feature.cuts().get(i));
      if (cut.equals(number.get())) {
        return Optional.of(BigInteger.valueOf(i + 1L));
      }
      if (cut.subtract(number.get()).abs().compareTo(best.subtract(number.get()).abs()) < 0) {
        best = cut;
      }
    }
    literal.add(
        Code.CDT_213,
        "The number is no cut point of '" + feature.name() + "'.",
        "The nearest is " + new BigDecimal(best, feature.decimals()).toPlainString() + ".");
    return Optional.empty();
  }
}
