package org.concordat.rules.feature;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Currency;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * What one unit of a currency is worth in the reference currency, by UTC day. A day without a rate
 * has none: nothing is carried over.
 */
public final class RateTable {
  /** Spans of one table. */
  public static final int SPANS_MAX = 20_000;

  private record Span(LocalDate to, Map<String, BigDecimal> rates) {}

  private final String currency;
  private final NavigableMap<LocalDate, Span> spans;

  private RateTable(String currency, NavigableMap<LocalDate, Span> spans) {
    this.currency = currency;
    this.spans = spans;
  }

  /** A table that knows the reference currency alone. */
  public static RateTable none(String currency) {
    return new RateTable(currency, new TreeMap<>());
  }

  /** Reads a {@code rates.yaml} for a contract's currency. */
  public static RateTable read(SourceFile file, String currency, Problems problems) {
    NavigableMap<LocalDate, Span> spans = new TreeMap<>();
    Document document = file.document(problems);
    if (!document.isPresent() || !FileFormat.isKnown(document)) {
      return none(currency);
    }
    Document own = document.get("currency");
    if (own.isPresent() && !own.text().equals(currency)) {
      own.add(
          Code.CDT_204,
          "The contract's currency is " + currency + ".",
          "Give rates into " + currency + ".");
    }
    Document list = document.get("rates");
    int count = 0;
    for (Document item : list.items()) {
      if (count++ == SPANS_MAX) {
        list.add(Code.CDT_106, "There are more than " + SPANS_MAX + " spans.", "Use fewer.");
        break;
      }
      addSpan(item, spans);
      item.finish();
    }
    document.finish();
    return new RateTable(currency, spans);
  }

  private static void addSpan(Document item, NavigableMap<LocalDate, Span> spans) {
    LocalDate from = day(item.get("from"));
    LocalDate to = item.has("to") ? day(item.get("to")) : from;
    Map<String, BigDecimal> rates = new HashMap<>();
    Document perUnit = item.get("perUnit");
    for (String code : perUnit.keys()) {
      Document rate = perUnit.get(code);
      if (!isCurrency(code)) {
        rate.add(Code.CDT_315, "'" + code + "' is no ISO 4217 code.", "Write one such as USD.");
      }
      BigDecimal value = rate.decimal();
      if (value.signum() <= 0) {
        rate.add(Code.CDT_106, "A rate is above 0.", "Write a rate above 0.");
      }
      rates.put(code, value);
    }
    if (from == null || to == null) {
      return;
    }
    if (to.isBefore(from)) {
      item.add(Code.CDT_204, "The span ends before it starts.", "Swap from and to.");
      return;
    }
    var before = spans.floorEntry(to);
    if (before != null && !before.getValue().to().isBefore(from)) {
      item.add(
          Code.CDT_204,
          "The span overlaps the one from " + before.getKey() + ".",
          "Give each day one span.");
      return;
    }
    spans.put(from, new Span(to, Map.copyOf(rates)));
  }

  private static @Nullable LocalDate day(Document document) {
    if (!document.isPresent()) {
      return null;
    }
    try {
      return LocalDate.parse(document.text());
    } catch (DateTimeException e) {
      document.add(Code.CDT_105, "A day is expected here.", "Write it as 2026-01-31.");
      return null;
    }
  }

  /** Whether a text is an ISO 4217 code with minor units. */
  static boolean isCurrency(String code) {
    try {
      return Currency.getInstance(code).getDefaultFractionDigits() >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The currency that everything is converted to. */
  public String currency() {
    return currency;
  }

  /** What one unit of a currency is worth on a day; 1 for the reference currency. */
  public Optional<BigDecimal> rate(String code, LocalDate day) {
    if (code.equals(currency)) {
      return Optional.of(BigDecimal.ONE);
    }
    var span = spans.floorEntry(day);
    return span == null || span.getValue().to().isBefore(day)
        ? Optional.empty()
        : Optional.ofNullable(span.getValue().rates().get(code));
  }

  /** An amount in the reference currency, half-even to the decimals given. */
  static BigDecimal convert(BigDecimal amount, BigDecimal rate, int decimals) {
    return amount.multiply(rate).setScale(decimals, RoundingMode.HALF_EVEN);
  }
}
