package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.explain.Network;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RateTable;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people read: errors, costs, leakage statements. Where a text differs, the new one is in
 * {@code target/golden}: review it, then copy it beside its input.
 */
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conditions",
        "rules",
        "scores",
        "proofs",
        "secret",
        "secret-proofs",
        "secret-trees",
        "secret-trees-proofs",
        "format",
        "syntax"
      })
  void refusesRules(String name) throws IOException {
    var problems = new Problems();
    assertThat(RuleSet.load(ruleSet(name), problems)).isEmpty();
    assertGolden("rules/" + name, text(problems.list()));
  }

  @Test
  void warns() throws IOException {
    assertGolden("rules/warnings", text(RuleSet.load(ruleSet("warnings")).warnings()));
  }

  private Path ruleSet(String name) throws IOException {
    return Folders.write(
        folder,
        Files.readString(GOLDEN.resolve("rules/contract.yaml")),
        Files.readString(GOLDEN.resolve("rules/" + name + ".yaml")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"features", "format", "empty", "entities", "salt"})
  void refusesContracts(String name) throws IOException {
    var problems = new Problems();
    Path file = GOLDEN.resolve("contracts/" + name + ".yaml");
    assertThat(FeatureContract.read(SourceFile.read(file), problems)).isEmpty();
    assertGolden("contracts/" + name, text(problems.list()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "errors",
        "unlinked",
        "hidden",
        "hidden-few",
        "hidden-not",
        "zero",
        "state",
        "told",
        "carried"
      })
  void refusesLinks(String name) throws IOException {
    var problems = new Problems();
    assertThat(RuleSet.load(links(name), problems)).isEmpty();
    assertGolden("links/" + name, text(problems.list()));
  }

  @Test
  void explainsLinks() throws IOException {
    var caps = Optional.of(new Caps(64, 128, 10_000, 4));
    var explanation = Explanation.of(RuleSet.load(links("rules")), caps);
    assertGolden("explain/links", explanation.text().replace(explanation.hash(), "HASH"));
  }

  @Test
  void explainsHiddenEntities() throws IOException {
    var caps = Optional.of(new Caps(9, 128, 10_000, 4));
    var explanation = Explanation.of(RuleSet.load(Folders.shipped("network-hidden")), caps);
    assertGolden("explain/hidden", explanation.text().replace(explanation.hash(), "HASH"));
  }

  @Test
  void explainsEntitiesThatAreHiddenTogether() throws IOException {
    Path shipped = Folders.shipped("network-hidden");
    String rules = Files.readString(shipped.resolve("rules.yaml"));
    Path joint =
        Folders.write(
            folder,
            Files.readString(shipped.resolve("contract.yaml")),
            rules.replace("jointly: false\n", ""));
    var caps = Optional.of(new Caps(9, 128, 10_000, 4));
    var explanation = Explanation.of(RuleSet.load(joint), caps);
    assertGolden("explain/hidden-joint", explanation.text().replace(explanation.hash(), "HASH"));
  }

  @Test
  void explainsCarriedLinks() throws IOException {
    String rules = Files.readString(GOLDEN.resolve("links/rules.yaml"));
    Path carried =
        Folders.write(
            folder,
            Files.readString(GOLDEN.resolve("links/contract.yaml")),
            rules.replace("linkage: 64\n", "linkage: 64\ncarried: true\n"));
    var explanation = Explanation.of(RuleSet.load(carried), Optional.empty());
    assertGolden("explain/links-carried", explanation.text().replace(explanation.hash(), "HASH"));
  }

  private Path links(String name) throws IOException {
    return Folders.write(
        folder,
        Files.readString(GOLDEN.resolve("links/contract.yaml")),
        Files.readString(GOLDEN.resolve("links/" + name + ".yaml")));
  }

  @Test
  void refusesMappings() throws IOException {
    var problems = new Problems();
    FeatureContract contract =
        FeatureContract.read(SourceFile.read(GOLDEN.resolve("rules/contract.yaml")), problems)
            .orElseThrow();
    Document document = Document.read(GOLDEN.resolve("sources/mapping.yaml"), problems);
    SourceMapping mapping = SourceMapping.read(document);
    document.finish();
    new RowEncoder(contract, RateTable.none("EUR"), mapping)
        .bind(List.of("id", "booked", "amount", "balance", "a", "balance"), problems);
    assertGolden("sources/mapping", text(problems.list()));
  }

  @Test
  void refusesRates() throws IOException {
    var problems = new Problems();
    RateTable.read(SourceFile.read(GOLDEN.resolve("sources/rates.yaml")), "EUR", problems);
    assertGolden("sources/rates", text(problems.list()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"payments", "transfers"})
  void explainsCostAndLeakage(String name) throws IOException {
    var explanation =
        Explanation.of(
            RuleSet.load(Folders.shipped(name)), Optional.of(new Caps(0, 128, 10_000, 4)));
    String text = explanation.text().replace(explanation.hash(), "HASH");
    assertGolden("explain/" + name, text);
  }

  @Test
  void explainsLatency() throws IOException {
    var network = new Network(10, 1_000_000_000);
    var explanation =
        Explanation.of(
            RuleSet.load(Folders.shipped("payments")), Optional.empty(), Optional.of(network));
    String text = explanation.text();
    assertGolden(
        "explain/latency",
        text.substring(text.indexOf("Latency"), text.indexOf("\nWho learns what")));
  }

  @Test
  void explainsSecretWeights() throws IOException {
    var explanation = Explanation.of(RuleSet.load(ruleSet("secret-explained")), Optional.empty());
    assertGolden("explain/secret", explanation.text().replace(explanation.hash(), "HASH"));
  }

  @Test
  void explainsSecretTrees() throws IOException {
    var explanation =
        Explanation.of(RuleSet.load(ruleSet("secret-trees-explained")), Optional.empty());
    assertGolden("explain/secret-trees", explanation.text().replace(explanation.hash(), "HASH"));
  }

  private String text(List<Problem> problems) {
    return problems.stream()
        .map(p -> p.toString().replace(folder + "/", "").replace(GOLDEN + "/", ""))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static void assertGolden(String name, String actual) throws IOException {
    Path expected = GOLDEN.resolve(name + ".txt");
    String golden = Files.exists(expected) ? Files.readString(expected) : "";
    if (!golden.equals(actual)) {
      Path written = Path.of("target/golden", name + ".txt");
      Files.createDirectories(written.getParent());
      Files.writeString(written, actual);
    }
    assertThat(actual).isEqualTo(golden);
  }
}
