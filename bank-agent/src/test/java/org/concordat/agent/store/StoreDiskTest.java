package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoreDiskTest {
  private static final long MORE_THAN_THE_AGE = Duration.ofDays(40).toMillis();
  private static final long BOUND = 4L << 20;

  @TempDir private Path data;

  private AgentStore open(long diskBytesMax) {
    return AgentStore.open(data, TestStores.box(1), TestStores.limits(1L << 30, diskBytesMax), 3);
  }

  private long found() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("store"))) {
      long bytes = 0;
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  /** What was in logs alone, before it is written to tables. */
  private List<Path> logs() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("store"))) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private static void expire(AgentStore store) {
    int most = 16;
    int gone;
    do {
      gone = store.expire(MORE_THAN_THE_AGE, most);
    } while (gone == most);
  }

  @Test
  void itIsWhatAllFilesTakeTogether() throws IOException {
    try (var store = open(BOUND)) {
      long before = store.diskBytes();
      assertThat(before).isPositive();
      TestStores.fill(store, 1, before + (2L << 20));
      assertThat(store.diskBytes()).isCloseTo(found(), Percentage.withPercentage(2));
      assertThat(found()).isGreaterThan(before + (1L << 20));
    }
  }

  @Test
  void whatIsPastItsAgeLeavesTheDiskNearTheBound() throws InterruptedException {
    try (var store = open(BOUND)) {
      TestStores.fill(store, 1, BOUND);
      expire(store);
      assertThat(store.diskBytes()).as("removed, and still there").isGreaterThanOrEqualTo(BOUND);
      store.reclaim();
      while (store.diskBytes() >= BOUND / 2) {
        Thread.sleep(10);
      }
    }
  }

  @Test
  void whatIsKeptStaysWhenTheRestLeaves() {
    try (var store = open(BOUND)) {
      var kept = new BlockPosition(0, 0);
      var row = TestStores.row(7, MORE_THAN_THE_AGE);
      store.commit(TestStores.spool(new StoreGroup(), kept, row));
      TestStores.fill(store, 1, BOUND);
      expire(store);
      store.reclaim();
      assertThat(store.copy(kept, 2)).isPresent();
      assertThat(store.row(row.transactionId())).isPresent();
    }
    try (var store = open(BOUND)) {
      assertThat(store.unscored()).extracting("position").containsExactly(new BlockPosition(0, 0));
    }
  }

  @Test
  void anAgentThatStopsReclaimsNoMoreAndGoesOnWriting() throws IOException {
    try (var store = open(BOUND)) {
      TestStores.fill(store, 1, BOUND);
      expire(store);
      List<Path> before = logs();
      store.stopReclaiming();
      store.reclaim();
      assertThat(logs()).as("not even what is in memory is written").isEqualTo(before);
      assertThat(store.nextSession()).isEqualTo(1);
    }
  }
}
