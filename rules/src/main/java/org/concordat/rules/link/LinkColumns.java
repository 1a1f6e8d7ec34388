package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** What records get from earlier ones, in the columns of {@link LinkSpec#derived}. */
public final class LinkColumns {
  private final long[][][] shared;
  private final long[][] open;
  private final List<Map<Integer, List<Long>>> members = new ArrayList<>();

  /**
   * @param paths whose members are named
   */
  LinkColumns(List<LinkSpec.Derived> derived, int components, int rows, int paths) {
    for (int path = 0; path < paths; path++) {
      members.add(new HashMap<>());
    }
    this.shared = new long[components][derived.size()][];
    this.open = new long[derived.size()][];
    for (int column = 0; column < derived.size(); column++) {
      switch (derived.get(column)) {
        case LinkSpec.Shared unused -> {
          for (long[][] component : shared) {
            component[column] = new long[rows];
          }
        }
        case LinkSpec.Public unused -> open[column] = new long[rows];
      }
    }
  }

  /** A shared column's component, by row; not a copy. */
  public long[] shared(int component, int column) {
    return shared[component][column];
  }

  /** A public column's numbers, by row; not a copy. */
  public long[] open(int column) {
    return open[column];
  }

  /** Takes the members of a row's path. */
  LongConsumer members(int path, int row) {
    return member -> members.get(path).computeIfAbsent(row, r -> new ArrayList<>()).add(member);
  }

  /**
   * The earlier records that make a row's path, ascending: their places, from 0, among all records
   * that were ever derived. Only of a state that names members.
   */
  public long[] membersOf(int path, int row) {
    return members.get(path).getOrDefault(row, List.of()).stream()
        .mapToLong(Long::longValue)
        .sorted()
        .distinct()
        .toArray();
  }

  @Override
  public String toString() {
    return "LinkColumns[columns=" + open.length + "]";
  }
}
