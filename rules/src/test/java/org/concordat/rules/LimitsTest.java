package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RateTable;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of files, at the bound and one past it. */
class LimitsTest {
  private static final String HEAD =
      "format: 1\ncontract: limits\nversion: 1\ncurrency: EUR\nfeatures:\n";

  private static final String RULE =
      "format: 1\nruleSet: limits\nversion: 1\ncontract: limits@1\nrules:\n"
          + "  - {rule: r, tell: {reasons: false}, condition: ";

  @TempDir Path folder;

  private List<Code> contract(String features) throws IOException {
    var problems = new Problems();
    Path file = Files.writeString(folder.resolve("contract.yaml"), HEAD + features);
    FeatureContract.read(SourceFile.read(file), problems);
    return codes(problems);
  }

  private List<Code> condition(String condition) throws IOException {
    var problems = new Problems();
    String features = "  x: {type: integer, min: 0, max: 100_000, domain: boolean}\n";
    RuleSet.load(Folders.write(folder, HEAD + features, RULE + condition + "}\n"), problems);
    return codes(problems);
  }

  private static List<Code> codes(Problems problems) {
    return problems.list().stream().map(Problem::code).toList();
  }

  private static String numbers(int count) {
    return IntStream.range(0, count)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  @Test
  void features() throws IOException {
    assertThat(contract(flags(FeatureContract.FEATURES_MAX))).isEmpty();
    assertThat(contract(flags(FeatureContract.FEATURES_MAX + 1))).containsExactly(Code.CDT_106);
  }

  private static String flags(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "  f" + i + ": {type: flag}\n")
        .collect(Collectors.joining());
  }

  @Test
  void valuesOfACategory() throws IOException {
    assertThat(contract("  c: {type: category, values: " + numbers(65_536) + "}\n")).isEmpty();
    assertThat(contract("  c: {type: category, values: " + numbers(65_537) + "}\n"))
        .containsExactly(Code.CDT_106);
  }

  @Test
  void bitsOfARange() throws IOException {
    String arithmetic = "  x: {type: integer, min: 0, max: 2305843009213693951}\n";
    assertThat(contract(arithmetic)).isEmpty();
    assertThat(contract(arithmetic.replace("951}", "952}"))).containsExactly(Code.CDT_202);
    String decimal = "  x: {type: decimal, decimals: 18, min: 0, max: 1}\n";
    assertThat(contract(decimal)).isEmpty();
    assertThat(contract(decimal.replace("18", "19"))).containsExactly(Code.CDT_106);
  }

  @Test
  void valuesOfASet() throws IOException {
    assertThat(condition("{feature: x, in: " + numbers(10_000) + "}")).isEmpty();
    assertThat(condition("{feature: x, in: " + numbers(10_001) + "}"))
        .containsExactly(Code.CDT_215);
  }

  @Test
  void conditionsOfAList() throws IOException {
    assertThat(condition(anyOf(1_024))).isEmpty();
    assertThat(condition(anyOf(1_025))).containsExactly(Code.CDT_220);
  }

  private static String anyOf(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{feature: x, is: " + i + "}")
        .collect(Collectors.joining(", ", "{any: [", "]}"));
  }

  @Test
  void spansOfARateTable() throws IOException {
    assertThat(rates(RateTable.SPANS_MAX)).isEmpty();
    assertThat(rates(RateTable.SPANS_MAX + 1)).containsExactly(Code.CDT_106);
  }

  private List<Code> rates(int count) throws IOException {
    var problems = new Problems();
    LocalDate first = LocalDate.of(2000, 1, 1);
    String spans =
        IntStream.range(0, count)
            .mapToObj(i -> "  - {from: " + first.plusDays(i) + ", perUnit: {USD: 0.9}}\n")
            .collect(Collectors.joining());
    String text = "format: 1\ncurrency: EUR\nrates:\n" + spans;
    RateTable.read(
        SourceFile.read(Files.writeString(folder.resolve("rates.yaml"), text)), "EUR", problems);
    return codes(problems);
  }

  @Test
  void filesOfARuleSet() throws IOException {
    Path models = Files.createDirectory(folder.resolve("models"));
    for (int i = 2; i < RuleFiles.FILES_MAX; i++) {
      Files.writeString(models.resolve(i + ".json"), "{}");
    }
    assertThat(condition("{feature: x, is: 1}")).isEmpty();
    Files.writeString(models.resolve("one-more.json"), "{}");
    assertThat(condition("{feature: x, is: 1}")).containsExactly(Code.CDT_220);
  }
}
