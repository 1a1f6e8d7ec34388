package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.concordat.rules.RuleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What an aggregator holds of {@code concordat.size.entities} active entities under a shipped pack,
 * {@code concordat.size.rules}, as a heap measures it. Gigabytes: it runs where that is set.
 */
@EnabledIfSystemProperty(named = "concordat.size.entities", matches = "\\d+")
class LinkStateSizeTest {
  private static final int BATCH = 4_096;
  private static final int DAY = 20_000;
  private static final int FEW = 1_000;

  private final LinkSpec spec =
      RuleSet.load(
              Path.of("src/main/rulesets", System.getProperty("concordat.size.rules", "network")))
          .plan()
          .link()
          .orElseThrow();

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void entitiesFitIntoTheHeap() {
    int wanted = Integer.getInteger("concordat.size.entities");
    assertThat(wanted).isLessThanOrEqualTo(spec.entitiesMax());
    long before = used();
    var state = new LinkState(spec, 2, true, List.of());
    long start = System.nanoTime();
    long rows = 0;
    while (state.counters().entities() < wanted) {
      state.derive(batch(wanted, rows));
      state.commit();
      rows += BATCH;
    }
    long nanos = System.nanoTime() - start;
    long bytes = used() - before;
    System.out.printf(
        "%d windows, %d paths: %d entities of %d payments, %d MiB of heap, %d bytes an entity (%d"
            + " by count); %d payments/s, %s%n",
        spec.tracks().size(),
        spec.paths().size(),
        state.counters().entities(),
        rows,
        bytes >> 20,
        bytes / state.counters().entities(),
        spec.bytesPerEntity(2, true),
        rows * TimeUnit.SECONDS.toNanos(1) / nanos,
        Duration.ofNanos(nanos));
    assertThat(state.counters().entities()).isEqualTo(wanted);
    assertThat(bytes / state.counters().entities()).isLessThan((8L << 30) / 1_000_000);
  }

  private LinkRows batch(int wanted, long from) {
    long[][] pseudonyms = new long[spec.entities().size()][BATCH];
    int[] banks = new int[BATCH];
    int[] minutes = new int[BATCH];
    long[] transactions = new long[BATCH];
    boolean[] counted = new boolean[BATCH];
    long[][][] values = new long[2][spec.values().size()][BATCH];
    for (int row = 0; row < BATCH; row++) {
      long number = from + row;
      for (int entity = 0; entity < pseudonyms.length; entity++) {
        // Accounts are what most is remembered of: every payment has a new one, and few cards.
        long one = entity == 0 ? number : random.nextLong(entity == 1 ? wanted : FEW);
        pseudonyms[entity][row] = (one + 1) * 0xD1342543DE82EF95L + entity / 2;
      }
      banks[row] = random.nextInt(8);
      minutes[row] =
          (int) (DAY * LinkRows.DAY_MINUTES + number * LinkRows.DAY_MINUTES / (1L + wanted));
      transactions[row] = number * 0x9E3779B97F4A7C15L;
      counted[row] = true;
      for (long[][] component : values) {
        for (long[] value : component) {
          value[row] = random.nextLong();
        }
      }
    }
    return new LinkRows(pseudonyms, banks, minutes, transactions, counted, values);
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
