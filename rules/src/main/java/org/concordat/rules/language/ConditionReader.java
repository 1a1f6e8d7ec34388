package org.concordat.rules.language;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.feature.Literals;
import org.concordat.rules.language.Condition.Bound;
import org.concordat.rules.language.Condition.Relation;
import org.concordat.rules.model.WeightedSum;
import org.concordat.rules.model.WeightsReader;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.jspecify.annotations.Nullable;

/** Reads conditions. What is wrong goes to the document's problems, and gives nothing. */
final class ConditionReader {
  static final int DEPTH_MAX = 32;
  static final int CONDITIONS_MAX = 1_024;
  static final int VALUES_MAX = 10_000;

  private static final List<String> KINDS = List.of("all", "any", "not", "of", "feature", "sum");
  private static final List<String> OPERATORS =
      List.of(
          "atLeast", "above", "atMost", "below", "is", "isNot", "between", "in", "notIn",
          "missing");

  private final FeatureContract contract;

  ConditionReader(FeatureContract contract) {
    this.contract = contract;
  }

  Optional<Condition> read(Document document) {
    return read(document, 1);
  }

  private Optional<Condition> read(Document document, int depth) {
    if (!document.isPresent()) {
      return Optional.empty();
    }
    if (!document.isMapping()) {
      document.add(
          Code.CDT_215, "A condition is expected here.", "Write {feature: name, atLeast: 1}.");
      return Optional.empty();
    }
    if (depth > DEPTH_MAX) {
      document.add(
          Code.CDT_220,
          "Conditions are nested deeper than " + DEPTH_MAX + ".",
          "Split the rule, or nest less.");
      document.keys().forEach(document::maybe);
      return Optional.empty();
    }
    List<String> kinds = KINDS.stream().filter(document::has).toList();
    if (kinds.size() != 1) {
      document.add(
          Code.CDT_215,
          kinds.isEmpty()
              ? "The condition has no kind."
              : "The condition has several kinds: " + String.join(", ", kinds) + ".",
          "Write exactly one of all, any, not, 'atLeast' with 'of', feature, sum.");
      OPERATORS.forEach(document::has);
      return Optional.empty();
    }
    return switch (kinds.getFirst()) {
      case "all" ->
          list(document.get("all"), depth).map(c -> new Condition.All(c, document.place()));
      case "any" ->
          list(document.get("any"), depth).map(c -> new Condition.Any(c, document.place()));
      case "not" ->
          read(document.get("not"), depth + 1).map(c -> new Condition.Not(c, document.place()));
      case "of" -> atLeast(document, depth);
      case "feature" -> onFeature(document);
      default -> onSum(document);
    };
  }

  private Optional<List<Condition>> list(Document list, int depth) {
    List<Condition> conditions = new ArrayList<>();
    List<Document> items = list.items();
    boolean complete = true;
    for (Document item : items) {
      Optional<Condition> condition = read(item, depth + 1);
      item.finish();
      condition.ifPresent(conditions::add);
      complete &= condition.isPresent();
    }
    if (list.isSequence() && (items.isEmpty() || items.size() > CONDITIONS_MAX)) {
      list.add(
          Code.CDT_220, "A list has 1 to " + CONDITIONS_MAX + " conditions.", "Correct the list.");
      return Optional.empty();
    }
    return complete && !conditions.isEmpty() ? Optional.of(conditions) : Optional.empty();
  }

  private Optional<Condition> atLeast(Document document, int depth) {
    int count = (int) document.get("atLeast").integer(1, CONDITIONS_MAX, 1);
    Optional<List<Condition>> conditions = list(document.get("of"), depth);
    if (conditions.isPresent() && count > conditions.get().size()) {
      document
          .get("atLeast")
          .add(
              Code.CDT_215,
              "There are only " + conditions.get().size() + " conditions.",
              "Ask for fewer, or list more.");
      return Optional.empty();
    }
    return conditions.map(c -> new Condition.AtLeast(count, c, document.place()));
  }

  /** The condition's one operator; nothing, and a problem, for none or several. */
  private static Optional<String> operator(Document document) {
    List<String> operators = OPERATORS.stream().filter(document::has).toList();
    if (operators.size() != 1) {
      document.add(
          Code.CDT_215,
          operators.isEmpty()
              ? "The condition compares with nothing."
              : "The condition has several comparisons: " + String.join(", ", operators) + ".",
          "Write exactly one of " + String.join(", ", OPERATORS) + ".");
      return Optional.empty();
    }
    return Optional.of(operators.getFirst());
  }

  private Optional<Condition> onFeature(Document document) {
    Document name = document.get("feature");
    Optional<Feature> feature =
        WeightsReader.feature(name.text(), contract, name.place(), name.problems());
    Optional<String> operator = operator(document);
    if (feature.isEmpty() || operator.isEmpty()) {
      operator.ifPresent(o -> document.get(o).keys().forEach(document.get(o)::maybe));
      return Optional.empty();
    }
    Document operand = document.get(operator.get());
    if (operator.get().equals("missing")) {
      return missing(feature.get(), operand, document);
    }
    if (!fits(feature.get().type().kind(), operator.get())) {
      operand.add(
          Code.CDT_212,
          "'" + feature.get().name() + "' can't be compared with '" + operator.get() + "'.",
          "Use " + fitting(feature.get().type().kind()) + ".");
      return Optional.empty();
    }
    if (operand.isMapping()) {
      return compared(feature.get(), operator.get(), operand, document);
    }
    return withLiteral(feature.get(), operator.get(), operand, document);
  }

  private static boolean fits(Kind kind, String operator) {
    return switch (kind) {
      case NUMBER -> true;
      case FLAG -> List.of("is", "isNot").contains(operator);
      case CATEGORY -> List.of("is", "isNot", "in", "notIn").contains(operator);
      case BINS -> List.of("atLeast", "below").contains(operator);
      case ENTITY -> false;
    };
  }

  private static String fitting(Kind kind) {
    return String.join(", ", OPERATORS.stream().filter(o -> fits(kind, o)).toList());
  }

  private static Optional<Condition> missing(Feature feature, Document operand, Document document) {
    boolean wanted = operand.bool(true);
    if (!feature.optional()) {
      operand.add(
          Code.CDT_212,
          "'" + feature.name() + "' is never missing.",
          "Remove the condition, or make the feature optional in the contract.");
      return Optional.empty();
    }
    Condition missing = new Condition.Missing(feature, document.place());
    return Optional.of(wanted ? missing : new Condition.Not(missing, document.place()));
  }

  private Optional<Condition> compared(
      Feature left, String operator, Document operand, Document document) {
    Document name = operand.get("feature");
    Optional<Feature> right =
        name.isPresent()
            ? WeightsReader.feature(name.text(), contract, name.place(), name.problems())
            : Optional.empty();
    Relation relation =
        switch (operator) {
          case "atLeast" -> Relation.AT_LEAST;
          case "above" -> Relation.ABOVE;
          case "atMost" -> Relation.AT_MOST;
          case "below" -> Relation.BELOW;
          case "is" -> Relation.IS;
          case "isNot" -> Relation.IS_NOT;
          default -> null;
        };
    if (relation == null) {
      operand.add(
          Code.CDT_212,
          "Features can't be compared with '" + operator + "'.",
          "Use atLeast, above, atMost, below, is or isNot.");
      return Optional.empty();
    }
    if (right.isPresent() && !comparable(left, right.get())) {
      name.add(
          Code.CDT_212,
          "'" + left.name() + "' and '" + right.get().name() + "' have other units or names.",
          "Compare features of the same unit, or categories of the same names.");
      return Optional.empty();
    }
    return right.map(r -> new Condition.Compared(left, relation, r, document.place()));
  }

  private static boolean comparable(Feature left, Feature right) {
    Kind kind = left.type().kind();
    return kind == right.type().kind()
        && kind != Kind.BINS
        && left.unit().equals(right.unit())
        && left.values().equals(right.values());
  }

  private static Optional<Condition> withLiteral(
      Feature feature, String operator, Document operand, Document document) {
    List<BigInteger> values = new ArrayList<>();
    List<Document> literals = List.of(operand);
    if (List.of("between", "in", "notIn").contains(operator)) {
      literals = operand.items();
      if (literals.isEmpty() || literals.size() > VALUES_MAX) {
        operand.add(
            Code.CDT_215, "A list of 1 to " + VALUES_MAX + " values is expected.", "List them.");
        return Optional.empty();
      }
    }
    for (Document literal : literals) {
      Literals.value(feature, literal).ifPresent(values::add);
    }
    if (values.size() != literals.size()) {
      return Optional.empty();
    }
    var place = document.place();
    BigInteger first = values.getFirst();
    BigInteger one = BigInteger.ONE;
    return switch (operator) {
      case "atLeast" -> Optional.of(new Condition.Within(feature, first, null, place));
      case "above" -> Optional.of(new Condition.Within(feature, first.add(one), null, place));
      case "atMost" -> Optional.of(new Condition.Within(feature, null, first, place));
      case "below" -> Optional.of(new Condition.Within(feature, null, first.subtract(one), place));
      case "between" -> between(feature, values, operand, document);
      default -> {
        SortedSet<BigInteger> set = new TreeSet<>(values);
        if (set.size() < values.size()) {
          operand.add(Code.CDT_107, "A value is listed twice.", "Remove it.");
        }
        boolean none = operator.equals("isNot") || operator.equals("notIn");
        yield Optional.of(new Condition.Member(feature, set, none, place));
      }
    };
  }

  private static Optional<Condition> between(
      Feature feature, List<BigInteger> values, Document operand, Document document) {
    if (values.size() != 2 || values.get(0).compareTo(values.get(1)) > 0) {
      operand.add(
          Code.CDT_215, "Two bounds are expected, the lower one first.", "Write [from, to].");
      return Optional.empty();
    }
    return Optional.of(
        new Condition.Within(feature, values.get(0), values.get(1), document.place()));
  }

  private Optional<Condition> onSum(Document document) {
    int before = document.problems().list().size();
    List<WeightedSum.Term> terms = WeightsReader.read(document.get("sum"), contract);
    Optional<String> operator = operator(document);
    if (operator.isEmpty()) {
      return Optional.empty();
    }
    Document operand = document.get(operator.get());
    Bound from = null;
    Bound to = null;
    switch (operator.get()) {
      case "atLeast" -> from = bound(operand, false);
      case "above" -> from = bound(operand, true);
      case "atMost" -> to = bound(operand, false);
      case "below" -> to = bound(operand, true);
      case "between" -> {
        List<Document> bounds = operand.items();
        if (bounds.size() == 2) {
          from = bound(bounds.get(0), false);
          to = bound(bounds.get(1), false);
        }
        if (from == null || to == null || from.value().compareTo(to.value()) > 0) {
          operand.add(
              Code.CDT_215, "Two bounds are expected, the lower one first.", "Write [from, to].");
        }
      }
      default ->
          operand.add(
              Code.CDT_212,
              "A sum can't be compared with '" + operator.get() + "'.",
              "Use atLeast, above, atMost, below or between.");
    }
    if (document.problems().list().size() > before) {
      return Optional.empty();
    }
    var sum = new WeightedSum(BigDecimal.ZERO, terms);
    return Optional.of(new Condition.SumWithin(sum, from, to, document.place()));
  }

  private static @Nullable Bound bound(Document literal, boolean strict) {
    if (!literal.isScalar()) {
      literal.add(Code.CDT_105, "A number is expected here.", "Write one, such as 12.50.");
      return null;
    }
    return new Bound(literal.decimal(), strict);
  }
}
