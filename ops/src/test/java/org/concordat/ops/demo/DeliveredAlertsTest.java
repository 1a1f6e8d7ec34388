package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveredAlertsTest {
  private static final String ALERT =
      """
      {"bank":"bank-a","reference":"P%d","rule":"%s","ruleTitle":"Large","score":"2.98765",\
      "threshold":"2.5","reasons":[{"code":"r1","text":"amount is large"}]}
      """;

  @TempDir private Path folder;

  private void write(String text) throws Exception {
    Path file = Files.createDirectories(folder.resolve("bank-a")).resolve("alerts.jsonl");
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void keepsTheNewestAndTheFirstOfEachRule() throws Exception {
    var alerts = new DeliveredAlerts(folder);
    List<String> banks = List.of("bank-a", "bank-b");
    alerts.read(banks);
    assertThat(alerts.latest()).isEmpty();
    for (int i = 0; i < 7; i++) {
      write(ALERT.formatted(i, i == 6 ? "other" : "large"));
    }
    alerts.read(banks);
    assertThat(alerts.latest()).hasSize(DeliveredAlerts.LATEST).first().asString().contains(" P2 ");
    assertThat(alerts.latest().getLast())
        .contains("bank-a", "P6", "Large: score 2.987, threshold 2.5; amount is large");
    assertThat(alerts.oneOfEachRule()).hasSize(2).first().asString().contains(" P0 ");
  }

  @Test
  void aLineThatIsStillBeingWrittenIsReadLater() throws Exception {
    var alerts = new DeliveredAlerts(folder);
    String line = ALERT.formatted(1, "large");
    write(line + line.substring(0, 20));
    alerts.read(List.of("bank-a"));
    assertThat(alerts.latest()).hasSize(1);
    write(line.substring(20));
    alerts.read(List.of("bank-a"));
    alerts.read(List.of("bank-a"));
    assertThat(alerts.latest()).hasSize(2);
  }
}
