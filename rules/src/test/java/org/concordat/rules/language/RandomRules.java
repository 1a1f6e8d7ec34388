package org.concordat.rules.language;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Random conditions, weights and records over one contract that has every type and domain. */
final class RandomRules {
  static final String CONTRACT =
      """
      format: 1
      contract: every-type
      version: 1
      currency: EUR
      features:
        small: {type: integer, min: -50, max: 50}
        price: {type: decimal, decimals: 2, min: 0, max: 100, optional: true, whenMissing: 10.5}
        count: {type: integer, min: 0, max: 200, domain: boolean}
        shift: {type: integer, min: -50, max: 50, domain: boolean, optional: true}
        tenth: {type: decimal, decimals: 1, min: -5, max: 20, domain: boolean}
        whole: {type: integer, min: -9223372036854775808, max: 9223372036854775807, domain: boolean}
        amount: {type: amount, min: 0, max: 1_000_000.00}
        balance: {type: amount, min: -1_000.00, max: 1_000_000.00, domain: boolean}
        known: {type: flag}
        device: {type: flag, optional: true}
        urgent: {type: flag, domain: arithmetic}
        from: {type: category, values: [red, green, blue, grey, black]}
        to: {type: category, values: [red, green, blue, grey, black], optional: true}
        coin: {type: category, values: [heads, tails]}
        age: {type: bins, cuts: [10, 20.5, 30], decimals: 1}
        hour: {type: hour-of-day}
        day: {type: day-of-week}
      """;

  static final Map<String, BigDecimal> WHEN_MISSING = Map.of("price", new BigDecimal("10.5"));

  /** A feature as the generator sees it. */
  private record Number(String name, int decimals, String min, String max, boolean optional) {}

  private static final List<Number> NUMBERS =
      List.of(
          new Number("small", 0, "-50", "50", false),
          new Number("price", 2, "0", "100", true),
          new Number("count", 0, "0", "200", false),
          new Number("shift", 0, "-50", "50", true),
          new Number("tenth", 1, "-5", "20", false),
          new Number("hour", 0, "0", "23", false),
          new Number("amount", 2, "0", "1000000", false),
          new Number("balance", 2, "-1000", "1000000", false),
          new Number("whole", 0, "-9223372036854775808", "9223372036854775807", false));

  /** Numbers of no unit, which compare with each other and whose sums fit a word. */
  private static final int UNITLESS = 5;

  private static final List<String> FLAGS = List.of("known", "device", "urgent");
  private static final List<String> COLOURS = List.of("red", "green", "blue", "grey", "black");
  private static final List<String> DAYS =
      List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
  private static final List<String> CUTS = List.of("10", "20.5", "30");

  private final Random random;

  RandomRules(Random random) {
    this.random = random;
  }

  Object condition(int depth) {
    int kind = random.nextInt(depth > 0 ? 12 : 8);
    return switch (kind) {
      case 0 -> onFlag();
      case 1 -> onCategory();
      case 2 -> onBins();
      case 3 -> onTwo();
      case 4, 5, 6 -> onNumber();
      case 7 -> onSum();
      case 8 -> Map.of("not", condition(depth - 1));
      case 9 -> Map.of("all", conditions(depth));
      case 10 -> Map.of("any", conditions(depth));
      default -> {
        List<Object> of = conditions(depth);
        Map<String, Object> counted = new LinkedHashMap<>();
        counted.put("atLeast", 1 + random.nextInt(of.size()));
        counted.put("of", of);
        yield counted;
      }
    };
  }

  private List<Object> conditions(int depth) {
    List<Object> conditions = new ArrayList<>();
    for (int n = 1 + random.nextInt(5); n > 0; n--) {
      conditions.add(condition(depth - 1));
    }
    return conditions;
  }

  private static Map<String, Object> on(String feature, String operator, Object operand) {
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("feature", feature);
    condition.put(operator, operand);
    return condition;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private Object onFlag() {
    String flag = one(FLAGS);
    return flag.equals("device") && random.nextBoolean()
        ? on(flag, "missing", random.nextBoolean())
        : on(flag, one(List.of("is", "isNot")), random.nextBoolean());
  }

  private Object onCategory() {
    String feature = one(List.of("from", "to", "coin", "day"));
    List<String> values =
        switch (feature) {
          case "coin" -> List.of("heads", "tails");
          case "day" -> DAYS;
          default -> COLOURS;
        };
    if (random.nextBoolean()) {
      return on(feature, one(List.of("is", "isNot")), one(values));
    }
    Set<Object> set = new LinkedHashSet<>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      set.add(one(values));
    }
    return on(feature, one(List.of("in", "notIn")), List.copyOf(set));
  }

  private Object onBins() {
    return on("age", one(List.of("atLeast", "below")), new BigDecimal(one(CUTS)));
  }

  private Object onTwo() {
    Map<String, Object> right;
    String left;
    if (random.nextInt(3) == 0) {
      left = one(List.of("from", "to"));
      right = Map.of("feature", one(List.of("from", "to")));
      return on(left, one(List.of("is", "isNot")), right);
    }
    if (random.nextInt(3) == 0) {
      left = one(FLAGS);
      right = Map.of("feature", one(FLAGS));
      return on(left, one(List.of("is", "isNot")), right);
    }
    if (random.nextInt(3) == 0) {
      left = "amount";
      right = Map.of("feature", "balance");
    } else {
      left = NUMBERS.get(random.nextInt(UNITLESS)).name();
      right = Map.of("feature", NUMBERS.get(random.nextInt(UNITLESS)).name());
    }
    return on(left, one(List.of("atLeast", "above", "atMost", "below", "is", "isNot")), right);
  }

  private Object onNumber() {
    Number number = one(NUMBERS);
    return switch (random.nextInt(4)) {
      case 0 -> {
        BigDecimal a = literal(number);
        BigDecimal b = literal(number);
        yield on(number.name(), "between", List.of(a.min(b), a.max(b)));
      }
      case 1 -> {
        Set<Object> set = new LinkedHashSet<>();
        BigDecimal start = literal(number);
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
          boolean isNeighbour = random.nextBoolean();
          set.add(
              (isNeighbour ? start.add(unit(number)) : literal(number))
                  .setScale(number.decimals()));
          start = start.add(isNeighbour ? unit(number) : BigDecimal.ZERO);
        }
        yield on(number.name(), one(List.of("in", "notIn")), List.copyOf(set));
      }
      case 2 ->
          number.optional()
              ? on(number.name(), "missing", random.nextBoolean())
              : on(number.name(), one(List.of("is", "isNot")), literal(number));
      default ->
          on(number.name(), one(List.of("atLeast", "above", "atMost", "below")), literal(number));
    };
  }

  private static BigDecimal unit(Number number) {
    return BigDecimal.ONE.movePointLeft(number.decimals());
  }

  /** Mostly inside the range, often at its ends, sometimes one outside. */
  private BigDecimal literal(Number number) {
    return switch (random.nextInt(8)) {
      case 0 -> new BigDecimal(number.min()).setScale(number.decimals());
      case 1 -> new BigDecimal(number.max()).setScale(number.decimals());
      case 2 -> new BigDecimal(number.max()).setScale(number.decimals()).add(unit(number));
      default -> value(number);
    };
  }

  private BigDecimal value(Number number) {
    BigInteger min = new BigDecimal(number.min()).movePointRight(number.decimals()).toBigInteger();
    BigInteger max = new BigDecimal(number.max()).movePointRight(number.decimals()).toBigInteger();
    BigInteger span = max.subtract(min).add(BigInteger.ONE);
    BigInteger offset =
        random.nextInt(3) == 0
            ? BigInteger.valueOf(random.nextInt(8)).min(span.subtract(BigInteger.ONE))
            : new BigInteger(span.bitLength() + 8, random).mod(span);
    return new BigDecimal(min.add(offset), number.decimals());
  }

  private Object onSum() {
    Map<String, Object> condition = new LinkedHashMap<>();
    // A few integers at small bounds: sums that hit their bound.
    boolean isTight = random.nextInt(3) == 0;
    condition.put("sum", isTight ? Map.of("small", 1, one(FLAGS), 2) : weights());
    String operator = one(List.of("atLeast", "above", "atMost", "below", "between"));
    BigDecimal bound = isTight ? BigDecimal.valueOf(random.nextInt(8) - 50) : decimal(2_000, 2);
    condition.put(
        operator,
        operator.equals("between") ? List.of(bound, bound.add(new BigDecimal("99.9"))) : bound);
    return condition;
  }

  /** One to four features of every kind that sums take. */
  Map<String, Object> weights() {
    Map<String, Object> weights = new LinkedHashMap<>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      switch (random.nextInt(4)) {
        case 0 -> weights.put(one(FLAGS), decimal(100, 1));
        case 1 -> {
          Map<String, Object> byName = new LinkedHashMap<>();
          for (int m = 1 + random.nextInt(3); m > 0; m--) {
            byName.put(one(COLOURS), decimal(30, 1));
          }
          weights.put(one(List.of("from", "to")), byName);
        }
        default -> weights.put(NUMBERS.get(random.nextInt(8)).name(), decimal(5, 2));
      }
    }
    return weights;
  }

  BigDecimal decimal(int limit, int decimals) {
    int scaled = random.nextInt(2 * limit * 100) - limit * 100;
    return new BigDecimal(scaled).movePointLeft(2).setScale(decimals, RoundingMode.DOWN);
  }

  /** A record: by feature BigDecimal, Boolean, String or nothing. */
  Map<String, @Nullable Object> row(int hour, String day) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (Number number : NUMBERS) {
      row.put(number.name(), number.optional() && random.nextInt(4) == 0 ? null : value(number));
    }
    if (random.nextInt(3) == 0) {
      row.put("balance", row.get("amount"));
    }
    row.put("known", random.nextBoolean());
    row.put("device", random.nextInt(3) == 0 ? null : random.nextBoolean());
    row.put("urgent", random.nextBoolean());
    row.put("from", one(COLOURS));
    row.put("to", random.nextInt(3) == 0 ? null : one(COLOURS));
    row.put("coin", one(List.of("heads", "tails")));
    row.put("age", random.nextBoolean() ? new BigDecimal(one(CUTS)) : decimal(40, 2));
    row.put("hour", BigDecimal.valueOf(hour));
    row.put("day", day);
    return row;
  }
}
