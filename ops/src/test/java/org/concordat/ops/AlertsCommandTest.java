package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertsCommandTest {
  private static final String FIRST =
      """
      {"reference":"P1","rule":"large","score":null,"reasons":[{"code":"a","text":"Large amount"},\
      {"code":"b","text":"At night"}],"eventMinute":29454720,"verification":"VERIFIED"}
      """;
  private static final String SECOND =
      """
      {"reference":"P2","rule":"mules","score":"0.75","reasons":[],"eventMinute":29454721,\
      "verification":"UNVERIFIED"}
      """;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("alerts.jsonl"), text);
  }

  @Test
  void peopleGetATable() throws IOException {
    write(FIRST + SECOND);
    Command run = Command.run("alerts", "--dir", folder);
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    assertThat(run.out().lines()).hasSize(3);
    assertThat(run.out().lines().toList().get(0)).startsWith("event").contains("reference");
    assertThat(run.out().lines().toList().get(1))
        .startsWith("2026-01-01T")
        .contains("P1", "large")
        .endsWith("Large amount; At night");
    assertThat(run.out().lines().toList().get(2)).contains("P2", "0.75").endsWith("(unverified)");
  }

  @Test
  void programsGetTheLinesOfOneRule() throws IOException {
    Path file = write(FIRST + SECOND);
    Command run = Command.run("alerts", "--file", file, "--rule", "mules", "--json");
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    assertThat(run.out()).isEqualTo(SECOND);
    assertThat(Command.run("alerts", "--dir", folder, "--rule", "none").out()).isEmpty();
  }

  @Test
  void aLineThatIsStillBeingWrittenIsLeftOut() throws IOException {
    write(FIRST + SECOND.substring(0, 20));
    Command run = Command.run("alerts", "--dir", folder, "--json");
    assertThat(run.status()).isEqualTo(Concordat.DONE);
    assertThat(run.out()).isEqualTo(FIRST);
  }

  @Test
  void linesThatAreNoAlertsFailButHideNoOther() throws IOException {
    write("torn {\n" + FIRST + "{}\n\n" + "x".repeat(AlertsCommand.LINE_BYTES_MAX + 1) + "\n");
    Command run = Command.run("alerts", "--dir", folder, "--json");
    assertThat(run.status()).isEqualTo(Concordat.FAILED);
    assertThat(run.out()).isEqualTo(FIRST);
    assertThat(run.err()).startsWith("3 lines of ");
  }

  @Test
  void theFileHasToBeThere() {
    Command run = Command.run("alerts", "--dir", folder);
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.err()).contains("CDT-101", "alerts.jsonl");
    assertThat(Command.run("alerts").status()).isEqualTo(Concordat.INVALID);
    assertThat(Command.run("alerts", "--dir", folder, "--file", folder).status())
        .isEqualTo(Concordat.INVALID);
  }

  @Test
  void followingShowsWhatIsAddedUntilItIsInterrupted() throws Exception {
    Path file = write(FIRST + SECOND.substring(0, 20));
    var text = new StringWriter();
    var out = new PrintWriter(text);
    String[] args = {"alerts", "--dir", folder.toString(), "--follow"};
    var done = new CompletableFuture<Integer>();
    Thread reader = Thread.ofPlatform().start(() -> done.complete(Concordat.run(out, out, args)));
    await().atMost(PATIENCE).until(() -> text.toString().contains("P1"));
    Files.writeString(file, SECOND.substring(20), StandardOpenOption.APPEND);
    await().atMost(PATIENCE).until(() -> text.toString().contains("P2"));
    assertThat(done).isNotDone();
    reader.interrupt();
    assertThat(done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Concordat.DONE);
  }
}
