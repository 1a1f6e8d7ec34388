package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.StoreGroup;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersCommandTest {
  @TempDir private Path temp;
  private Path bank = Path.of("");
  private Path config = Path.of("");

  @BeforeEach
  void consortium() throws IOException {
    Path folder = temp.resolve("consortium");
    Path rules = Command.shipped("payments", "");
    ConsortiumFolder.create(
        folder,
        new ConsortiumPlan(
            "test",
            Charter.Mode.TEST,
            ConsortiumFolder.bankNames(2),
            List.of("agg-1", "agg-2", "agg-3"),
            1,
            2,
            ConsortiumPlan.FLAGS_PER_BANK_AND_DAY,
            rules,
            ConsortiumPlan.Hosts.LOOPBACK,
            FreePorts.forConsortium(3)));
    ConsortiumFolder.writeAgentConfig(
        folder,
        "bank-a",
        ConsortiumPlan.Hosts.LOOPBACK,
        "localhost:1",
        new AgentInput(Path.of("payments.csv"), false, 0, rules.resolve("mapping.yaml")));
    bank = folder.resolve("bank-a");
    config = bank.resolve("agent.yaml");
  }

  private void refuse() {
    try (var store = BankStore.open(bank)) {
      store.commit(
          new StoreGroup()
              .deadLetter(
                  new DeadLetter(
                      new Place("payments.csv", 17, 0),
                      Code.CDT_303,
                      "The row has 2 columns, the header 3.",
                      Code.CDT_303.fix(),
                      "secret,\u001b[31m".getBytes(StandardCharsets.UTF_8),
                      0)));
    }
  }

  @Test
  void placeCodeReasonAndFixAreListedWithoutTheRow() throws IOException {
    refuse();
    Command text = Command.run("dead-letters", "--config", config);
    assertThat(text.err()).isEmpty();
    assertThat(text.status()).isEqualTo(Concordat.DONE);
    assertThat(text.out())
        .contains("1970-01-01T00:00:00Z", "payments.csv:17", "CDT-303", "2 columns")
        .contains(Code.CDT_303.fix())
        .doesNotContain("secret");
    Command json = Command.run("dead-letters", "--config", config, "--json");
    var letter = new ObjectMapper().readTree(json.out());
    assertThat(letter.get("line").asInt()).isEqualTo(17);
    assertThat(letter.get("code").asText()).isEqualTo("CDT-303");
    assertThat(letter.has("raw")).isFalse();
  }

  @Test
  void theRowIsShownOnlyWhenItIsAskedFor() throws IOException {
    refuse();
    Command text = Command.run("dead-letters", "--config", config, "--raw");
    assertThat(text.out()).contains("secret,?[31m").doesNotContain("\u001b");
    Command json = Command.run("dead-letters", "--config", config, "--raw", "--json");
    assertThat(new ObjectMapper().readTree(json.out()).get("raw").asText())
        .isEqualTo("secret,\u001b[31m");
  }

  @Test
  void withoutARunOrAKeyItSaysWhatToDo() throws IOException {
    Command fresh = Command.run("dead-letters", "--config", config);
    assertThat(fresh.status()).isEqualTo(Concordat.INVALID);
    assertThat(fresh.err()).contains("CDT-353");
    refuse();
    Path key = bank.resolve("store.key");
    Files.delete(key);
    KeyFiles.write(key, SymmetricKey.generate(new SecureRandom()));
    Command wrong = Command.run("dead-letters", "--config", config);
    assertThat(wrong.status()).isEqualTo(Concordat.INVALID);
    assertThat(wrong.out()).isEmpty();
    Command none = Command.run("dead-letters", "--config", temp.resolve("none.yaml"));
    assertThat(none.status()).isEqualTo(Concordat.INVALID);
    assertThat(none.err()).contains("CDT-101");
  }
}
