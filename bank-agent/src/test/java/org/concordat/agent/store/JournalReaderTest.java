package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.record.RecordKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalReaderTest {
  @TempDir Path data;

  private static List<BlockPosition> positions(JournalReader reader) {
    var positions = new ArrayList<BlockPosition>();
    reader.blocks(block -> positions.add(block.position()));
    return positions;
  }

  @Test
  void readsWhileTheAgentWrites() {
    var first = new BlockPosition(0, 0);
    var second = new BlockPosition(0, 1);
    var other = new BlockPosition(1, 0);
    try (var store = TestStores.open(data)) {
      store.commit(TestStores.spool(new StoreGroup(), other, TestStores.row(3, 3)));
      store.commit(
          TestStores.spool(new StoreGroup(), first, TestStores.row(1, 1))
              .count(Tally.of(Tally.Outcome.ACCEPTED), 2));
      try (var reader = JournalReader.open(data, TestStores.box(1))) {
        assertThat(positions(reader)).containsExactly(first, other);
        store.commit(TestStores.spool(new StoreGroup(), second, TestStores.row(2, 2)));
        store.commit(new StoreGroup().scored(first, TestStores.CUT));
        reader.refresh();
        assertThat(positions(reader)).containsExactly(first, second, other);
        assertThat(reader.unscored()).extracting("position").containsExactly(second, other);
        assertThat(reader.tallies()).containsEntry(Tally.of(Tally.Outcome.ACCEPTED), 2L);
        JournalRow row = reader.block(second).orElseThrow().rows().getFirst();
        assertThat(row.transactionId()).isEqualTo(TestStores.row(2, 2).transactionId());
        assertThat(row.reference()).isEqualTo("reference-2");
        assertThat(row.acceptedMillis()).isEqualTo(2);
      }
    }
  }

  @Test
  void visitsBlocksInTheOrderInWhichTheirRowsWereAccepted() {
    try (var store = TestStores.open(data)) {
      var group = new StoreGroup();
      long[] orders = {30, 10, 20};
      for (int i = 0; i < orders.length; i++) {
        var position = new BlockPosition(i % 2, i / 2);
        var rows =
            new JournalBlock(
                position, RecordKind.LIVE, orders[i], 1, List.of(TestStores.row(i, i)));
        byte[] copy = {1};
        group.spool(new SpooledBlock(position, 1, 3, i, 1, 0, 0), List.of(copy, copy, copy), rows);
      }
      store.commit(group);
      var orderSeen = new ArrayList<Long>();
      try (var reader = JournalReader.open(data, TestStores.box(1))) {
        reader.blocks(block -> orderSeen.add(block.order()));
      }
      assertThat(orderSeen).containsExactly(10L, 20L, 30L);
    }
  }

  @Test
  void aCorrectionNamesItsFirstVersion() {
    var id = new Id(1, 2);
    var row =
        new JournalRow(
            new Id(3, 4).bytes(), id.bytes(), new Id(5, 6).bytes(), "", -60_001, 0, new long[0]);
    var block = new JournalBlock(new BlockPosition(0, 0), 9, List.of(row));
    var read = JournalBlock.decode(block.position(), block.encode());
    assertThat(read.contractVersion()).isEqualTo(9);
    assertThat(read.rows().getFirst().firstVersion()).contains(id.bytes());
    assertThat(read.rows().getFirst().eventMinute()).isEqualTo(-2);
    assertThat(read.toString() + read.rows().getFirst()).doesNotContain("60001");
  }
}
