package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.concordat.rules.language.RulesFile;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleSetTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: sets
      version: 1
      currency: EUR
      features:
        x: {type: integer, min: 0, max: 1000}
        y: {type: integer, min: 0, max: 1000}
        known: {type: flag}
      """;

  private static final String HEAD =
      "format: 1\nruleSet: sets\nversion: 4\ncontract: sets@1\nrules:\n";

  private static final String RULES =
      HEAD
          + """
            - rule: sum
              condition: {sum: {x: 1, y: 2}, atLeast: 900}
            - rule: score
              score: {model: linear, weights: {x: 2, y: 4}, threshold: 2000, step: 1}
              reasons: [{code: known, when: {feature: known, is: true}}]
          """;

  @TempDir Path folder;

  private static String hash(Path folder) {
    return HexFormat.of().formatHex(RuleSet.load(folder).hash());
  }

  @Test
  void theHashCoversWhatDecidesAndNothingElse() throws IOException {
    Folders.write(folder, CONTRACT, RULES);
    String first = hash(folder);
    Files.writeString(folder.resolve("mapping.yaml"), "bank's own");
    Files.writeString(folder.resolve("signatures.yaml"), "signatures: {}");
    assertThat(hash(folder)).isEqualTo(first);
    Folders.write(folder, CONTRACT.replace("\n", "\r\n"), RULES.replace("\n", "\r\n"));
    assertThat(hash(folder)).as("line ends of another system").isEqualTo(first);
    Folders.write(folder, CONTRACT, RULES.replace("2000", "2001"));
    String otherRules = hash(folder);
    Files.writeString(Files.createDirectory(folder.resolve("models")).resolve("m.json"), "{}");
    String moreModels = hash(folder);
    Files.writeString(folder.resolve("rates.yaml"), "format: 1\ncurrency: EUR\nrates: []");
    assertThat(Set.of(first, otherRules, moreModels, hash(folder))).hasSize(4);
  }

  @Test
  void aQuorumOfBanksHasToSign() throws IOException {
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, RULES));
    var random = new SecureRandom();
    List<SigningKey> keys = new ArrayList<>();
    List<Charter.Bank> banks = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      SigningKey key = SigningKey.generate(random);
      keys.add(key);
      banks.add(
          new Charter.Bank(name, key.verifier(), SealingKeyPair.generate(random).publicKey()));
    }
    Charter charter = charter(banks, new Charter.Caps(0, 128, 1000, 4));
    assertThat(quorumProblems(ruleSet, charter)).containsExactly(Code.CDT_224);
    SignatureFile one = SignatureFile.empty().with("a", sign(keys.get(0), ruleSet));
    one.with("b", sign(keys.get(2), ruleSet)).write(folder.resolve("signatures.yaml"));
    assertThat(quorumProblems(ruleSet, charter)).containsExactly(Code.CDT_224);
    one.with("b", sign(keys.get(1), ruleSet)).write(folder.resolve("signatures.yaml"));
    assertThat(quorumProblems(ruleSet, charter)).isEmpty();
  }

  private static byte[] sign(SigningKey key, RuleSet ruleSet) {
    return key.sign(RuleSet.SIGNATURE_LABEL, ruleSet.hash());
  }

  private static List<Code> quorumProblems(RuleSet ruleSet, Charter charter) {
    var problems = new Problems();
    ruleSet.verifyQuorum(charter, problems);
    return problems.list().stream().map(Problem::code).toList();
  }

  private static Charter charter(List<Charter.Bank> banks, Charter.Caps caps) {
    return new Charter(
        new Digest(new byte[32]),
        1,
        new Digest(new byte[32]),
        "test",
        Charter.Mode.TEST,
        "rep3",
        1,
        2,
        false,
        35,
        Set.of(1),
        caps,
        List.of(),
        banks);
  }

  @Test
  void theCharterCapsBitsAndComparisons() throws IOException {
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, RULES));
    // The score lies in 0 to 6000: 13 bits, and a reason.
    assertThat(ruleSet.bitsPerAlert(1)).isEqualTo(14);
    assertThat(capProblems(ruleSet, new Charter.Caps(0, 14, 1000, 2))).isEmpty();
    List<Problem> bits = capProblems(ruleSet, new Charter.Caps(0, 13, 1000, 2));
    assertThat(bits).extracting(Problem::code).containsExactly(Code.CDT_222);
    assertThat(bits.getFirst().place().line()).isEqualTo(8);
    // Both rules compare x + 2y, whatever the scale.
    List<Problem> comparisons = capProblems(ruleSet, new Charter.Caps(0, 14, 1000, 1));
    assertThat(comparisons).extracting(Problem::code).containsExactly(Code.CDT_223);
    assertThat(comparisons.getFirst().place().line()).isEqualTo(8);
  }

  @Test
  void theCharterHasToAdmitTheLinkage() throws IOException {
    String contract =
        CONTRACT.replace("features:\n", "entitySalt: \"" + "0f".repeat(16) + "\"\nfeatures:\n")
            + "  payer: {type: entity, kind: account}\n";
    String rules =
        HEAD.replace("rules:\n", "linkage: 64\nwindows:\n")
            + "  often: {entity: payer, as: payer, window: 1h, count: true}\nrules:\n"
            + "  - {rule: r, condition: {feature: often, atLeast: 3}}\n";
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, contract, rules));
    assertThat(linkageProblems(ruleSet, 64, true, 1)).isEmpty();
    assertThat(linkageProblems(ruleSet, 63, true, 1)).containsExactly(Code.CDT_241);
    assertThat(linkageProblems(ruleSet, 64, false, 1)).containsExactly(Code.CDT_242);
    assertThat(linkageProblems(ruleSet, 64, true, 2)).containsExactly(Code.CDT_243);
    assertThat(linkageProblems(ruleSet, 0, false, 2)).hasSize(3);
    String hiding = "hideAmong: 16\nactiveEntities: 1_024";
    RuleSet hidden =
        RuleSet.load(Folders.write(folder, contract, rules.replace("linkage: 64", hiding)));
    assertThat(linkageProblems(hidden, 6, true, 1)).isEmpty();
    assertThat(linkageProblems(hidden, 5, true, 1)).containsExactly(Code.CDT_241);
    assertThat(linkageProblems(hidden, 6, false, 1)).containsExactly(Code.CDT_242);
  }

  @Test
  void aRecordsEntitiesShareTheBitsThatAreOpened() throws IOException {
    String both = "hideAmong: 16\nactiveEntities: 1_024\n";
    assertThat(bucketBits(both)).as("10 less 4, for two").isEqualTo(3);
    assertThat(bucketBits(both + "jointly: true\n")).isEqualTo(3);
    assertThat(bucketBits(both + "jointly: false\n")).isEqualTo(6);
    assertThat(bucketBits("hideAmong: 16\nactiveEntities: 64\n")).isEqualTo(1);
    String few = "hideAmong: 16\nactiveEntities: 63\n";
    assertThat(bucketBits(few + "jointly: false\n")).isEqualTo(1);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> bucketBits(few))
        .withMessageContaining("CDT-225")
        .withMessageContaining("A record opens 1 bit in all, that 2 entities share");
  }

  private int bucketBits(String hiding) throws IOException {
    String contract =
        CONTRACT.replace("features:\n", "entitySalt: \"" + "0f".repeat(16) + "\"\nfeatures:\n")
            + "  payer: {type: entity, kind: account}\n  payee: {type: entity, kind: account}\n";
    String rules =
        HEAD.replace("rules:\n", hiding + "windows:\n")
            + "  often: {entity: payer, as: payee, window: 1h, count: true}\nrules:\n"
            + "  - {rule: r, condition: {feature: often, atLeast: 3}}\n";
    return RuleSet.load(Folders.write(folder, contract, rules))
        .plan()
        .link()
        .orElseThrow()
        .linkageBits();
  }

  @Test
  void carriedWindowsAndPathsAreShorterThanEpochs() throws IOException {
    assertThat(epochProblems("carried: true\n", "34d", 35)).isEmpty();
    assertThat(epochProblems("carried: true\n", "34d", 34)).containsExactly(Code.CDT_248);
    assertThat(epochProblems("", "34d", 1)).as("forgotten with the epoch").isEmpty();
    String path =
        "paths:\n  ring: {shape: cycle-length, from: payer, to: payee, hops: [2, 3], within: 5d}\n";
    assertThat(epochProblems(path, "1h", 6)).isEmpty();
    assertThat(epochProblems(path, "1h", 5)).containsExactly(Code.CDT_248);
  }

  private List<Code> epochProblems(String more, String window, int epochDays) throws IOException {
    String contract =
        CONTRACT.replace("features:\n", "entitySalt: \"" + "0f".repeat(16) + "\"\nfeatures:\n")
            + "  payer: {type: entity, kind: account}\n"
            + "  payee: {type: entity, kind: account}\n";
    String rules =
        HEAD.replace("rules:\n", "linkage: 64\n" + more + "windows:\n")
            + "  often: {entity: payer, as: payer, window: "
            + window
            + ", count: true}\nrules:\n"
            + "  - {rule: r, condition: {feature: often, atLeast: 3}}\n";
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, contract, rules));
    return linkageProblems(ruleSet, 64, true, 1, epochDays);
  }

  private static List<Code> linkageProblems(
      RuleSet ruleSet, int linkageBits, boolean allowUnverified, int partitions) {
    return linkageProblems(ruleSet, linkageBits, allowUnverified, partitions, 35);
  }

  private static List<Code> linkageProblems(
      RuleSet ruleSet, int linkageBits, boolean allowUnverified, int partitions, int epochDays) {
    Charter plain = charter(List.of(), new Charter.Caps(linkageBits, 64, 1000, 4));
    var charter =
        new Charter(
            plain.hash(),
            plain.revision(),
            plain.revisionHash(),
            plain.consortium(),
            plain.mode(),
            plain.suite(),
            partitions,
            plain.quorum(),
            plain.bankOperatedAggregators(),
            epochDays,
            allowUnverified,
            plain.contractVersions(),
            plain.caps(),
            plain.aggregators(),
            plain.banks());
    var problems = new Problems();
    ruleSet.verifyCaps(charter, problems);
    assertThat(problems.list())
        .allSatisfy(
            problem -> {
              assertThat(problem.place().line()).isPositive();
              assertThat(problem.fix()).isNotBlank();
            });
    return problems.list().stream().map(Problem::code).toList();
  }

  @Test
  void bandsOfASecretScoreCountAsComparisonsAndBits() throws IOException {
    String rules =
        HEAD
            + """
              - rule: secret
                score:
                  model: linear
                  weights: {secret: true, publisher: a, widthBits: 8, features: [x, known]}
                  threshold: 0
                  step: 1
                tell: {score: band, cuts: [5, 6, 7]}
            """;
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, rules));
    assertThat(ruleSet.bitsPerAlert(0)).isEqualTo(3);
    assertThat(ruleSet.plan().outputs().getFirst().score()).isEmpty();
    assertThat(ruleSet.plan().secretModels().getFirst().limits())
        .containsExactly(127L, 127L, 127L * 1001);
    assertThat(capProblems(ruleSet, new Charter.Caps(0, 3, 1000, 4))).isEmpty();
    assertThat(capProblems(ruleSet, new Charter.Caps(0, 2, 1000, 3)))
        .extracting(Problem::code)
        .containsExactly(Code.CDT_222, Code.CDT_223);
    var problems = new Problems();
    ruleSet.verifyPublishers(charter(List.of(), new Charter.Caps(0, 3, 1000, 4)), problems);
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_505);
  }

  /** A score of public trees is one score at every threshold and step. */
  @Test
  void thresholdsOnPublicTreesCountAsComparisons() throws IOException {
    Folders.copy(Folders.shipped("bench-trees"), folder);
    Path models = Files.createDirectory(folder.resolve("models"));
    Folders.copy(Folders.shipped("bench-trees").resolve("models"), models);
    Path file = folder.resolve("rules.yaml");
    String shipped = Files.readString(file);
    String rule = shipped.substring(shipped.lastIndexOf("  - rule:"));
    Files.writeString(
        file,
        shipped
            + rule.replaceFirst("rule: .*", "rule: again")
                .replaceFirst("threshold: .*", "threshold: 19.5")
            + rule.replaceFirst("rule: .*", "rule: coarser")
                .replaceFirst("threshold: .*", "threshold: 17.5")
                .replaceFirst("step: .*", "step: 0.03125"));
    RuleSet ruleSet = RuleSet.load(folder);
    int comparisons = 3;
    int bits = 128;
    assertThat(capProblems(ruleSet, new Charter.Caps(64, bits, 1000, comparisons))).isEmpty();
    assertThat(capProblems(ruleSet, new Charter.Caps(64, bits, 1000, comparisons - 1)))
        .extracting(Problem::code)
        .containsExactly(Code.CDT_223);
  }

  private static List<Problem> capProblems(RuleSet ruleSet, Charter.Caps caps) {
    var problems = new Problems();
    ruleSet.verifyCaps(charter(List.of(), caps), problems);
    return problems.list();
  }

  @Test
  void aRuleSetMayHaveAsManyRulesAsTheLimit() throws IOException {
    assertThat(load(rules(RulesFile.RULES_MAX))).isEmpty();
    assertThat(load(rules(RulesFile.RULES_MAX + 1))).containsExactly(Code.CDT_220);
  }

  private static String rules(int count) {
    return HEAD
        + IntStream.range(0, count)
            .mapToObj(i -> "  - {rule: r" + i + ", condition: {feature: x, above: " + i + "}}\n")
            .collect(Collectors.joining());
  }

  @Test
  void aRuleMayHaveAsManyReasonsAsAWordHasBits() throws IOException {
    assertThat(load(anyOf(64))).isEmpty();
    assertThat(load(anyOf(65))).containsExactly(Code.CDT_220);
    assertThat(load(anyOf(65).replace("rule: r,", "rule: r, tell: {reasons: false},"))).isEmpty();
  }

  private static String anyOf(int count) {
    return HEAD
        + "  - {rule: r, condition: {any: ["
        + IntStream.range(0, count)
            .mapToObj(i -> "{feature: x, is: " + i + "}")
            .collect(Collectors.joining(", "))
        + "]}}\n";
  }

  @Test
  void conditionsMayBeNestedAsDeepAsTheLimit() throws IOException {
    assertThat(load(nested(31))).isEmpty();
    assertThat(load(nested(32))).containsExactly(Code.CDT_220);
  }

  private static String nested(int depth) {
    return HEAD
        + "  - {rule: r, condition: "
        + "{not: ".repeat(depth)
        + "{feature: known, is: true}"
        + "}".repeat(depth)
        + "}\n";
  }

  private List<Code> load(String rules) throws IOException {
    var problems = new Problems();
    RuleSet.load(Folders.write(folder, CONTRACT, rules), problems);
    return problems.list().stream().map(Problem::code).toList();
  }
}
