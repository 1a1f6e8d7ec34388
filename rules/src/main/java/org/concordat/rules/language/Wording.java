package org.concordat.rules.language;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureType;
import org.concordat.rules.model.WeightedSum;

/** Conditions in words, for reasons that a rule doesn't word itself. */
final class Wording {
  /** More values than these are counted only. */
  private static final int VALUES_SHOWN = 8;

  private Wording() {}

  static String of(Condition condition) {
    return switch (condition) {
      case Condition.All all -> joined(all.conditions(), " and ");
      case Condition.Any any -> joined(any.conditions(), " or ");
      case Condition.Not not -> "not (" + of(not.condition()) + ")";
      case Condition.AtLeast atLeast ->
          "at least " + atLeast.count() + " of: " + joined(atLeast.conditions(), "; ");
      case Condition.Within within -> within(within);
      case Condition.Member member -> member(member);
      case Condition.Compared compared ->
          compared.left().name()
              + " "
              + compared.relation().words()
              + " "
              + compared.right().name();
      case Condition.Missing missing -> missing.feature().name() + " is missing";
      case Condition.SumWithin sum -> sumWithin(sum);
    };
  }

  private static String joined(List<Condition> conditions, String separator) {
    return conditions.stream()
        .map(c -> isNested(c) ? "(" + of(c) + ")" : of(c))
        .collect(Collectors.joining(separator));
  }

  private static boolean isNested(Condition condition) {
    return condition instanceof Condition.All || condition instanceof Condition.Any;
  }

  private static String within(Condition.Within within) {
    Feature feature = within.feature();
    String name = feature.name() + " is ";
    BigInteger from = within.from();
    BigInteger to = within.to();
    if (feature.type().kind() == FeatureType.Kind.BINS) {
      return from == null
          ? name + "below " + cut(feature, Objects.requireNonNull(to).intValueExact())
          : name + "at least " + cut(feature, from.intValueExact() - 1);
    }
    if (from == null) {
      return name + "at most " + value(feature, Objects.requireNonNull(to));
    }
    if (to == null) {
      return name + "at least " + value(feature, from);
    }
    return from.equals(to)
        ? name + value(feature, from)
        : name + "from " + value(feature, from) + " to " + value(feature, to);
  }

  private static String cut(Feature feature, int index) {
    return BigDecimal.valueOf(feature.cuts().get(index), feature.decimals()).toPlainString();
  }

  private static String member(Condition.Member member) {
    Feature feature = member.feature();
    String is = feature.name() + (member.none() ? " is not " : " is ");
    List<String> values =
        member.values().stream().limit(VALUES_SHOWN).map(v -> value(feature, v)).toList();
    if (values.size() == 1) {
      return is + values.getFirst();
    }
    int more = member.values().size() - values.size();
    return is
        + (member.none() ? "any of " : "one of ")
        + String.join(", ", values)
        + (more > 0 ? " and " + more + " more" : "");
  }

  private static String value(Feature feature, BigInteger value) {
    String unit = feature.unit().isEmpty() ? "" : " " + feature.unit();
    return switch (feature.type().kind()) {
      case NUMBER -> new BigDecimal(value, feature.decimals()).toPlainString() + unit;
      case FLAG -> value.signum() == 0 ? "false" : "true";
      case CATEGORY, BINS, ENTITY -> feature.format(value.longValueExact());
    };
  }

  private static String sumWithin(Condition.SumWithin sum) {
    String terms = sum.sum().terms().stream().map(Wording::term).collect(Collectors.joining(" + "));
    Condition.Bound from = sum.from();
    Condition.Bound to = sum.to();
    if (from == null) {
      Condition.Bound upper = Objects.requireNonNull(to);
      return terms + (upper.strict() ? " is below " : " is at most ") + plain(upper.value());
    }
    if (to == null) {
      return terms + (from.strict() ? " is above " : " is at least ") + plain(from.value());
    }
    return terms + " is from " + plain(from.value()) + " to " + plain(to.value());
  }

  private static String term(WeightedSum.Term term) {
    return switch (term) {
      case WeightedSum.Number number -> plain(number.weight()) + " * " + number.feature().name();
      case WeightedSum.Names names -> "weight of " + names.feature().name();
    };
  }

  private static String plain(BigDecimal number) {
    return number.toPlainString();
  }
}
