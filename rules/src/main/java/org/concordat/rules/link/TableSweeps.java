package org.concordat.rules.link;

import java.util.List;
import java.util.function.Consumer;

/** The tables of a {@link LinkState}, one after the other; the rest is written as it begins. */
final class TableSweeps implements LinkSweep {
  /** Sections of pages; tables follow. */
  static final int SCALARS = 0;

  static final int RECENT = 1;
  static final int TABLES = 2;

  private final List<EntityTable> tables;
  private int table;

  TableSweeps(List<EntityTable> tables, Consumer<long[]> pages) {
    this.tables = tables;
    for (int i = 0; i < tables.size(); i++) {
      tables.get(i).sweep(TABLES + i, pages);
    }
  }

  @Override
  public boolean on(int records) {
    int left = records;
    while (table < tables.size()) {
      left = tables.get(table).sweepOn(left);
      if (left < 0) {
        return false;
      }
      table++;
    }
    return true;
  }

  @Override
  public void giveUp() {
    tables.forEach(EntityTable::endSweep);
  }
}
