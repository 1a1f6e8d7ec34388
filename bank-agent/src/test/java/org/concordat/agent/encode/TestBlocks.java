package org.concordat.agent.encode;

import java.util.List;
import org.concordat.agent.store.JournalRow;

/** Blocks that a spooler has sealed, for tests of other packages. */
public final class TestBlocks {
  private TestBlocks() {}

  /** Seals rows as the next block of a partition. */
  public static void spool(Spooler spooler, int partition, JournalRow... rows)
      throws InterruptedException {
    var unit = new Unit(partition, 0);
    unit.rows.addAll(List.of(rows));
    spooler.commit(List.of(unit));
  }
}
