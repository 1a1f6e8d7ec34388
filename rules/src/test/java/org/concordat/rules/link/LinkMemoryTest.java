package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered after a restart gives later records what was derived before it gives them. */
class LinkMemoryTest {
  private static final int BATCH = 400;
  static final int BATCHES = 6;
  private static final int ACCOUNTS = 60;
  private static final int DAY = 20_000;
  private static final int MINUTES = 30 * LinkRows.DAY_MINUTES;

  @ParameterizedTest
  @ValueSource(strings = {"network", "typologies", "network-hidden"})
  void remembersWhatItDerived(String rules) {
    LinkSpec spec = RuleSet.load(Path.of("src/main/rulesets", rules)).plan().link().orElseThrow();
    var random = new SplittableRandom(Seeds.seed());
    LinkMemory before = LinkMemory.of(spec, 1, true, List.of());
    LinkMemory after = LinkMemory.of(spec, 1, true, List.of());
    for (int batch = 0; batch < BATCHES; batch++) {
      LinkRows rows = batch(spec, batch, random);
      before.derive(rows);
      before.commit();
      after.remember(rows);
    }
    LinkState.Counters counted = before.counters();
    assertThat(after.counters().entities()).isPositive().isEqualTo(counted.entities());
    assertThat(after.counters().late()).isEqualTo(counted.late());
    assertThat(after.counters().repeated()).isPositive().isEqualTo(counted.repeated());
    LinkRows next = batch(spec, BATCHES, random);
    List<String> wanted = seen(spec, before.derive(next));
    assertThat(wanted).anyMatch(number -> !number.endsWith(" 0"));
    assertThat(seen(spec, after.derive(next))).isEqualTo(wanted);
    assertThatThrownBy(() -> after.remember(next)).isInstanceOf(IllegalStateException.class);
  }

  /** What a batch gets, with the earlier records that paths name. */
  static List<String> seen(LinkSpec spec, LinkColumns columns) {
    List<String> all = new ArrayList<>();
    for (int column = 0; column < spec.derived().size(); column++) {
      String name = spec.derived().get(column).name();
      Arrays.stream(columns.whole(0, column)).forEach(number -> all.add(name + " " + number));
    }
    for (int path = 0; path < spec.paths().size(); path++) {
      for (int row = 0; row < BATCH; row++) {
        for (long place : columns.membersOf(path, row)) {
          all.add("member " + place);
        }
      }
    }
    return all;
  }

  /** A batch whose rows share few accounts, over a month with the other batches. */
  static LinkRows batch(LinkSpec spec, int batch, SplittableRandom random) {
    long[][] pseudonyms = new long[spec.entities().size()][BATCH];
    int[] banks = new int[BATCH];
    int[] minutes = new int[BATCH];
    long[] transactions = new long[BATCH];
    boolean[] counted = new boolean[BATCH];
    long[][][] values = new long[1][spec.values().size()][BATCH];
    for (int row = 0; row < BATCH; row++) {
      long number = (long) batch * BATCH + row;
      for (int entity = 0; entity < pseudonyms.length; entity++) {
        long one = entity == spec.paymentEntity() ? number : random.nextInt(ACCOUNTS);
        pseudonyms[entity][row] = one + ((long) entity / 2 << 32);
      }
      banks[row] = random.nextInt(8);
      minutes[row] =
          (int)
              (DAY * LinkRows.DAY_MINUTES
                  + number * MINUTES / (BATCH * (BATCHES + 1L))
                  - random.nextInt(60));
      transactions[row] = number - (random.nextInt(20) == 0 ? 5 : 0);
      counted[row] = random.nextInt(30) > 0;
      for (long[] value : values[0]) {
        value[row] = random.nextInt(1_000);
      }
    }
    return new LinkRows(pseudonyms, banks, minutes, transactions, counted, values);
  }
}
