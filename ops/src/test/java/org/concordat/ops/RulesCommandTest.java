package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulesCommandTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: few
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1000}
        new: {type: flag}
      """;
  private static final String RULES =
      """
      format: 1
      ruleSet: few
      version: 1
      contract: few@1
      rules:
        - {rule: large, condition: {feature: amount, atLeast: 100}}
        - {rule: new, condition: {feature: new, is: true}}
      """;
  private static final String MAPPING =
      """
      reference: id
      time: {column: t}
      columns: {amount: amount, new: new}
      """;
  private static final String HISTORY =
      """
      id,t,amount,new
      1,2026-01-01T00:00Z,50,0
      2,2026-01-01T00:00Z,100,0
      3,2026-01-01T00:00Z,-1,0
      """;

  @TempDir private Path temp;
  private Path folder = Path.of("");

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectory(temp.resolve("few"));
    Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    Files.writeString(folder.resolve("rules.yaml"), RULES);
  }

  private void mapping() throws IOException {
    Files.writeString(folder.resolve("mapping.yaml"), MAPPING);
  }

  private Path history() throws IOException {
    return Files.writeString(temp.resolve("history.csv"), HISTORY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"payments", "transfers"})
  void shippedRuleSetsAreFoundByName(String name) {
    Command valid = Command.run("rules", "validate", name);
    assertThat(valid.err()).isEmpty();
    assertThat(valid.status()).isEqualTo(Concordat.DONE);
    assertThat(valid.out()).contains(name + "@").contains("is valid");
    Command explained = Command.run("rules", "explain", name);
    assertThat(explained.status()).isEqualTo(Concordat.DONE);
    assertThat(explained.out()).contains("Rule set " + name).contains("Who learns what");
  }

  @Test
  void validationNamesAllProblemsAtOnceWithPlaceCodeAndSuggestion() throws IOException {
    Files.writeString(
        folder.resolve("rules.yaml"), RULES.replace("feature: amount", "feature: amont"));
    Files.writeString(folder.resolve("mapping.yaml"), MAPPING.replace("reference", "refrence"));
    Command run = Command.run("rules", "validate", folder);
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("rules.yaml:6:", "CDT-211", "amount")
        .contains("mapping.yaml:", "refrence");
  }

  @Test
  void warningsDoNotMakeARuleSetInvalid() throws IOException {
    Files.writeString(
        folder.resolve("rules.yaml"),
        RULES.replace(
            "{feature: new, is: true}",
            "{any: [{feature: new, is: true}, {feature: amount, atLeast: 5000}]}"));
    Command run = Command.run("rules", "validate", folder);
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    assertThat(run.err()).startsWith("warning: ").contains("CDT-231");
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "explain"})
  void aFolderThatIsNotThereIsNamed(String command) {
    Command run = Command.run("rules", command, temp.resolve("none"));
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.err()).contains("CDT-101").contains("none");
  }

  @Test
  void anExplanationIsAlsoGivenInJson() throws IOException {
    Command run = Command.run("rules", "explain", folder, "--json");
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    assertThat(run.out().lines()).hasSize(1);
    var json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("ruleSet").asText()).isEqualTo("few");
    assertThat(json.get("rules")).hasSize(2);
    assertThat(json.get("leakage")).isNotEmpty();
    assertThat(json.get("sharing").get("operations").asInt()).isPositive();
    assertThat(json.get("latency").isNull()).isTrue();
  }

  @Test
  void anExplanationSaysWhatBoundsLatencyOverNamedLinks() throws IOException {
    Command run =
        Command.run(
            "rules", "explain", folder, "--round-trip", "10ms", "--bandwidth", "100", "--json");
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    var json = new ObjectMapper().readTree(run.out());
    var latency = json.get("latency");
    assertThat(latency.get("bitsPerSecond").asLong()).isEqualTo(100_000_000);
    assertThat(latency.get("rounds")).isEqualTo(json.get("total").get("rounds"));
    assertThat(latency.get("roundsMillis").asDouble())
        .isEqualTo((latency.get("rounds").asInt() + 2) * 5.0);
    int chain = 0;
    for (var part : latency.get("chain")) {
      chain += part.get("rounds").asInt();
    }
    assertThat(chain).isEqualTo(latency.get("rounds").asInt());
    assertThat(Command.run("rules", "explain", folder, "--bandwidth", "9").status())
        .isEqualTo(Concordat.INVALID);
    assertThat(Command.run("rules", "explain", folder, "--round-trip", "soon").status())
        .isEqualTo(Concordat.INVALID);
  }

  @Test
  void aSimulationCountsFlagsAndRefusals() throws IOException {
    mapping();
    Command text = Command.run("rules", "simulate", folder, "--history", history());
    assertThat(text.status()).isEqualTo(Concordat.DONE);
    assertThat(text.err()).as("no progress but on a terminal").isEmpty();
    assertThat(text.out()).contains("2 rows evaluated, 1 refused, 1 flagged");
    Command run = Command.run("rules", "simulate", folder, "--history", history(), "--json");
    var json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("rows").asLong()).isEqualTo(2);
    assertThat(json.get("refusedByCode").get("CDT-322").asLong()).isEqualTo(1);
  }

  @Test
  void aSimulationTakesAnotherMapping() throws IOException {
    Path mapping = Files.writeString(temp.resolve("mine.yaml"), MAPPING);
    Command run =
        Command.run("rules", "simulate", folder, "--history", history(), "--mapping", mapping);
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    Command without = Command.run("rules", "simulate", folder, "--history", history());
    assertThat(without.status()).isEqualTo(Concordat.INVALID);
    assertThat(without.err()).contains("CDT-101").contains("mapping.yaml");
  }

  @Test
  void aSimulationNeedsItsHistory() throws IOException {
    mapping();
    assertThat(Command.run("rules", "simulate", folder).status()).isEqualTo(Concordat.INVALID);
    Command run = Command.run("rules", "simulate", folder, "--history", temp.resolve("no.csv"));
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.err()).contains("CDT-101").contains("no.csv");
    Path other = Files.writeString(temp.resolve("other.csv"), "id,t,amont,new\n");
    Command header = Command.run("rules", "simulate", folder, "--history", other);
    assertThat(header.status()).isEqualTo(Concordat.INVALID);
    assertThat(header.err()).contains("CDT-206", "amont");
  }

  /** A consortium of three banks, quorum two, whose rule set is the one under test, unsigned. */
  private Path consortium() throws IOException {
    Path consortium = temp.resolve("consortium");
    ConsortiumFolder.create(
        consortium,
        new ConsortiumPlan(
            "test",
            Charter.Mode.TEST,
            ConsortiumFolder.bankNames(3),
            List.of("agg-1", "agg-2", "agg-3"),
            1,
            2,
            ConsortiumPlan.FLAGS_PER_BANK_AND_DAY,
            folder,
            ConsortiumPlan.Hosts.LOOPBACK,
            FreePorts.forConsortium(3)));
    return consortium;
  }

  private Command sign(Path consortium, String bank, String keyOf) {
    return Command.run(
        "rules",
        "sign",
        folder,
        "--charter",
        consortium.resolve("charter.yaml"),
        "--bank",
        bank,
        "--key",
        consortium.resolve(keyOf).resolve("signing.key"));
  }

  @Test
  void signaturesAddUpToAQuorum() throws IOException {
    Path consortium = consortium();
    Charter charter = Inputs.charter(consortium.resolve("charter.yaml"));
    for (int signed = 1; signed <= 2; signed++) {
      String bank = charter.banks().get(signed).name();
      Command run = sign(consortium, bank, bank);
      assertThat(run.err()).isEmpty();
      assertThat(run.status()).isEqualTo(Concordat.DONE);
      assertThat(run.out()).contains(signed + " banks have, 2 are needed");
      var problems = new Problems();
      RuleSet.load(folder).verifyQuorum(charter, problems);
      assertThat(problems.isEmpty()).isEqualTo(signed == 2);
    }
  }

  @Test
  void nobodySignsForAnotherOrUnderAnUnknownName() throws IOException {
    Path consortium = consortium();
    Command other = sign(consortium, "bank-a", "bank-b");
    assertThat(other.status()).isEqualTo(Concordat.INVALID);
    assertThat(other.err()).contains("CDT-506");
    Command unknown = sign(consortium, "bnak-a", "bank-a");
    assertThat(unknown.status()).isEqualTo(Concordat.INVALID);
    assertThat(unknown.err()).contains("CDT-505", "Did you mean 'bank-a'?");
    Command noKey = sign(consortium, "bank-a", "bank-z");
    assertThat(noKey.status()).isEqualTo(Concordat.INVALID);
    assertThat(folder.resolve("signatures.yaml")).doesNotExist();
  }

  @Test
  void aCharterCapsWhatAnAlertTells() throws IOException {
    Path consortium = consortium();
    Path charter = consortium.resolve("charter.yaml");
    assertThat(Command.run("rules", "validate", folder, "--charter", charter).status())
        .isEqualTo(Concordat.DONE);
    assertThat(Command.run("rules", "explain", folder, "--charter", charter).status())
        .isEqualTo(Concordat.DONE);
    Files.writeString(charter, Files.readString(charter) + "# changed\n");
    Command changed = Command.run("rules", "explain", folder, "--charter", charter);
    assertThat(changed.status()).isEqualTo(Concordat.INVALID);
    assertThat(changed.err()).contains("CDT-503");
  }
}
