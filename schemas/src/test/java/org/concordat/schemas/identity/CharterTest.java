package org.concordat.schemas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A charter counts when it is complete, agrees with itself, and every member has signed it. */
class CharterTest {
  @TempDir private Path folder;

  private List<Problem> problems(CharterText text) throws IOException {
    return problems(text.write(folder));
  }

  private static List<Problem> problems(Path file) {
    var problems = new Problems();
    Optional<Charter> charter = Charter.read(file, problems);
    assertThat(charter.isPresent()).isEqualTo(problems.list().isEmpty());
    return problems.list();
  }

  private void assertProblem(CharterText text, Code code, int line, int column) throws IOException {
    assertThat(problems(text))
        .as(text.text())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.place().line()).isEqualTo(line);
              assertThat(problem.place().column()).isEqualTo(column);
              assertThat(problem.fix()).isNotBlank();
            });
  }

  @Test
  void aCompleteCharterIsRead() throws Exception {
    var text = new CharterText();
    Path file = text.write(folder);
    Charter charter = Charter.read(file, new Problems()).orElseThrow();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    assertThat(charter.hash().bytes()).isEqualTo(hash);
    assertThat(charter.revision()).isEqualTo(1);
    assertThat(charter.revisionHash()).isEqualTo(charter.hash());
    assertThat(charter.consortium()).isEqualTo("demo");
    assertThat(charter.mode()).isEqualTo(Charter.Mode.TEST);
    assertThat(charter.modeName()).isEqualTo("test");
    assertThat(charter.partitions()).isEqualTo(4);
    assertThat(charter.quorum()).isEqualTo(2);
    assertThat(charter.epochDays()).isEqualTo(35);
    assertThat(charter.contractVersions()).containsExactly(1, 2);
    assertThat(charter.caps()).isEqualTo(new Charter.Caps(0, 64, 100, 4));
    assertThat(charter.aggregatorIndex("agg-3")).isEqualTo(2);
    assertThat(charter.aggregatorIndex("bank-a")).isEqualTo(-1);
    assertThat(charter.aggregator("agg-2").orElseThrow().operator()).isEqualTo("operator 2");
    assertThat(charter.bank("bank-b").orElseThrow().alertKey().bytes())
        .isEqualTo(text.alertKeys.get("bank-b").publicKey().bytes());
    assertThat(charter.bank("bank-c")).isEmpty();
    assertThat(charter.memberKeys()).hasSize(5);
    assertThat(charter.topics("x.").shares("bank-a", "agg-1"))
        .isEqualTo("x.demo-test.shares.bank-a.agg-1");
  }

  @Test
  void aLaterRevisionKeepsTheFoundingHash() throws IOException {
    var text = new CharterText();
    Charter first = Charter.read(text.write(folder), new Problems()).orElseThrow();
    String founding = HexFormat.of().formatHex(first.hash().bytes());
    text.replace("charter: 1\n", "charter: 1\nrevision: 2\nfounding: " + founding + "\n");
    Charter second = Charter.read(text.write(folder), new Problems()).orElseThrow();
    assertThat(second.revision()).isEqualTo(2);
    assertThat(second.hash()).isEqualTo(first.hash());
    assertThat(second.revisionHash()).isNotEqualTo(first.hash());
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Charter first = Charter.read(new CharterText().write(folder), new Problems()).orElseThrow();
    Path file = folder.resolve("again.yaml");
    for (int revision : new int[] {1, 7}) {
      var charter = revised(first, revision);
      Files.writeString(file, CharterWriter.text(charter));
      var problems = new Problems();
      Charter again = CharterFile.readUnsigned(file, problems).orElseThrow();
      assertThat(problems.list()).isEmpty();
      assertThat(again.revision()).isEqualTo(revision);
      assertThat(again.hash()).isEqualTo(revision == 1 ? again.revisionHash() : first.hash());
      assertThat(again)
          .usingRecursiveComparison()
          .ignoringFields("hash", "revisionHash")
          .isEqualTo(charter);
    }
    Charter.Bank bank = first.banks().getFirst();
    Files.writeString(file, CharterWriter.text(bank));
    assertThat(CharterFile.readBank(file, new Problems()).orElseThrow())
        .usingRecursiveComparison()
        .isEqualTo(bank);
  }

  @Test
  void unverifiedLinkageHasToBeAllowed() throws IOException {
    Charter first = Charter.read(new CharterText().write(folder), new Problems()).orElseThrow();
    assertThat(first.allowUnverifiedLinkage()).isFalse();
    // What was written before the setting existed keeps its bytes, and so its hash.
    assertThat(CharterWriter.text(first)).doesNotContain("allowUnverifiedLinkage");
    var allowed = new CharterText();
    allowed.replace("suite: rep3", "suite: rep3\nallowUnverifiedLinkage: true");
    Charter second = Charter.read(allowed.write(folder), new Problems()).orElseThrow();
    assertThat(second.allowUnverifiedLinkage()).isTrue();
  }

  private static Charter revised(Charter charter, int revision) {
    return new Charter(
        charter.hash(),
        revision,
        charter.revisionHash(),
        charter.consortium(),
        charter.mode(),
        charter.suite(),
        charter.partitions(),
        charter.quorum(),
        charter.bankOperatedAggregators(),
        charter.epochDays(),
        revision > 1,
        charter.contractVersions(),
        charter.caps(),
        charter.aggregators().stream()
            .map(
                a ->
                    new Charter.Aggregator(
                        a.name(), "No: 1, \"x\" # " + a.name(), a.verifyingKey()))
            .toList(),
        charter.banks());
  }

  @Test
  void aRevisionAndTheFoundingHashGoTogether() throws IOException {
    String hash = "ab".repeat(32);
    assertProblem(
        new CharterText().replace("charter: 1", "charter: 1\nrevision: 2"), Code.CDT_504, 1, 1);
    assertProblem(
        new CharterText().replace("charter: 1", "charter: 1\nfounding: " + hash),
        Code.CDT_504,
        2,
        11);
    for (String wrong : List.of(hash.substring(1), hash.replace('a', 'A'), hash + "00")) {
      assertProblem(
          new CharterText()
              .replace("charter: 1", "charter: 1\nrevision: 2\nfounding: '" + wrong + "'"),
          Code.CDT_105,
          3,
          11);
    }
  }

  @Test
  void modeIsProductionUnlessTheCharterSaysTest() throws IOException {
    Path file = new CharterText().replace("mode: test\n", "").write(folder);
    Charter charter = Charter.read(file, new Problems()).orElseThrow();
    assertThat(charter.mode()).isEqualTo(Charter.Mode.PRODUCTION);
    assertThat(charter.topics("").cuts()).isEqualTo("demo.cuts");
  }

  @Test
  void whatIsOutsideItsLimitsIsNamedByPlace() throws IOException {
    assertProblem(new CharterText().replace("charter: 1", "charter: 2"), Code.CDT_106, 1, 10);
    assertProblem(new CharterText().replace("demo", "Demo"), Code.CDT_106, 2, 13);
    assertProblem(new CharterText().replace("mode: test", "mode: tests"), Code.CDT_106, 3, 7);
    assertProblem(new CharterText().replace("suite: rep3", "suite: rep4"), Code.CDT_504, 4, 8);
    assertProblem(
        new CharterText().replace("partitions: 4", "partitions: 1025"), Code.CDT_106, 5, 13);
    assertProblem(new CharterText().replace("quorum: 2", "quorum: 3"), Code.CDT_106, 6, 9);
    assertProblem(new CharterText().replace("quorum: 2", "quorum: 0"), Code.CDT_106, 6, 9);
    assertProblem(new CharterText().replace("[1, 2]", "[]"), Code.CDT_106, 7, 19);
    assertProblem(new CharterText().replace("[1, 2]", "[1, 1]"), Code.CDT_107, 7, 23);
    assertProblem(
        new CharterText().replace("linkageBits: 0", "linkageBits: 65"), Code.CDT_106, 9, 16);
  }

  @Test
  void limitsAreInclusive() throws IOException {
    var text = new CharterText().replace("partitions: 4", "partitions: 1024");
    assertThat(problems(text.replace("linkageBits: 0", "linkageBits: 64"))).isEmpty();
  }

  @Test
  void unknownAndMissingKeysAreNamedWithASuggestion() throws IOException {
    assertThat(problems(new CharterText().replace("quorum: 2", "qourum: 2")))
        .extracting(Problem::code)
        .containsExactlyInAnyOrder(Code.CDT_103, Code.CDT_104);
    assertThat(problems(new CharterText().replace("    operator: operator 1\n", "")))
        .singleElement()
        .matches(problem -> problem.code() == Code.CDT_104 && problem.place().line() == 14);
    assertThat(problems(new CharterText().replace("linkageBits", "linkagebits")))
        .anyMatch(
            problem ->
                problem.code() == Code.CDT_103
                    && problem.place().line() == 9
                    && problem.fix().contains("linkageBits"));
  }

  @Test
  void allProblemsAreReportedAtOnce() throws IOException {
    var text = new CharterText().replace("demo", "Demo").replace("quorum: 2", "quorum: 9");
    assertThat(problems(text.replace("partitions: 4", "partitions: many"))).hasSize(3);
  }

  @Test
  void membersThatAreTheSameAreNotTwo() throws IOException {
    assertProblem(
        new CharterText().replace("- name: bank-b", "- name: bank-a"), Code.CDT_107, 27, 11);
    assertProblem(
        new CharterText().replace("- name: bank-b", "- name: agg-1"), Code.CDT_107, 14, 11);
    var oneKey = new CharterText();
    oneKey.replace(oneKey.verifyingKey("bank-b"), oneKey.verifyingKey("bank-a"));
    assertProblem(oneKey, Code.CDT_504, 28, 19);
    var oneAlertKey = new CharterText();
    oneAlertKey.replace(oneAlertKey.alertKey("bank-b"), oneAlertKey.alertKey("bank-a"));
    assertProblem(oneAlertKey, Code.CDT_504, 29, 15);
  }

  @Test
  void aggregatorsAreThreeOfIndependentOperators() throws IOException {
    assertProblem(new CharterText().replace("operator 2", "operator 1"), Code.CDT_504, 18, 15);
    assertProblem(new CharterText().replace("operator 2", "bank-a"), Code.CDT_504, 18, 15);
    var allowed = new CharterText().replace("operator 2", "bank-a");
    allowed.replace("suite: rep3", "suite: rep3\nbankOperatedAggregators: true");
    assertThat(problems(allowed)).isEmpty();
    String text = new CharterText().text();
    String last = text.substring(text.indexOf("  - name: agg-3"), text.indexOf("banks:"));
    assertProblem(new CharterText().replace(last, ""), Code.CDT_504, 14, 3);
  }

  @Test
  void keysThatAreNoneAreNamed() throws IOException {
    var notBase64 = new CharterText();
    assertProblem(notBase64.replace(notBase64.verifyingKey("agg-1"), "'?'"), Code.CDT_105, 16, 19);
    var tooShort = new CharterText();
    assertProblem(tooShort.replace(tooShort.alertKey("bank-a"), "AAAA"), Code.CDT_105, 26, 15);
  }

  @Test
  void aConsortiumHasBanks() throws IOException {
    String text = new CharterText().text();
    String banks = text.substring(text.indexOf("banks:"));
    assertThat(
            problems(
                new CharterText().replace(banks, "banks: []\n").replace("quorum: 2", "quorum: 1")))
        .singleElement()
        .matches(problem -> problem.code() == Code.CDT_106 && problem.place().line() == 23);
    String many = "banks:\n" + "  - name: x\n".repeat(CharterFile.BANKS_MAX + 1);
    assertThat(problems(new CharterText().replace(banks, many).replace("quorum: 2", "quorum: 1")))
        .singleElement()
        .matches(problem -> problem.code() == Code.CDT_106 && problem.place().line() == 24);
  }

  @Test
  void whatIsNoCharterIsRefused() throws IOException {
    Path file = folder.resolve("charter.yaml");
    assertThat(problems(file)).extracting(Problem::code).containsExactly(Code.CDT_101);
    for (String text : List.of("", "# nothing\n", "a: [\n", "just words", "[1, 2]")) {
      Files.writeString(file, text);
      assertThat(problems(file)).as(text).isNotEmpty();
    }
    Files.write(file, new byte[CharterFile.FILE_BYTES_MAX + 1]);
    assertThat(problems(file)).extracting(Problem::code).containsExactly(Code.CDT_106);
  }

  @Test
  void everyMemberSignsTheseVeryBytes() throws IOException {
    var text = new CharterText();
    Path file = text.write(folder);
    Path signatures = CharterFile.signaturesOf(file);

    Files.writeString(file, text.text() + "# one more line\n");
    assertThat(problems(file)).hasSize(5).allMatch(p -> p.code() == Code.CDT_503);

    text.write(folder);
    List<String> lines = Files.readAllLines(signatures, StandardCharsets.US_ASCII);
    Files.write(signatures, lines.stream().filter(line -> !line.contains("bank-b")).toList());
    assertThat(problems(file))
        .singleElement()
        .matches(p -> p.code() == Code.CDT_503 && p.reason().contains("bank-b"));

    Files.delete(signatures);
    assertThat(problems(file)).anyMatch(p -> p.code() == Code.CDT_101);
  }

  @Test
  void aMemberCannotSignForAnother() throws IOException {
    var text = new CharterText();
    Path file = text.write(folder);
    byte[] bytes = Files.readAllBytes(file);
    byte[] forged = text.members.get("bank-a").sign(CharterFile.SIGNATURE_LABEL, bytes);
    Path beside = CharterFile.signaturesOf(file);
    SignatureFile.read(beside, new Problems()).with("bank-b", forged).write(beside);
    assertThat(problems(file))
        .singleElement()
        .matches(p -> p.code() == Code.CDT_503 && p.reason().contains("bank-b"));
  }
}
