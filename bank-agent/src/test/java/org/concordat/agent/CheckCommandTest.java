package org.concordat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {}

  private Outcome run(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Outcome check(String csv) throws IOException {
    AgentFolder.write(folder);
    Files.writeString(folder.resolve("sample.csv"), csv);
    return run(
        "--config",
        folder.resolve("agent.yaml").toString(),
        "--check",
        "--sample",
        folder.resolve("sample.csv").toString());
  }

  @Test
  void showsRowsAsFeaturesWithUnits() throws IOException {
    Outcome outcome = check("id,time,amount,count\nx,60,12.5,3\n");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out())
        .contains("sample.csv:2  x  2024-01-01T00:01:00Z")
        .containsPattern("amount +12\\.50 EUR")
        .containsPattern("count +3 items")
        .contains("1 rows: 1 would be shared, 0 are refused. Nothing was published.");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void namesEveryRefusedRow() throws IOException {
    Outcome outcome = check("id,time,amount,count\nx,60,12.5,3\ny,60,1\nz,60,1,99\n");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out())
        .contains("refused  sample.csv:3: CDT-303 ")
        .containsPattern("refused  sample.csv:4.*CDT-3")
        .contains("3 rows: 1 would be shared, 2 are refused.");
  }

  @Test
  void aMissingColumnIsNamed() throws IOException {
    Outcome outcome = check("id,time,betrag,count\nx,60,12.5,3\n");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("amount");
  }

  @Test
  void wrongArgumentsAreExplained() {
    Outcome outcome = run("--confg", "x", "--sample");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("'--confg' is not known", "--sample needs a file", "--config is missing");
  }
}
