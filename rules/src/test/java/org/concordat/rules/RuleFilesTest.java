package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is hashed and signed is what is compiled, whoever writes into the folder meanwhile. */
class RuleFilesTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: sets
      version: 1
      currency: EUR
      features:
        x: {type: integer, min: 0, max: 1000}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: sets
      version: 1
      contract: sets@1
      rules:
        - {rule: r, score: {model: linear, file: models/m.json, threshold: 500, step: 1}}
      """;

  private static final String MODEL =
      """
      {"type": "linear", "features": ["x"], "coef": [2], "intercept": 0}
      """;

  private static final String RATES =
      """
      format: 1
      currency: EUR
      rates:
        - {from: 2026-01-01, perUnit: {USD: 0.9}}
      """;

  @TempDir Path folder;

  private void write(String contract, String rules, String model, String rates) throws IOException {
    Folders.write(folder, contract, rules);
    Files.writeString(Files.createDirectories(folder.resolve("models")).resolve("m.json"), model);
    Files.writeString(folder.resolve("rates.yaml"), rates);
  }

  private RuleFiles read() {
    var problems = new Problems();
    RuleFiles files = RuleFiles.read(folder, problems);
    assertThat(problems.list()).isEmpty();
    return files;
  }

  private static void assertSame(RuleSet compiled, RuleSet signed) {
    assertThat(compiled.hash()).isEqualTo(signed.hash());
    assertThat(compiled.contract().hash()).isEqualTo(signed.contract().hash());
    assertThat(compiled.plan().nodes()).isEqualTo(signed.plan().nodes());
    assertThat(compiled.plan().outputs()).isEqualTo(signed.plan().outputs());
    assertThat(compiled.rates().rate("USD", LocalDate.of(2026, 1, 1)))
        .isEqualTo(signed.rates().rate("USD", LocalDate.of(2026, 1, 1)));
  }

  @Test
  void aFileThatIsSwappedAfterItWasReadChangesNothing() throws IOException {
    write(CONTRACT, RULES, MODEL, RATES);
    RuleSet signed = RuleSet.load(folder);
    RuleFiles files = read();
    write(
        CONTRACT.replace("max: 1000", "max: 2000"),
        RULES.replace("500", "1"),
        MODEL.replace("[2]", "[3]"),
        RATES.replace("0.9", "0.5"));
    assertThat(files.hash()).isEqualTo(signed.hash());
    assertSame(RuleSet.load(files, new Problems()).orElseThrow(), signed);
    RuleSet swapped = RuleSet.load(folder);
    assertThat(swapped.hash()).as("the swap is one").isNotEqualTo(signed.hash());
    for (String name : List.of("contract.yaml", "rules.yaml", "rates.yaml", "models/m.json")) {
      Files.delete(folder.resolve(name));
    }
    assertSame(RuleSet.load(files, new Problems()).orElseThrow(), signed);
  }

  @Test
  void aFileThatComesAfterwardsIsNotThere() throws IOException {
    Folders.write(folder, CONTRACT, RULES);
    RuleFiles files = read();
    write(CONTRACT, RULES, MODEL, RATES);
    var problems = new Problems();
    Optional<RuleSet> ruleSet = RuleSet.load(files, problems);
    assertThat(ruleSet).isEmpty();
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_101);
  }

  @Test
  void lineEndsOfATextAreNoContentAndThoseOfABinaryFileAre() throws IOException {
    Path file = folder.resolve("f");
    Files.writeString(file, "a: 1\r\nb: 2\n");
    assertThat(SourceFile.read(file).bytes())
        .isEqualTo("a: 1\nb: 2\n".getBytes(StandardCharsets.US_ASCII));
    byte[] binary = {8, 13, 10, 1, 10};
    Files.write(file, binary);
    assertThat(SourceFile.read(file).bytes()).isEqualTo(binary);
    // Two models that differ by where a carriage return stands, each as long as the other.
    byte[] other = {8, 10, 1, 13, 10};
    write(CONTRACT, RULES, MODEL, RATES);
    byte[][] hashes = new byte[2][];
    Files.write(folder.resolve("models/b.onnx"), binary);
    hashes[0] = read().hash();
    Files.write(folder.resolve("models/b.onnx"), other);
    hashes[1] = read().hash();
    assertThat(Arrays.equals(hashes[0], hashes[1])).isFalse();
  }
}
