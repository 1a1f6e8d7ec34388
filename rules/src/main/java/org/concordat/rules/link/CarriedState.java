package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.List;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.jspecify.annotations.Nullable;

/** What an epoch was handed by the one before, and what it hands on. */
final class CarriedState {
  private final LinkSpec spec;
  private final int components;
  private final EntityStore[] storeOf;

  /** By entity field; null where nothing was handed. */
  private final @Nullable CarriedTable[] tableOf;

  /** Those of which anything is carried. */
  private final List<EntityStore> stores;

  /**
   * @param storeOf by entity field
   * @param all the same, each once
   * @param tables of those stores of which anything is carried; empty for none
   */
  CarriedState(
      LinkSpec spec,
      int components,
      EntityStore[] storeOf,
      List<EntityStore> all,
      List<CarriedTable> tables) {
    this.spec = spec;
    this.components = components;
    this.storeOf = storeOf;
    this.stores = all.stream().filter(store -> store.carried().words() > 0).toList();
    if (!tables.isEmpty() && tables.size() != stores.size()) {
      throw new IllegalArgumentException("tables of another rule set");
    }
    this.tableOf = new CarriedTable[storeOf.length];
    for (int entity = 0; entity < storeOf.length && !tables.isEmpty(); entity++) {
      int at = stores.indexOf(storeOf[entity]);
      tableOf[entity] = at < 0 ? null : tables.get(at);
    }
  }

  /** See {@link LinkState#carry}. */
  List<CarriedRows> carry(int newestMinute, int publicAt) {
    List<CarriedRows> rows = new ArrayList<>();
    for (EntityStore store : stores) {
      CarriedTable before = tableOf[List.of(storeOf).indexOf(store)];
      rows.add(CarriedRows.of(store, before, components, newestMinute, publicAt));
    }
    return rows;
  }

  /**
   * Adds what was handed of a number to a row's.
   *
   * @param index of the entity's record of this epoch; negative for none
   */
  void read(Measure measure, int column, int index, LinkRows rows, int row, LinkColumns columns) {
    CarriedTable table = tableOf[measure.entity()];
    if (table == null || !spec.carries(measure)) {
      return;
    }
    int at = table.find(rows.pseudonym(measure.entity(), row));
    if (at < 0) {
      return;
    }
    EntityStore store = storeOf[measure.entity()];
    PaneRing own = store.layout().ring(measure.track());
    int newest =
        index < 0
            ? PaneRing.NO_PANE
            : own.newestPane(store.table().words(index), store.table().offset(index));
    CarriedRing ring = store.carried().ring(measure.track());
    if (measure.kind() == Kind.BANKS) {
      readBanks(ring, own, table, at, store, column, index, rows, row, columns);
      return;
    }
    long open = measure.kind() == Kind.SUM ? 0 : columns.open(column)[row];
    for (int c = 0; c < components; c++) {
      columns.shared(c, column)[row] +=
          ring.read(measure, table, at, c, rows.minute(row), newest, open);
    }
  }

  /** Banks that the epoch's own records don't show: counted where they are plain. */
  private void readBanks(
      CarriedRing ring,
      PaneRing own,
      CarriedTable table,
      int at,
      EntityStore store,
      int column,
      int index,
      LinkRows rows,
      int row,
      LinkColumns columns) {
    int minute = rows.minute(row);
    long[] words = index < 0 ? new long[0] : store.table().words(index);
    int base = index < 0 ? 0 : store.table().offset(index);
    int newest = index < 0 ? PaneRing.NO_PANE : own.newestPane(words, base);
    for (int word = 0; word < PaneRing.BANK_WORDS; word++) {
      long known = index < 0 ? 0 : own.seenBanks(words, base, minute, word);
      for (int c = 0; c < components; c++) {
        long more = ring.readBanks(table, at, c, minute, newest, word) & ~known;
        if (components == 1) {
          columns.shared(c, column)[row] += Long.bitCount(more);
        } else {
          columns.bits(c, column)[word][row] = more;
        }
      }
    }
  }

  /** The highest number of a bank that was handed, plus one. */
  int banks() {
    int banks = 0;
    for (CarriedTable table : tableOf) {
      banks = Math.max(banks, table == null ? 0 : table.banks());
    }
    return banks;
  }
}
