package org.concordat.rules.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowEncoderTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: rows
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1000.00}
        original: {type: original-amount, min: 0, max: 1_000_000.00}
        coin: {type: currency, values: [EUR, USD, JPY]}
        rate: {type: decimal, decimals: 3, min: -1, max: 1, domain: boolean}
        wide:
          type: integer
          min: -9223372036854775808
          max: 9223372036854775807
          domain: boolean
        known: {type: flag}
        inside: {type: flag}
        channel: {type: category, values: [web, app], optional: true}
        band: {type: bins, cuts: [10, 20.5], decimals: 1}
        hour: {type: hour-of-day}
        day: {type: day-of-week}
      """;

  private static final String RATES =
      """
      format: 1
      currency: EUR
      rates:
        - {from: 2026-01-01, to: 2026-01-31, perUnit: {USD: 0.9, JPY: 0.00625}}
        - {from: 2026-03-01, perUnit: {USD: 0.8}}
      """;

  private static final String MAPPING =
      """
      reference: [bank, id]
      time: {column: booked}
      zone: America/New_York
      currency: {column: coin}
      label: {column: fraud, positive: [Y]}
      columns:
        amount: amount
        original: amount
        coin: coin
        rate: {column: rate, round: true}
        wide: wide
        known: {column: known, values: {yes: true, no: false}}
        inside: {equal: [from, to]}
        channel: {column: channel, values: {WEB: web}, missing: ["", n/a]}
        band: band
      """;

  private static final List<String> HEADER =
      List.of(
          "bank", "id", "booked", "amount", "coin", "rate", "wide", "known", "from", "to",
          "channel", "band", "fraud");

  private static final String[] ROW = {
    "b1",
    "7",
    "2026-01-05T03:30:00+01:00",
    "12.30",
    "EUR",
    "-0.5",
    "-3",
    "yes",
    "A",
    "A",
    "WEB",
    "20.5",
    "Y"
  };

  @TempDir Path folder;
  private final Problems problems = new Problems();
  private @Nullable FeatureContract contract;
  private @Nullable RowEncoder encoder;

  @BeforeEach
  void bind() throws IOException {
    Path file = Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    contract = FeatureContract.read(SourceFile.read(file), problems).orElseThrow();
    Path rates = Files.writeString(folder.resolve("rates.yaml"), RATES);
    encoder =
        new RowEncoder(
            contract,
            RateTable.read(SourceFile.read(rates), "EUR", problems),
            SourceMapping.read(Document.parse("mapping", MAPPING, problems)));
    encoder.bind(HEADER, problems);
    problems.throwIfAny();
  }

  private @Nullable EncodedRow encode(String... cells) {
    return Objects.requireNonNull(encoder)
        .encode(Arrays.asList(cells), new Place("rows", 2, 0), problems);
  }

  private static String[] with(String column, String cell) {
    String[] row = ROW.clone();
    row[HEADER.indexOf(column)] = cell;
    return row;
  }

  private long field(String feature, String... cells) {
    EncodedRow row = Objects.requireNonNull(encode(cells), () -> problems.list().toString());
    return row.fields()[Objects.requireNonNull(contract).fieldOf(feature)];
  }

  @Test
  void encodesEveryType() {
    EncodedRow row = Objects.requireNonNull(encode(ROW));
    assertThat(row.reference()).isEqualTo("b1/7");
    assertThat(row.eventMillis()).isEqualTo(Instant.parse("2026-01-05T02:30:00Z").toEpochMilli());
    assertThat(row.label()).isTrue();
    // Boolean codes start at the smallest value where there are negative ones; it is Sunday 21:30
    // in New York.
    assertThat(row.fields())
        .containsExactly(1230, 1230, 0, 500, -3 - Long.MIN_VALUE, 1, 1, 0, 0, 2, 21, 6);
    assertThat(row.toString()).doesNotContain("1230");
    List<FeatureContract.NamedValue> shown =
        Objects.requireNonNull(contract).describe(row.fields());
    assertThat(shown)
        .extracting(FeatureContract.NamedValue::text)
        .containsExactly(
            "12.30",
            "12.30",
            "EUR",
            "-0.500",
            "-3",
            "true",
            "true",
            "web",
            "from 20.5",
            "21",
            "sunday");
    assertThat(shown.getFirst().unit()).isEqualTo("EUR");
  }

  @Test
  void keysOfDifferentCellsDiffer() {
    String[] other = with("bank", "b1/7");
    other[1] = "x";
    assertThat(Objects.requireNonNull(encode(ROW)).sourceKey())
        .isEqualTo(Objects.requireNonNull(encode(ROW)).sourceKey())
        .isNotEqualTo(Objects.requireNonNull(encode(other)).sourceKey());
  }

  @Test
  void convertsHalfEvenAtTheDaysRate() {
    String[] row = with("coin", "USD");
    row[3] = "0.05";
    // 4.5 cents go to the even one.
    assertThat(field("amount", row)).isEqualTo(4);
    row[3] = "0.15";
    assertThat(field("amount", row)).isEqualTo(14);
    row[2] = "2026-03-01T23:59:59Z";
    assertThat(field("amount", row)).isEqualTo(12);
    row = with("coin", "JPY");
    row[3] = "400";
    assertThat(field("amount", row)).isEqualTo(250);
  }

  @Test
  void aMissingValueSetsItsBit() {
    EncodedRow row = Objects.requireNonNull(encode(with("channel", "n/a")));
    int field = Objects.requireNonNull(contract).missingFieldOf("channel");
    assertThat(row.fields()[field]).isEqualTo(1);
    assertThat(row.fields()[field - 1]).isZero();
  }

  @Test
  void roundsOnlyWhereTheMappingSaysSo() {
    assertThat(field("rate", with("rate", "7e-15"))).isEqualTo(1000);
    assertThat(field("rate", with("rate", "0.0025"))).isEqualTo(1002);
    assertThat(encode(with("amount", "12.305"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({"9.9, 0", "10, 1", "10.04, 1", "20.49, 1", "20.5, 2", "1e300, 2", "-5, 0"})
  void binsCountTheCutPointsReached(String cell, long bin) {
    assertThat(field("band", with("band", cell))).isEqualTo(bin);
  }

  @ParameterizedTest
  @CsvSource({
    "amount, 1000.01, CDT_313",
    "amount, -0.01, CDT_322",
    "amount, 12.301, CDT_314",
    "amount, 1O.00, CDT_312",
    "amount, '', CDT_311",
    "amount, 1e99, CDT_313",
    "coin, XXQ, CDT_315",
    "coin, GBP, CDT_316",
    "rate, -1.001, CDT_313",
    "wide, 9223372036854775809, CDT_313",
    "known, perhaps, CDT_321",
    "channel, phone, CDT_317",
    "band, high, CDT_312",
    "booked, 2026-01-05T03:30:00, CDT_319",
    "booked, yesterday, CDT_318",
    "booked, 1969-12-31T23:59:59Z, CDT_318",
    "booked, 2200-01-01T00:00:01Z, CDT_318",
    "id, '', CDT_320",
    "id, 'a\u0007', CDT_320"
  })
  void refusesWithAReasonButNoValue(String column, String cell, Code code) {
    assertThat(encode(with(column, cell))).isNull();
    Problem problem = problems.list().getFirst();
    assertThat(problem.code()).isEqualTo(code);
    assertThat(problem.place().line()).isEqualTo(2);
    assertThat(problem.reason()).contains("[" + (column.equals("id") ? "bank, id" : ""));
    if (cell.length() > 4) {
      assertThat(problem.toString()).doesNotContain(cell);
    }
  }

  @Test
  void refusesADayWithoutRate() {
    String[] row = with("coin", "USD");
    row[2] = "2026-02-01T00:00:00Z";
    assertThat(encode(row)).isNull();
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_316);
  }

  @Test
  void reportsAllThatIsWrongWithARow() {
    String[] row = with("amount", "x");
    row[7] = "x";
    row[10] = "x";
    assertThat(encode(row)).isNull();
    assertThat(problems.list())
        .extracting(Problem::code)
        .containsExactly(Code.CDT_312, Code.CDT_312, Code.CDT_321, Code.CDT_317);
  }

  @Test
  void refusesRowsOfAnotherWidth() {
    assertThat(encode("a", "b")).isNull();
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_303);
  }

  @Test
  void aReferenceMayBeAsLongAsTheLimit() {
    String longest = "x".repeat(RowEncoder.REFERENCE_CHARS_MAX - "b1/".length());
    assertThat(encode(with("id", longest))).isNotNull();
    assertThat(encode(with("id", longest + "x"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "12, 2",
    "12.3, 2",
    "-0.07, 2",
    "0.001, 2",
    "999999999999999.99, 2",
    "1e3, 2",
    "., 2",
    "5., 2",
    ".5, 2",
    "-, 0",
    "--1, 0",
    "1.2.3, 4",
    "9999999999999999, 2",
    "-9999999999999999, 2",
    "0, 18"
  })
  void quickNumbersAreThoseOfBigDecimal(String text, int decimals) {
    long quick = QuickNumber.scaled(text, decimals);
    if (quick != QuickNumber.UNREAD) {
      assertThat(BigDecimal.valueOf(quick, decimals)).isEqualByComparingTo(new BigDecimal(text));
    }
  }
}
