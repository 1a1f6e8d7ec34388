package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rule sets are taken up from the folder of later ones. */
class LaterRuleSetsTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: sets
      version: 1
      currency: EUR
      entitySalt: "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
      features:
        x: {type: integer, min: 0, max: 1000}
        payer: {type: entity, kind: account}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: sets
      version: 1
      contract: sets@1
      linkage: 64
      windows:
        often: {entity: payer, as: payer, window: 1h, count: true}
      rules:
        - {rule: r, condition: {all: [{feature: often, atLeast: 3}, {feature: x, atLeast: 500}]}}
      """;

  private final SigningKey key = SigningKey.generate(new SecureRandom());

  @TempDir private Path temp;
  private Path folder;
  private RuleSet first;
  private LaterRuleSets sets;

  @BeforeEach
  void begin() throws IOException {
    folder = temp.resolve("later");
    first =
        RuleSet.load(Folders.write(Files.createDirectory(temp.resolve("rules")), CONTRACT, RULES));
    sets = new LaterRuleSets(Optional.of(folder), first, charter());
  }

  private Charter charter() {
    var nothing = new Digest(new byte[32]);
    return new Charter(
        nothing,
        1,
        nothing,
        "test",
        Charter.Mode.TEST,
        "rep3",
        1,
        1,
        false,
        35,
        true,
        Set.of(1),
        new Charter.Caps(64, 128, 1000, 4),
        List.of(),
        List.of(
            new Charter.Bank(
                "a", key.verifier(), SealingKeyPair.generate(new SecureRandom()).publicKey())));
  }

  private static String version(int version) {
    return RULES.replace("version: 1", "version: " + version);
  }

  private Path write(String name, String contract, String rules) throws IOException {
    return Folders.write(Files.createDirectories(folder.resolve(name)), contract, rules);
  }

  private void sign(Path ruleSet) throws IOException {
    SignatureFile.empty()
        .with("a", key.sign(RuleSet.SIGNATURE_LABEL, RuleSet.load(ruleSet).hash()))
        .write(ruleSet.resolve("signatures.yaml"));
  }

  private static String hash(Path ruleSet) {
    return HexFormat.of().formatHex(RuleSet.load(ruleSet).hash());
  }

  private List<Code> refused() {
    LaterRuleSets.Look look = sets.look();
    assertThat(look.found()).isEmpty();
    return look.problems().stream().map(Problem::code).toList();
  }

  private List<Code> refused(String name, String contract, String rules) throws IOException {
    sign(write(name, contract, rules));
    return refused();
  }

  @Test
  void aSignedOneIsFoundOnceAndStays() throws IOException {
    assertThat(refused()).as("no folder yet").isEmpty();
    Path at = write("third", CONTRACT, version(3).replace("500", "400"));
    assertThat(refused()).as("nobody has signed it: it may be half a copy").isEmpty();
    sign(at);
    sign(write("second", CONTRACT, version(2)));
    LaterRuleSets.Look look = sets.look();
    assertThat(look.problems()).isEmpty();
    assertThat(look.found()).extracting(RuleSet::version).containsExactly(2, 3);
    assertThat(sets.look().found()).isEmpty();
    assertThat(sets.of(RuleSet.load(at).hash())).isPresent();
    Files.delete(at.resolve("rules.yaml"));
    assertThat(refused()).as("its files are gone").isNotEmpty();
    assertThat(sets.known()).extracting(RuleSet::version).containsExactly(1, 2, 3);
  }

  @Test
  void whatIsSignedForOtherFilesIsToldOnceUntilItChanges() throws IOException {
    Path at = write("second", CONTRACT, version(2));
    sign(at);
    Files.writeString(at.resolve("rules.yaml"), version(2).replace("500", "1"));
    assertThat(refused()).containsExactly(Code.CDT_224);
    assertThat(refused()).isEmpty();
    Files.writeString(at.resolve("rules.yaml"), version(2));
    assertThat(sets.look().found()).hasSize(1);
  }

  /** Rights change nothing that a stamp shows. */
  @Test
  void whatCannotBeReadIsToldOnceAndTakenOnceItCan() throws IOException {
    Path at = write("second", CONTRACT, version(2));
    sign(at);
    Path rules = at.resolve("rules.yaml");
    Set<PosixFilePermission> rights = Files.getPosixFilePermissions(rules);
    Files.setPosixFilePermissions(rules, Set.of());
    assumeThat(Files.isReadable(rules)).as("whoever may read anything").isFalse();
    assertThat(refused()).contains(Code.CDT_101);
    assertThat(refused()).isEmpty();
    Files.setPosixFilePermissions(rules, rights);
    assertThat(sets.look().found()).hasSize(1);
  }

  @Test
  void whatNobodySignedIsNotParsed() throws IOException {
    Path at = write("unsigned", CONTRACT, "rules: [");
    SignatureFile.empty().write(at.resolve("signatures.yaml"));
    assertThat(refused()).containsExactly(Code.CDT_224);
  }

  @Test
  void whatNeedsARestartIsRefused() throws IOException {
    assertThat(refused("contract", CONTRACT.replace("1000", "2000"), version(2)))
        .containsExactly(Code.CDT_251);
    assertThat(refused("window", CONTRACT, version(2).replace("1h", "2h")))
        .containsExactly(Code.CDT_251);
    Path rates = write("rates", CONTRACT, version(2));
    Files.writeString(rates.resolve("rates.yaml"), "format: 1\ncurrency: EUR\nrates: []");
    sign(rates);
    assertThat(refused()).containsExactly(Code.CDT_251);
    String secret =
        """
          - rule: secret
            score:
              model: linear
              weights: {secret: true, publisher: a, widthBits: 8, features: [x]}
              threshold: 0
              step: 1
            tell: {score: none}
        """;
    assertThat(refused("secret", CONTRACT, version(2) + secret)).containsExactly(Code.CDT_251);
    assertThat(sets.known()).containsExactly(first);
  }

  @Test
  void eachVersionIsOneRuleSet() throws IOException {
    assertThat(refused("copy", CONTRACT, RULES)).as("the first itself").isEmpty();
    assertThat(refused("same", CONTRACT, RULES.replace("500", "400")))
        .containsExactly(Code.CDT_252);
    sign(write("second", CONTRACT, version(2)));
    assertThat(sets.look().found()).hasSize(1);
    Path other = write("other", CONTRACT, version(2).replace("500", "400"));
    sign(other);
    LaterRuleSets.Look look = sets.look();
    assertThat(look.found()).as("the quorum has signed it, and another one").isEmpty();
    assertThat(look.problems()).extracting(Problem::code).containsExactly(Code.CDT_252);
    assertThat(look.problems().getFirst().reason())
        .contains(hash(folder.resolve("second")), hash(other));
  }

  @Test
  void theCharterHolds() throws IOException {
    Path at = write("second", CONTRACT, version(2));
    sign(at);
    Charter of = charter();
    var strict =
        new Charter(
            of.hash(),
            of.revision(),
            of.revisionHash(),
            of.consortium(),
            of.mode(),
            of.suite(),
            of.partitions(),
            of.quorum(),
            of.bankOperatedAggregators(),
            of.epochDays(),
            of.allowUnverifiedLinkage(),
            of.contractVersions(),
            new Charter.Caps(32, 128, 1000, 4),
            of.aggregators(),
            of.banks());
    var others = new LaterRuleSets(Optional.of(folder), first, strict);
    assertThat(others.look().problems()).extracting(Problem::code).containsExactly(Code.CDT_241);
  }

  @Test
  void thereAreAsManyAsTheLimit() throws IOException {
    for (int i = 0; i < LaterRuleSets.FOLDERS_MAX; i++) {
      sign(write("v" + i, CONTRACT, version(2 + i)));
    }
    assertThat(sets.look().found()).hasSize(LaterRuleSets.FOLDERS_MAX);
    sign(write("w", CONTRACT, version(2 + LaterRuleSets.FOLDERS_MAX)));
    assertThat(refused()).containsExactly(Code.CDT_220);
    assertThat(refused()).as("told once").isEmpty();
    assertThat(sets.known()).hasSize(1 + LaterRuleSets.FOLDERS_MAX);
  }
}
