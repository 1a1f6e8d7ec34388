package org.concordat.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.StoreLimits;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreRoomTest {
  @TempDir private Path data;

  private AgentStore open(long spoolBytesMax, long diskBytesMax) {
    StoreLimits limits = TestStores.limits(spoolBytesMax, diskBytesMax);
    return AgentStore.open(data, TestStores.box(1), limits, 3);
  }

  @Test
  void theAgentIsNotReadyAsTheSpoolNearsItsEnd() {
    try (var store = open(1_000, 1L << 30)) {
      var room = new StoreRoom(store, () -> "brokers");
      int blocks = 0;
      while (store.spoolBytes() < 900) {
        assertThat(room.isNearlyFull()).as("%d bytes", store.spoolBytes()).isFalse();
        assertThat(room.reasons()).isEmpty();
        var position = new BlockPosition(0, blocks);
        store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(blocks, 0)));
        blocks++;
      }
      assertThat(store.spoolBytes()).as("beyond nine tenths").isLessThan(1_100);
      assertThat(room.isNearlyFull()).isTrue();
      assertThat(room.reasons())
          .containsExactly(
              new Readiness.Reason(Code.CDT_355, "The spool is nearly full.", "brokers"));
      store.commit(new StoreGroup().scored(new BlockPosition(0, blocks - 1), TestStores.CUT));
      assertThat(room.isNearlyFull()).isFalse();
      assertThat(room.reasons()).isEmpty();
    }
  }

  @Test
  void theAgentIsNotReadyAsTheSpoolNearsItsMostBlocks() {
    try (var store = AgentStore.open(data, TestStores.box(1), TestStores.limitsOfBlocks(10), 3)) {
      var room = new StoreRoom(store, () -> "brokers");
      for (int blocks = 0; blocks < 9; blocks++) {
        assertThat(room.isNearlyFull()).as("%d blocks", blocks).isFalse();
        assertThat(room.reasons()).isEmpty();
        var position = new BlockPosition(0, blocks);
        store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(blocks, 0)));
      }
      assertThat(room.isNearlyFull()).isTrue();
      assertThat(room.reasons())
          .containsExactly(
              new Readiness.Reason(
                  Code.CDT_396,
                  "The spool nearly has as many blocks as the heap has room for.",
                  "brokers"));
      store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
      assertThat(room.isNearlyFull()).isFalse();
      assertThat(room.reasons()).isEmpty();
    }
  }

  @Test
  void theAgentIsNotReadyAsTheDisksBoundNears() {
    long bound = 8L << 20;
    try (var store = open(1L << 30, bound)) {
      var room = new StoreRoom(store, () -> "cuts");
      TestStores.fill(store, 1, bound / 2);
      assertThat(room.isNearlyFull()).isFalse();
      assertThat(room.reasons()).isEmpty();
      TestStores.fill(store, 1, bound * 9 / 10 + 1);
      assertThat(room.isNearlyFull()).isTrue();
      assertThat(room.reasons()).extracting(Readiness.Reason::code).containsExactly(Code.CDT_395);
    }
  }
}
