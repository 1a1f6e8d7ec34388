package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.rest.TransactionStatus;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Reference;
import org.concordat.agent.store.Scored;
import org.concordat.agent.store.SpooledBlock;
import org.concordat.agent.store.StoreGroup;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionCommandTest {
  private static final String REFERENCE = "p 1/ü";

  @TempDir private Path temp;
  private Path bank = Path.of("");

  @BeforeEach
  void consortium() {
    Path folder = temp.resolve("consortium");
    Command init = Command.run("init", "--dir", folder, "--banks", 2, "--test", "--ingest", "rest");
    assertThat(init.err()).isEmpty();
    bank = folder.resolve("bank-a");
  }

  private Id referenceId(String reference) {
    SymmetricKey key = BankStore.key(bank, "transaction-id.key");
    return new RowIds(key.forAlgorithm("HmacSHA256")).reference(reference);
  }

  /** A row that was refused first and scored later. */
  private void handIn(AgentStore store) {
    var row =
        new JournalRow(
            new Id(1, 2).bytes(), null, new Id(3, 4).bytes(), REFERENCE, 0, 5_000, new long[] {7});
    var position = new BlockPosition(0, 0);
    Id reference = referenceId(REFERENCE);
    store.commit(
        new StoreGroup()
            .spool(
                new SpooledBlock(position, 1, 3, 5_000, 1, 0, 0),
                List.of(new byte[1], new byte[1], new byte[1]),
                new JournalBlock(position, 1, List.of(row)))
            .reference(new Reference(reference, new Id(9, 9), Code.CDT_313, 4_000))
            .reference(new Reference(reference, new Id(1, 2), null, 5_000)));
    store.commit(new StoreGroup().scored(position, new Scored(17, 6_000, 6_001)));
  }

  @Test
  void theDataFolderIsReadWithoutAnAgent() throws IOException {
    try (AgentStore store = BankStore.open(bank)) {
      handIn(store);
    }
    Command text = Command.run("transaction", REFERENCE, "--config", bank.resolve("agent.yaml"));
    assertThat(text.err()).isEmpty();
    assertThat(text.out().lines()).hasSize(2);
    assertThat(text.out().lines().toList().get(0))
        .startsWith("1970-01-01T00:00:04Z  refused")
        .contains("CDT-313", Code.CDT_313.fix());
    assertThat(text.out().lines().toList().get(1))
        .isEqualTo(
            "1970-01-01T00:00:05Z  scored in batch 17 of partition 0 at 1970-01-01T00:00:06Z"
                + "  id 00000000000000010000000000000002");
    Command none = Command.run("transaction", "x", "--config", bank.resolve("agent.yaml"));
    assertThat(none.status()).isEqualTo(Concordat.INVALID);
    assertThat(none.err()).contains("CDT-373");
  }

  @Test
  void aRunningAgentIsAskedWithAToken() throws IOException {
    var problems = new Problems();
    Tokens tokens = Tokens.read(bank.resolve("tokens.yaml"), problems);
    problems.throwIfAny();
    var section = new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), bank);
    try (AgentStore store = BankStore.open(bank);
        var api = new ApiServer(section, tokens)) {
      handIn(store);
      new TransactionStatus(
              reference -> store.standings(referenceId(reference)),
              reference -> store.notices(referenceId(reference)),
              () -> "cuts",
              () -> 6_000)
          .addTo(api);
      api.start(bank.resolve("data"));
      String url = "http://127.0.0.1:" + api.port();
      Command json =
          Command.run(
              "transaction",
              REFERENCE,
              "--url",
              url,
              "--token",
              bank.resolve("auditor.token"),
              "--json");
      assertThat(json.err()).isEmpty();
      JsonNode status = new ObjectMapper().readTree(json.out());
      assertThat(status.get("reference").asText()).isEqualTo(REFERENCE);
      assertThat(status.get("transactions").get(1).get("status").asText()).isEqualTo("scored");
      Command none =
          Command.run("transaction", "x", "--url", url, "--token", bank.resolve("ingest.token"));
      assertThat(none.err()).contains("CDT-373");
    }
  }

  @Test
  void oneWayOfAskingIsNamed() {
    assertThat(Command.run("transaction", "x").status()).isEqualTo(Concordat.INVALID);
    assertThat(Command.run("transaction", "x", "--url", "http://localhost:1").status())
        .isEqualTo(Concordat.INVALID);
  }
}
