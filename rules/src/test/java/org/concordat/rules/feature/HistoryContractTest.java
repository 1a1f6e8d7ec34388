package org.concordat.rules.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryContractTest {
  private static final String HEAD =
      """
      format: 1
      contract: past
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1000.00}
        widest: {type: integer, min: 0, max: 281_474_976_710_656}
        wider: {type: integer, min: 0, max: 281_474_976_710_657}
        signed: {type: integer, min: -1, max: 1}
        maybe: {type: integer, min: 0, max: 1, optional: true}
        mark: {type: flag}
      """;

  @TempDir Path folder;

  private Problems read(String features) throws IOException {
    var problems = new Problems();
    FeatureContract.read(
        SourceFile.read(Files.writeString(folder.resolve("contract.yaml"), HEAD + features)),
        problems);
    return problems;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{type: history-count, window: 1h, max: 9};",
        "{type: history-count, window: 2h, max: 9};CDT_106",
        "{type: history-count, max: 9};CDT_104",
        "{type: history-count, window: 1h};CDT_104",
        "{type: history-count, window: 1h, max: 0};CDT_202",
        "{type: history-count, window: 1h, max: 9, over: amount};CDT_103",
        "{type: history-count, window: 1h, max: 9, optional: true};CDT_201",
        "{type: history-sum, window: 30d, over: amount, max: 9.99};",
        "{type: history-sum, window: 30d, over: amount, max: 9.999};CDT_214",
        "{type: history-sum, window: 7d, over: widest, max: 9};",
        "{type: history-sum, window: 7d, over: wider, max: 9};CDT_202",
        "{type: history-sum, window: 7d, over: signed, max: 9};CDT_202",
        "{type: history-sum, window: 7d, over: maybe, max: 9};CDT_202",
        "{type: history-sum, window: 7d, over: mark, max: 9};CDT_201",
        "{type: history-sum, window: 7d, over: amuont, max: 9};CDT_211",
        "{type: history-sum, window: 7d, over: x, max: 9};CDT_211",
        "{type: ratio-to-usual, over: amount, max: 9.999, decimals: 3, optional: true};",
        "{type: ratio-to-usual, over: amount, max: 9, decimals: 4};CDT_106",
        "{type: seconds-since-last, max: 9, optional: true, whenMissing: 9};",
        "{type: first-to-beneficiary};",
        "{type: first-to-beneficiary, optional: true};CDT_201",
      })
  void isCheckedWhereItStands(String feature, Code expected) throws IOException {
    List<Problem> problems = read("  x: " + feature + "\n").list();
    assertThat(problems)
        .extracting(Problem::code)
        .isEqualTo(expected == null ? List.of() : List.of(expected));
    assertThat(problems).allMatch(problem -> problem.place().line() == 12);
  }

  @Test
  void sumsAreOverFourFeaturesAtMost() throws IOException {
    for (int count : new int[] {HistoryKeys.OVER_FEATURES_MAX, 1 + HistoryKeys.OVER_FEATURES_MAX}) {
      String features =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      "  n%d: {type: integer, min: 0, max: 9}\n".formatted(i)
                          + "  s%1$d: {type: history-sum, window: 1h, over: n%1$d, max: 9}\n"
                              .formatted(i))
              .collect(Collectors.joining());
      assertThat(read(features).list())
          .hasSize(count == HistoryKeys.OVER_FEATURES_MAX ? 0 : 1)
          .allMatch(problem -> problem.code() == Code.CDT_106);
    }
  }

  private RowEncoder bind(String features, String parties, Problems problems) throws IOException {
    Path file = Files.writeString(folder.resolve("contract.yaml"), HEAD + features);
    var contract = FeatureContract.read(SourceFile.read(file), problems).orElseThrow();
    String columns = "columns: {amount: n, widest: n, wider: n, signed: n, maybe: n, mark: n}\n";
    var mapping =
        SourceMapping.read(
            Document.parse(
                "mapping",
                "reference: id\ntime: {column: t, unit: days}\n" + parties + columns,
                problems));
    var encoder = new RowEncoder(contract, RateTable.none("EUR"), mapping);
    encoder.bind(List.of("id", "t", "n", "from", "sub", "to"), problems);
    return encoder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "history-count, window: 1h, max: 9;'{account: from}';",
        "history-count, window: 1h, max: 9;;CDT_205",
        "history-count, window: 1h, max: 9;'{account: form}';CDT_206",
        "history-count, window: 1h, max: 9;'{beneficiary: to}';CDT_104",
        "first-to-beneficiary;'{account: from, beneficiary: to}';",
        "first-to-beneficiary;'{account: from}';CDT_205",
      })
  void theMappingSaysWhoseItIs(String feature, String parties, Code expected) throws IOException {
    var problems = new Problems();
    bind(
        "  x: {type: " + feature + "}\n",
        parties == null ? "" : "history: " + parties + "\n",
        problems);
    assertThat(problems.list())
        .extracting(Problem::code)
        .isEqualTo(expected == null ? List.of() : List.of(expected));
  }

  @Test
  void whoPaysIsKnownAndOfBoundedLength() throws IOException {
    var problems = new Problems();
    RowEncoder encoder =
        bind(
            "  x: {type: first-to-beneficiary}\n",
            "history: {account: [from, sub], beneficiary: to}\n",
            problems);
    problems.throwIfAny();
    String longest = "x".repeat(RowEncoder.PARTY_CHARS_MAX - 1);
    EncodedRow row = row(encoder, problems, longest, "1", "");
    assertThat(Objects.requireNonNull(row).beneficiary()).isEmpty();
    assertThat(row.account()).hasSize(2 * Integer.BYTES + RowEncoder.PARTY_CHARS_MAX);
    assertThat(problems.list()).isEmpty();
    // The cells' lengths count: what two columns hold isn't what they hold together.
    assertThat(Objects.requireNonNull(row(encoder, problems, "ab", "c", "")).account())
        .isNotEqualTo(Objects.requireNonNull(row(encoder, problems, "a", "bc", "")).account());
    assertThat(row(encoder, problems, longest, "12", "")).isNull();
    assertThat(row(encoder, problems, "a", "", longest + "12")).isNull();
    assertThat(row(encoder, problems, "", " ", "b")).isNull();
    assertThat(problems.list())
        .extracting(Problem::code)
        .containsExactly(Code.CDT_329, Code.CDT_329, Code.CDT_311);
    assertThat(problems.list()).noneMatch(problem -> problem.reason().contains("xx"));
  }

  private static @org.jspecify.annotations.Nullable EncodedRow row(
      RowEncoder encoder, Problems problems, String from, String sub, String to) {
    return encoder.encode(List.of("7", "1", "1", from, sub, to), Place.of("rows"), problems);
  }
}
