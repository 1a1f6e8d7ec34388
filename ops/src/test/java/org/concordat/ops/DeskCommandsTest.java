package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.desk.DeskRoutes;
import org.concordat.agent.store.Notice;
import org.concordat.agent.store.TakenNotice;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DeskCommandsTest {
  @TempDir private Path bank;

  private static final List<TakenNotice> NOTICES =
      List.of(
          new TakenNotice(
              new Notice(Notice.Kind.RECALL, "FRAD", "fraud", "", "", "C-1\u001b", ""), 1_000));

  private TestDesk desk;
  private ApiServer api;

  @BeforeEach
  void start() throws IOException {
    desk = new TestDesk(Files.createDirectory(bank.resolve("data")));
    api = server();
    new DeskRoutes(desk.desk, reference -> NOTICES, System::currentTimeMillis).addTo(api);
    api.start(bank.resolve("data"));
  }

  private ApiServer server() throws IOException {
    String token = Tokens.generate(new SecureRandom());
    Files.writeString(bank.resolve("analyst.token"), token + "\n");
    Path file =
        Files.writeString(
            bank.resolve("tokens.yaml"),
            "format: 1\ntokens:\n" + Tokens.entry("ana", EnumSet.of(Role.ANALYST), token));
    Tokens tokens = Tokens.read(file, new Problems());
    return new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), file), tokens);
  }

  @AfterEach
  void stop() throws IOException {
    desk.desk.close();
    api.close();
    desk.close();
  }

  private Command alerts(Object... args) {
    Object[] all = new Object[args.length + 3];
    all[0] = "alerts";
    all[1] = args[0];
    all[2] = "--dir";
    all[3] = bank;
    System.arraycopy(args, 1, all, 4, args.length - 1);
    return Command.run(all);
  }

  @Test
  void anItemIsListedShownAndJudged() {
    desk.take(TestDesk.arrival(1, "large"), TestDesk.arrival(1, "mules"));
    desk.take(TestDesk.arrival(2, "large"));
    Command list = alerts("list");
    assertThat(list.err()).isEmpty();
    assertThat(list.out().lines()).hasSize(3);
    assertThat(list.out().lines().toList().get(2))
        .contains(TestDesk.id(1), "high", "P-1", "ACC-1")
        .endsWith("Because of large; Because of mules (recalled)");
    assertThat(alerts("list", "--rule", "mules", "--json").out()).contains(TestDesk.id(1));
    assertThat(alerts("list", "--limit", "1").out().lines()).hasSize(2);
    assertThat(alerts("show", TestDesk.id(1)).out())
        .contains("12.50 EUR", "Because of mules", "6.25 points", "score 7.25 of 2.5")
        .contains("1970-01-01T00:00:01Z  recall  FRAD  fraud  C-1?");
    Command judged = alerts("verdict", TestDesk.id(1), "fraud", "--note", "called");
    assertThat(judged.out()).contains("closed");
    assertThat(alerts("show", TestDesk.id(1)).out()).contains("fraud by ana", "called");
    assertThat(alerts("precision").out()).containsPattern("mules +1\\.0000 +1 +0 +0 +0");
  }

  @Test
  void whatTheAgentRefusesIsSaidInItsWords() {
    Command unknown = alerts("show", "none");
    assertThat(unknown.status()).isEqualTo(Concordat.FAILED);
    assertThat(unknown.err()).startsWith("CDT-712");
    assertThat(alerts("list", "--state", "old").err()).contains("CDT-713", "/state");
    assertThat(Command.run("alerts", "list").status()).isEqualTo(Concordat.INVALID);
  }

  @Test
  void whoeverAsksAnAgentThatReadsItsItemsWaits() throws IOException {
    var calls = new AtomicInteger();
    api.close();
    api = server();
    api.add(
        Route.get(
            "/v1/precision",
            Set.of(Role.ANALYST),
            context -> {
              if (calls.incrementAndGet() == 1) {
                throw ApiProblem.retry(503, Code.CDT_722, 1);
              }
              context.json(new JsonObject().put("rules", new JsonArray()));
            }));
    api.start(bank.resolve("data"));
    Command precision = alerts("precision");
    assertThat(precision.err()).isEmpty();
    assertThat(precision.status()).isEqualTo(Concordat.DONE);
    assertThat(calls).hasValue(2);
  }

  @Test
  void aSnoozeBeginsAndEnds() {
    desk.take(TestDesk.arrival(1, "large"));
    Command begun = alerts("snooze", "--rule", "large", "--reason", "a campaign", "--for", "PT8H");
    assertThat(begun.err()).isEmpty();
    assertThat(begun.out()).contains("rule large until", "by ana", ": a campaign");
    assertThat(alerts("list", "--state", "snoozed").out()).contains(TestDesk.id(1));
    String id = begun.out().substring(0, begun.out().indexOf(' '));
    assertThat(alerts("snooze", "--end", id).out()).contains(", over");
    assertThat(alerts("snooze").out()).contains(id);
    assertThat(alerts("list", "--state", "new").out()).contains(TestDesk.id(1));
    assertThat(alerts("snooze", "--rule", "large", "--for", "soon").status())
        .isEqualTo(Concordat.INVALID);
  }

  @Test
  void whoFollowsSeesWhatComes() throws Exception {
    desk.take(TestDesk.arrival(1, "large"));
    var following = CompletableFuture.supplyAsync(() -> alerts("follow", "--once"));
    // What comes is seen from the moment on at which the command asked first.
    long[] next = {2};
    Awaitility.await()
        .pollInterval(200, TimeUnit.MILLISECONDS)
        .atMost(60, TimeUnit.SECONDS)
        .until(
            () -> {
              desk.take(TestDesk.arrival(next[0]++, "mules"));
              return following.isDone();
            });
    assertThat(following.get().out()).contains("Because of mules").doesNotContain(TestDesk.id(1));
  }
}
