package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What records get from earlier ones, in the columns of {@link LinkSpec#derived}. */
public final class LinkColumns {
  private final long[][][] shared;
  private final long[][] open;
  private final long[][][][] bits;
  private final List<Map<Integer, List<Found>>> members = new ArrayList<>();
  private final long firstPlace;
  private @Nullable HiddenRows hidden;

  /** A member of a path's slot; the slot is 0 where the path is a number. */
  private record Found(int slot, Member member) {}

  /**
   * @param firstPlace of its rows among all that were ever derived
   * @param paths whose members are named
   */
  LinkColumns(
      List<LinkSpec.Derived> derived, int components, int rows, long firstPlace, int paths) {
    this.firstPlace = firstPlace;
    for (int path = 0; path < paths; path++) {
      members.add(new HashMap<>());
    }
    this.shared = new long[components][derived.size()][];
    this.open = new long[derived.size()][];
    this.bits = new long[components][derived.size()][][];
    for (int column = 0; column < derived.size(); column++) {
      switch (derived.get(column)) {
        case LinkSpec.Shared unused -> {
          for (long[][] component : shared) {
            component[column] = new long[rows];
          }
        }
        case LinkSpec.Public unused -> open[column] = new long[rows];
        case LinkSpec.Carried carried -> {
          for (int c = 0; c < components; c++) {
            shared[c][column] = new long[rows];
            bits[c][column] =
                new long[carried.isOfBits() && components > 1 ? PaneRing.BANK_WORDS : 0][rows];
          }
          open[column] = new long[rows];
        }
      }
    }
  }

  /** Columns that are still to be computed, on shares. */
  LinkColumns of(HiddenRows rows) {
    hidden = rows;
    return this;
  }

  /** What has to be compared on shares before the columns hold anything; nothing where all is. */
  public Optional<HiddenRows> hidden() {
    return Optional.ofNullable(hidden);
  }

  /** A shared column's component, by row; not a copy. */
  public long[] shared(int component, int column) {
    return shared[component][column];
  }

  /** A public column's numbers, by row; not a copy. */
  public long[] open(int column) {
    return open[column];
  }

  /**
   * A column's component with what is public of the numbers added, by row: the component that
   * constants are added to, or the numbers themselves where values are plain. May be no copy.
   */
  public long[] whole(int component, int column) {
    if (open[column] == null) {
      return shared[component][column];
    }
    if (shared[component][column] == null) {
      return open[column];
    }
    long[] whole = shared[component][column].clone();
    for (int row = 0; row < whole.length; row++) {
      whole[row] += open[column][row];
    }
    return whole;
  }

  /**
   * Of a column whose carried part is still to be counted where values are shared: by word and row
   * a component, under exclusive or, of 64 bits each; not a copy. How many are set is to be added
   * to {@link #shared}.
   */
  public long[][] bits(int component, int column) {
    return bits[component][column];
  }

  /** Takes the members of a slot of a row's path. */
  MemberSink members(int path, int slot, int row) {
    return (words, at) ->
        members
            .get(path)
            .computeIfAbsent(row, r -> new ArrayList<>())
            .add(new Found(slot, Edges.member(words, at, shared.length)));
  }

  /** The place of the first row, among all that were ever derived. */
  public long firstPlace() {
    return firstPlace;
  }

  /**
   * The earlier records that make a row's path, ascending: their places, from 0, among all records
   * that were ever derived. Only of a state that names members.
   */
  public long[] membersOf(int path, int row) {
    return members.get(path).getOrDefault(row, List.of()).stream()
        .mapToLong(found -> found.member.place())
        .sorted()
        .distinct()
        .toArray();
  }

  /** Rows for which a path found any earlier record, ascending. */
  public int[] rowsWithMembers(int path) {
    return members.get(path).keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  /**
   * The same of some of its slots, earliest first, with what alerts them.
   *
   * @param slots which; a path that is a number has slot 0 alone
   */
  public List<Member> membersOf(int path, int row, IntPredicate slots) {
    return members.get(path).getOrDefault(row, List.of()).stream()
        .filter(found -> slots.test(found.slot))
        .map(Found::member)
        .sorted()
        .distinct()
        .toList();
  }

  @Override
  public String toString() {
    return "LinkColumns[columns=" + open.length + "]";
  }
}
