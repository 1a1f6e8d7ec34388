package org.concordat.rules.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan that takes over from another one knows what that one remembered. */
class FollowingPlanTest {
  private static final int DAY = 20_000;
  private static final int MINUTE = DAY * 24 * 60 + 600;

  @TempDir private Path temp;

  private Plan plan(String name, int atLeast, String window) throws IOException {
    String contract =
        """
        format: 1
        contract: sets
        version: 1
        currency: EUR
        entitySalt: "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
        features:
          payer: {type: entity, kind: account}
        """;
    String rules =
        """
        format: 1
        ruleSet: sets
        version: 1
        contract: sets@1
        linkage: 64
        windows:
          often: {entity: payer, as: payer, window: %s, count: true}
        rules:
          - {rule: r, condition: {feature: often, atLeast: %d}}
        """
            .formatted(window, atLeast);
    Path folder = Files.createDirectory(temp.resolve(name));
    return RuleSet.load(Folders.write(folder, contract, rules)).plan();
  }

  /** Three payments of one account. */
  private static Oracle.Result batch(LinkedOracle oracle, long firstTransaction) {
    long[][] columns = new long[oracle.plan().layout().fields().size()][3];
    long[] transactions = {firstTransaction, firstTransaction + 1, firstTransaction + 2};
    int[] minutes = {MINUTE, MINUTE + 1, MINUTE + 2};
    return oracle.evaluate(columns, new int[3], minutes, transactions, DAY);
  }

  private static boolean[] flags(Oracle.Result result) {
    return new boolean[] {result.flagged(0, 0), result.flagged(0, 1), result.flagged(0, 2)};
  }

  @Test
  void whatTheFirstRememberedCountsForTheSecond() throws IOException {
    var oracle = new LinkedOracle(plan("first", 2, "1h"), 35);
    assertThat(flags(batch(oracle, 1))).containsExactly(false, false, true);
    oracle.follow(plan("second", 4, "1h"));
    assertThat(flags(batch(oracle, 4))).containsExactly(false, true, true);
  }

  @Test
  void anotherWindowCantFollow() throws IOException {
    var oracle = new LinkedOracle(plan("first", 2, "1h"), 35);
    Plan other = plan("other", 2, "2h");
    assertThatThrownBy(() -> oracle.follow(other)).isInstanceOf(IllegalArgumentException.class);
  }
}
