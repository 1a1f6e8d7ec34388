package org.concordat.rules.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a rule's text on a record as it stands in the source: no contract fields, no plan, no
 * machine word. Written from the language's description alone, so that it doesn't share mistakes
 * with the compiler.
 *
 * <p>A record's values are BigDecimal, Boolean, String, or nothing where missing.
 */
final class DirectEvaluator {
  private final Map<String, @Nullable Object> row;
  private final Map<String, BigDecimal> whenMissing;

  DirectEvaluator(Map<String, @Nullable Object> row, Map<String, BigDecimal> whenMissing) {
    this.row = row;
    this.whenMissing = whenMissing;
  }

  boolean holds(JsonNode condition) {
    if (condition.has("all")) {
      return holding(condition.get("all")) == condition.get("all").size();
    }
    if (condition.has("any")) {
      return holding(condition.get("any")) > 0;
    }
    if (condition.has("not")) {
      return !holds(condition.get("not"));
    }
    if (condition.has("of")) {
      return holding(condition.get("of")) >= condition.get("atLeast").intValue();
    }
    if (condition.has("sum")) {
      return compares(sum(condition.get("sum")), condition);
    }
    Object value = row.get(condition.get("feature").textValue());
    if (condition.has("missing")) {
      return (value == null) == condition.get("missing").booleanValue();
    }
    return value != null && compares(value, condition);
  }

  /** What an alert of a condition rule tells: which of the topmost conditions hold. */
  long reasonBits(JsonNode condition) {
    JsonNode top = condition;
    for (String list : new String[] {"all", "any", "of"}) {
      if (condition.has(list)) {
        top = condition.get(list);
      }
    }
    List<JsonNode> conditions = new ArrayList<>();
    if (top == condition) {
      conditions.add(condition);
    } else {
      top.forEach(conditions::add);
    }
    long bits = 0;
    for (int i = 0; i < conditions.size(); i++) {
      bits |= holds(conditions.get(i)) ? 1L << i : 0;
    }
    return bits;
  }

  private int holding(JsonNode list) {
    int count = 0;
    for (JsonNode each : list) {
      count += holds(each) ? 1 : 0;
    }
    return count;
  }

  private boolean compares(Object value, JsonNode condition) {
    for (var entry : condition.properties()) {
      JsonNode operand = entry.getValue();
      switch (entry.getKey()) {
        case "atLeast":
          return withOther(value, operand, c -> c >= 0);
        case "above":
          return withOther(value, operand, c -> c > 0);
        case "atMost":
          return withOther(value, operand, c -> c <= 0);
        case "below":
          return withOther(value, operand, c -> c < 0);
        case "is":
          return withOther(value, operand, c -> c == 0);
        case "isNot":
          return withOther(value, operand, c -> c != 0);
        case "between":
          return compare(value, operand.get(0)) >= 0 && compare(value, operand.get(1)) <= 0;
        case "in":
          return contains(operand, value);
        case "notIn":
          return !contains(operand, value);
        default:
          break;
      }
    }
    throw new AssertionError(condition.toString());
  }

  private interface Outcome {
    boolean of(int comparison);
  }

  private boolean withOther(Object value, JsonNode operand, Outcome outcome) {
    if (!operand.isObject()) {
      return outcome.of(compare(value, operand));
    }
    Object other = row.get(operand.get("feature").textValue());
    return other != null && outcome.of(compareValues(value, other));
  }

  private boolean contains(JsonNode list, Object value) {
    for (JsonNode each : list) {
      if (compare(value, each) == 0) {
        return true;
      }
    }
    return false;
  }

  private static int compare(Object value, JsonNode literal) {
    if (literal.isNumber()) {
      return ((BigDecimal) value).compareTo(literal.decimalValue());
    }
    return literal.isBoolean()
        ? Boolean.compare((Boolean) value, literal.booleanValue())
        : ((String) value).compareTo(literal.textValue());
  }

  private static int compareValues(Object left, Object right) {
    if (left instanceof BigDecimal number) {
      return number.compareTo((BigDecimal) right);
    }
    return left instanceof Boolean flag
        ? Boolean.compare(flag, (Boolean) right)
        : ((String) left).compareTo((String) right);
  }

  /** The weighted sum of some features. */
  BigDecimal sum(JsonNode weights) {
    BigDecimal sum = BigDecimal.ZERO;
    for (var entry : weights.properties()) {
      Object value = row.get(entry.getKey());
      JsonNode weight = entry.getValue();
      if (weight.isObject()) {
        if (value != null && weight.has((String) value)) {
          sum = sum.add(weight.get((String) value).decimalValue());
        }
        continue;
      }
      BigDecimal factor;
      if (value == null) {
        factor = Objects.requireNonNullElse(whenMissing.get(entry.getKey()), BigDecimal.ZERO);
      } else if (value instanceof Boolean flag) {
        factor = flag ? BigDecimal.ONE : BigDecimal.ZERO;
      } else {
        factor = (BigDecimal) value;
      }
      sum = sum.add(weight.decimalValue().multiply(factor));
    }
    return sum;
  }
}
