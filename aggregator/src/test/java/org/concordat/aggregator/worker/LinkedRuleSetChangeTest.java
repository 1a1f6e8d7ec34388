package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of entities goes on when another rule set of the same links scores. */
class LinkedRuleSetChangeTest {
  private static final Path RULES = Path.of("src/test/resources/rulesets/linked");
  private static final int DAY = 20_000;
  private static final int ROWS = 64;
  private static final int BATCHES = 12;

  @TempDir private Path temp;

  private static Plan changed(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(RULES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path rules = folder.resolve("rules.yaml");
    Files.writeString(
        rules,
        Files.readString(rules)
            .replace("version: 1", "version: 2")
            .replace("{feature: payer_in_24h, atLeast: 500.00}", "{feature: amount, above: 1.00}")
            .replace("{feature: payee_in_7d, atLeast: 15}", "{feature: payee_in_7d, atLeast: 8}")
            .replace("membersMax: 1", "membersMax: 3"));
    return RuleSet.load(folder).plan();
  }

  @Test
  void alertsAreTheOraclesBeforeAndAfterAChange() throws IOException {
    Plan first = RuleSet.load(RULES).plan();
    Plan second = changed(temp);
    assertThat(second.link()).isEqualTo(first.link());
    long seed = Seeds.seed();
    var circuits = LinkedParties.Circuits.of(first);
    var parties = new LinkedParties(circuits, seed, (from, to, step, words) -> words);
    var unchanged = new LinkedParties(circuits, seed, (from, to, step, words) -> words);
    List<LinkedParties.Payment> payments = LinkedParties.payments(seed, BATCHES * ROWS, DAY);
    List<Integer> differing = new ArrayList<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      if (batch == BATCHES / 2) {
        parties.follow(second);
      }
      if (batch == BATCHES / 2 + 2) {
        parties.restart(1);
      }
      var cut = LinkedParties.cut(batch, 0, DAY);
      List<LinkedParties.Payment> rows = payments.subList(batch * ROWS, (batch + 1) * ROWS);
      LinkedParties.Computed computed = parties.compute(cut, rows);
      LinkedParties.Expected expected = parties.expected(cut, rows);
      assertThat(computed.flags()).as("batch %d, seed %d", batch, seed).isEqualTo(expected.flags());
      assertThat(computed.members())
          .as("batch %d, seed %d", batch, seed)
          .isEqualTo(expected.members());
      parties.commit(computed);
      if (!unchanged.expected(cut, rows).flags().equals(computed.flags())) {
        differing.add(batch);
      }
    }
    assertThat(differing).as("the change shows, from its cut on").isNotEmpty();
    assertThat(differing.getFirst()).isGreaterThanOrEqualTo(BATCHES / 2);
  }
}
