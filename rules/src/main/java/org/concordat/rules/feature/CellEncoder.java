package org.concordat.rules.feature;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.feature.SourceMapping.ColumnMapping;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** Turns the cells of one feature into its fields. */
final class CellEncoder implements FieldEncoder {
  /** Characters of a cell that can be a number. */
  private static final int NUMBER_CHARS_MAX = 64;

  /** Digits of which every number fits a long. */
  private static final int LONG_DIGITS = 18;

  private final Feature feature;
  private final List<String> columns;
  private final Map<String, String> meanings;
  private final Set<String> missing;
  private final boolean rounds;
  private final @Nullable String constant;
  private final int first;
  private final int second;
  private final int currencyColumn;
  private final String fixedCurrency;
  private final RateTable rates;
  private final ZoneId localZone;
  private final Map<String, Integer> indexByValue = new HashMap<>();
  private final long[] cuts;

  CellEncoder(
      Feature feature,
      Optional<ColumnMapping> column,
      int first,
      int second,
      int currencyColumn,
      String fixedCurrency,
      RateTable rates,
      ZoneId localZone) {
    this.feature = feature;
    this.columns = column.map(ColumnMapping::columns).orElse(List.of());
    this.meanings = column.map(ColumnMapping::values).orElse(Map.of());
    this.missing = column.map(ColumnMapping::missing).orElse(Set.of());
    this.rounds = column.map(ColumnMapping::round).orElse(false);
    this.constant = column.map(ColumnMapping::constant).orElse(null);
    this.first = first;
    this.second = second;
    this.currencyColumn = currencyColumn;
    this.fixedCurrency = fixedCurrency;
    this.rates = rates;
    this.localZone = localZone;
    for (String value : feature.values()) {
      indexByValue.put(value, indexByValue.size());
    }
    this.cuts = feature.cuts().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public int fieldCount() {
    return feature.optional() ? 2 : 1;
  }

  @Override
  public String columnNames() {
    return columns.isEmpty() ? feature.name() : String.join(", ", columns);
  }

  @Override
  public void encode(List<String> row, Instant time, long[] fields, int field) throws Refusal {
    if ((first >= 0 || constant != null) && second < 0) {
      String cell = text(row);
      if (missing.contains(cell)) {
        if (!feature.optional()) {
          throw new Refusal(Code.CDT_311);
        }
        fields[field] = feature.fieldValue(feature.whenMissing());
        fields[field + 1] = 1;
        return;
      }
    }
    long value = value(row, time);
    if (value < feature.min() || value > feature.max()) {
      throw outOfRange(value);
    }
    fields[field] = feature.fieldValue(value);
  }

  private Refusal outOfRange(long value) {
    boolean isMoney =
        feature.type() == FeatureType.AMOUNT || feature.type() == FeatureType.ORIGINAL_AMOUNT;
    if (isMoney && value < 0 && feature.min() >= 0) {
      return new Refusal(Code.CDT_322);
    }
    return outOfRange();
  }

  private Refusal outOfRange() {
    return new Refusal(
        Code.CDT_313,
        "The value is outside "
            + feature.format(feature.min())
            + " to "
            + feature.format(feature.max())
            + (feature.unit().isEmpty() ? "." : " " + feature.unit() + "."),
        Code.CDT_313.fix());
  }

  private long value(List<String> row, Instant time) throws Refusal {
    return switch (feature.type()) {
      case AMOUNT -> amount(row, time);
      case ORIGINAL_AMOUNT, INTEGER, DECIMAL ->
          scaled(meaning(text(row)), feature.decimals(), rounds);
      case FLAG -> flag(row);
      case CATEGORY -> category(meaning(text(row)), Code.CDT_317);
      case CURRENCY -> category(meaning(text(row)), Code.CDT_315);
      case BINS -> bin(meaning(text(row)));
      case HOUR_OF_DAY -> time.atZone(localZone).getHour();
      case DAY_OF_WEEK -> time.atZone(localZone).getDayOfWeek().getValue() - 1L;
      // Filled in once the row is accepted: what came before it is known only then.
      case HISTORY_COUNT, HISTORY_SUM, SECONDS_SINCE_LAST, FIRST_TO_BENEFICIARY, RATIO_TO_USUAL ->
          0;
      case ENTITY -> throw new IllegalStateException("an entity is no single value");
    };
  }

  /** What a constant that doesn't fit its feature is refused for; nothing for a column. */
  Optional<Refusal> constantRefusal() {
    if (constant == null || (feature.type() == FeatureType.AMOUNT && currencyColumn >= 0)) {
      return Optional.empty();
    }
    try {
      encode(List.of(), Instant.EPOCH, new long[2], 0);
      return Optional.empty();
    } catch (Refusal refusal) {
      return refusal.code() == Code.CDT_316 ? Optional.empty() : Optional.of(refusal);
    }
  }

  private String text(List<String> row) {
    return constant == null ? row.get(first).strip() : constant;
  }

  private String meaning(String cell) {
    String text = cell.strip();
    return meanings.isEmpty() ? text : meanings.getOrDefault(text, text);
  }

  private long amount(List<String> row, Instant time) throws Refusal {
    String code = currencyColumn < 0 ? fixedCurrency : row.get(currencyColumn).strip();
    String text = meaning(text(row));
    if (code.equals(rates.currency())) {
      return scaled(text, feature.decimals(), rounds);
    }
    if (!RateTable.isCurrency(code)) {
      throw new Refusal(Code.CDT_315);
    }
    int decimals = Currency.getInstance(code).getDefaultFractionDigits();
    BigDecimal amount = number(text);
    if (!rounds && amount.stripTrailingZeros().scale() > decimals) {
      throw new Refusal(Code.CDT_314);
    }
    LocalDate day = time.atZone(ZoneOffset.UTC).toLocalDate();
    BigDecimal rate = rates.rate(code, day).orElseThrow(() -> new Refusal(Code.CDT_316));
    try {
      return RateTable.convert(amount, rate, feature.decimals())
          .movePointRight(feature.decimals())
          .longValueExact();
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  private long flag(List<String> row) throws Refusal {
    if (second >= 0) {
      return row.get(first).strip().equals(row.get(second).strip()) ? 1 : 0;
    }
    return switch (meaning(text(row))) {
      case "0", "false" -> 0;
      case "1", "true" -> 1;
      default -> throw new Refusal(Code.CDT_321);
    };
  }

  private long category(String text, Code unknown) throws Refusal {
    Integer index = indexByValue.get(text);
    if (index == null) {
      throw new Refusal(unknown);
    }
    return index;
  }

  /** How many cut points the number reaches. */
  private long bin(String text) throws Refusal {
    long quick = QuickNumber.scaled(text, feature.decimals());
    if (quick != QuickNumber.UNREAD) {
      return bin(quick);
    }
    BigDecimal number = number(text).movePointRight(feature.decimals());
    // A cut point is whole, so that the fraction below a unit doesn't matter.
    BigDecimal whole = number.setScale(0, RoundingMode.FLOOR);
    if (whole.precision() > LONG_DIGITS) {
      return number.signum() < 0 ? 0 : cuts.length;
    }
    return bin(whole.longValueExact());
  }

  private long bin(long value) {
    int found = Arrays.binarySearch(cuts, value);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** A number in units of its last decimal. */
  private long scaled(String text, int decimals, boolean round) throws Refusal {
    long quick = QuickNumber.scaled(text, decimals);
    if (quick != QuickNumber.UNREAD) {
      return quick;
    }
    BigDecimal number = number(text).movePointRight(decimals);
    if (round) {
      number = number.setScale(0, RoundingMode.HALF_EVEN);
    } else if (number.stripTrailingZeros().scale() > 0) {
      throw new Refusal(
          Code.CDT_314, "The number has more than " + decimals + " decimals.", Code.CDT_314.fix());
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static BigDecimal number(String text) throws Refusal {
    if (text.length() <= NUMBER_CHARS_MAX) {
      try {
        BigDecimal number = new BigDecimal(text);
        if (Math.abs((long) number.scale()) <= NUMBER_CHARS_MAX * 8L) {
          return number;
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new Refusal(Code.CDT_312);
  }
}
