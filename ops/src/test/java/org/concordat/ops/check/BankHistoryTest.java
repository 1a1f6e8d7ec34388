package org.concordat.ops.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.concordat.agent.config.AgentConfig;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BankHistoryTest {
  private static final Path RULES =
      Path.of("").toAbsolutePath().getParent().resolve("rules/src/main/rulesets/bench");

  /** That a row of the contract has, each here of one value. */
  private static final int FEATURES = 32;

  @TempDir Path temp;

  private AgentConfig.Csv file(String name, String... rows) throws Exception {
    var text = new StringBuilder("id,time");
    for (String letter : List.of("n", "w", "c")) {
      for (int i = 1; i <= (letter.equals("n") ? 16 : 8); i++) {
        text.append(',').append(letter).append(i < 10 ? "0" : "").append(i);
      }
    }
    for (String row : rows) {
      String[] parts = row.split("=", 2);
      text.append('\n').append(parts[0]).append(",2026-11-01T10:00:00Z");
      text.append((',' + parts[1]).repeat(FEATURES));
    }
    Path path = Files.writeString(temp.resolve(name), text.append('\n'));
    var problems = new Problems();
    Document document = Document.read(RULES.resolve("mapping.yaml"), problems);
    return new AgentConfig.Csv(path, false, 0, SourceMapping.read(document));
  }

  private static long take(BankHistory history, String reference) {
    return Objects.requireNonNull(history.take(reference)).fields()[0];
  }

  @Test
  void givesRowsInAnyOrderAndVersionsInTheirs() throws Exception {
    var files = List.of(file("a.csv", "a=1", "b=2", "a=3", "c=4"), file("b.csv", "b=5", "d=6"));
    try (var history = new BankHistory(RuleSet.load(RULES), files)) {
      assertThat(take(history, "c")).isEqualTo(4);
      assertThat(take(history, "a")).isEqualTo(1);
      assertThat(take(history, "a")).isEqualTo(3);
      assertThat(take(history, "b")).isEqualTo(2);
      assertThat(take(history, "b")).isEqualTo(5);
      assertThat(history.take("b")).isNull();
      assertThat(take(history, "d")).isEqualTo(6);
      assertThat(history.take("d")).isNull();
      assertThat(history.left(0)).isEqualTo(new BankHistory.Left(0, 0));
      assertThat(history.rows()).isEqualTo(6);
    }
  }

  @Test
  void countsWhatNobodyTookAndWhatCannotBeEncoded() throws Exception {
    var files = List.of(file("a.csv"), file("b.csv", "a=1", "b=wrong", "c=3", "d=wrong"));
    try (var history = new BankHistory(RuleSet.load(RULES), files)) {
      assertThat(take(history, "c")).isEqualTo(3);
      assertThat(history.take("b")).isNull();
      assertThat(history.left(1)).isEqualTo(new BankHistory.Left(0, 1));
      assertThat(history.rows()).isEqualTo(4);
    }
  }

  @Test
  void tellsRepeatsFromRowsThatAreLost() throws Exception {
    // Of what nobody takes: a second a=1, the only a=2, and two of b=5, one of which is no repeat.
    var files = List.of(file("a.csv", "a=1", "a=1", "a=2", "b=5"), file("b.csv", "b=5", "c=6"));
    try (var history = new BankHistory(RuleSet.load(RULES), files)) {
      assertThat(take(history, "a")).isEqualTo(1);
      assertThat(take(history, "c")).isEqualTo(6);
      assertThat(history.left(4)).isEqualTo(new BankHistory.Left(2, 2));
      assertThat(history.rows()).isEqualTo(6);
    }
  }

  @Test
  void callsNoMoreRowsRepeatsThanTheAgentDoes() throws Exception {
    var files = List.of(file("a.csv", "a=1", "a=1", "a=1", "a=1"));
    try (var history = new BankHistory(RuleSet.load(RULES), files)) {
      assertThat(take(history, "a")).isEqualTo(1);
      assertThat(history.left(2)).isEqualTo(new BankHistory.Left(2, 1));
    }
  }
}
