package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeskStoreTest {
  /** Beyond one byte, two and four of them, and the last one there is. */
  private static final long[] NUMBERS = {0, 1, 255, 256, 65_536, 1L << 32, Long.MAX_VALUE};

  @TempDir private Path data;

  private static void put(DeskStore desk, DeskTable table, long number) {
    desk.commit(new DeskChange().put(table, DeskStore.numberKey(number), new byte[] {1}));
  }

  @Test
  void theLastNumberIsTheHighest() {
    try (AgentStore store = TestStores.open(data)) {
      DeskStore desk = store.desk();
      for (long number : NUMBERS) {
        put(desk, DeskTable.AUDIT, number);
        assertThat(desk.lastNumber(DeskTable.AUDIT)).isEqualTo(number);
      }
      for (int i = NUMBERS.length - 1; i > 0; i--) {
        byte[] last = DeskStore.numberKey(NUMBERS[i]);
        desk.commit(new DeskChange().remove(DeskTable.AUDIT, last));
        assertThat(desk.lastNumber(DeskTable.AUDIT)).isEqualTo(NUMBERS[i - 1]);
      }
    }
    try (AgentStore store = TestStores.open(data)) {
      assertThat(store.desk().lastNumber(DeskTable.AUDIT)).isZero();
    }
  }

  @Test
  void theLastNumberIsOfItsOwnTable() {
    try (AgentStore store = TestStores.open(data)) {
      DeskStore desk = store.desk();
      assertThat(desk.lastNumber(DeskTable.AUDIT)).as("nothing at all").isEqualTo(-1);
      put(desk, DeskTable.OUTBOX, 7);
      assertThat(desk.lastNumber(DeskTable.AUDIT)).as("a later table").isEqualTo(-1);
      put(desk, DeskTable.COUNT, 9);
      assertThat(desk.lastNumber(DeskTable.AUDIT)).as("an earlier table").isEqualTo(-1);
      put(desk, DeskTable.AUDIT, 3);
      assertThat(desk.lastNumber(DeskTable.AUDIT)).isEqualTo(3);
      assertThat(desk.lastNumber(DeskTable.OUTBOX)).isEqualTo(7);
    }
  }
}
