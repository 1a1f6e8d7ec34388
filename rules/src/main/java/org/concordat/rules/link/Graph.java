package org.concordat.rules.link;

import java.util.Arrays;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;

/**
 * Looks for earlier payments around a record from u to v, among those that accounts remember. An
 * earlier payment counts if it is in the path's time before the record; on a path the earlier hop
 * is committed before the later one and its minute is not later. What is found is the same for
 * everybody who has the same records in the same order: latest ones first, at most {@link
 * #STEPS_MAX} looked at.
 */
final class Graph {
  /** Payments looked at for one path and record. */
  static final int STEPS_MAX = 4_096;

  /** Takes the candidates of a cycle or chain. */
  interface Sink {
    /**
     * A candidate.
     *
     * @param length earlier payments in it, the latest at position 0
     */
    void found(int length, long[][] words, int[] at);
  }

  private final EntityTable table;
  private final RecordLayout layout;
  private final int edgesMax;
  private final int edgeWords;
  private final long[][] pathWords = new long[LinkSpec.HOPS_MAX][];
  private final int[] pathAt = new int[LinkSpec.HOPS_MAX];
  private final long[] pathAccounts = new long[LinkSpec.HOPS_MAX];
  private final long[] group;
  private final long[] near;
  private final long[] all;
  private int used;
  private int steps;
  private int left;

  Graph(EdgeSpec edges, EntityTable table, RecordLayout layout, int components) {
    this.table = table;
    this.layout = layout;
    this.edgesMax = edges.edgesMax();
    this.edgeWords = Edges.words(components);
    this.group = new long[edgesMax];
    this.near = new long[edgesMax + 1];
    this.all = new long[(edgesMax + 1) * edgesMax];
  }

  /** The largest number that a shape gives. */
  static long numberMax(int edgesMax) {
    return edgesMax;
  }

  /** Finds a path's candidates, as many as it has slots. */
  void candidates(PathSpec path, long u, long v, int minute, Sink sink) {
    if (u == v) {
      return;
    }
    steps = 0;
    left = path.slots();
    descend(path, u, v, u, 0, minute, minute - path.withinMinutes(), Long.MAX_VALUE, sink);
  }

  private void descend(
      PathSpec path,
      long u,
      long v,
      long account,
      int depth,
      int latestMinute,
      int from,
      long latestOrder,
      Sink sink) {
    int index = table.find(account);
    if (index < 0) {
      return;
    }
    long[] words = table.words(index);
    int start = table.offset(index) + layout.edges(true);
    int count = Edges.count(words, start, edgesMax);
    for (int i = 0; i < count && left > 0 && steps++ < STEPS_MAX; i++) {
      int at = Edges.at(words, start, edgesMax, edgeWords, i);
      int minute = Edges.minute(words, at);
      long order = Edges.order(words, at);
      long source = Edges.other(words, at);
      if (minute > latestMinute || minute < from || order >= latestOrder || source == u) {
        continue;
      }
      pathWords[depth] = words;
      pathAt[depth] = at;
      int hops = depth + 2;
      boolean closes = source == v;
      boolean complete =
          path.shape() == Shape.CYCLE
              ? closes && hops >= path.hopsMin()
              : !closes && hops == path.hopsMin() && !visited(source, depth);
      if (complete) {
        left--;
        sink.found(depth + 1, pathWords, pathAt);
      }
      if (!complete && !closes && hops < path.hopsMax() && !visited(source, depth)) {
        pathAccounts[depth] = source;
        descend(path, u, v, source, depth + 1, minute, from, order, sink);
      }
    }
  }

  private boolean visited(long account, int depth) {
    for (int i = 0; i < depth; i++) {
      if (pathAccounts[i] == account) {
        return true;
      }
    }
    return false;
  }

  /** A shape's number for a record from u to v; at most {@link #numberMax}. */
  long number(PathSpec path, long u, long v, int minute) {
    if (u == v) {
      return 0;
    }
    int from = minute - path.withinMinutes();
    long number =
        switch (path.shape()) {
          case SCATTER_GATHER -> intermediaries(u, v, from, minute);
          case BIPARTITE -> commonNeighbours(u, v, false, from, minute);
          case STACK ->
              Math.min(
                  commonNeighbours(u, v, false, from, minute),
                  commonNeighbours(u, u, true, from, minute));
          case CYCLE, CHAIN -> throw new IllegalArgumentException("a path has candidates");
        };
    return Math.min(number, numberMax(edgesMax));
  }

  /** The most accounts, u among them, that paid v after having been paid by one source. */
  private long intermediaries(long u, long v, int from, int minute) {
    used = 0;
    addGroup(neighbours(u, true, v, from, minute, Long.MAX_VALUE));
    int index = table.find(v);
    if (index >= 0) {
      long[] words = table.words(index);
      int start = table.offset(index) + layout.edges(true);
      int count = Edges.count(words, start, edgesMax);
      for (int i = 0; i < count; i++) {
        int at = Edges.at(words, start, edgesMax, edgeWords, i);
        long middle = Edges.other(words, at);
        int paid = Edges.minute(words, at);
        if (middle == u || paid < from || paid > minute || laterOne(words, start, i, middle)) {
          continue;
        }
        addGroup(neighbours(middle, true, v, from, paid, Edges.order(words, at)));
      }
    }
    Arrays.sort(all, 0, used);
    int longest = 0;
    int run = 0;
    for (int i = 0; i < used; i++) {
      run = i > 0 && all[i] == all[i - 1] ? run + 1 : 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /** Whether one of the payments later than the i-th has the same other account. */
  private boolean laterOne(long[] words, int start, int i, long other) {
    for (int later = 0; later < i; later++) {
      if (Edges.other(words, Edges.at(words, start, edgesMax, edgeWords, later)) == other) {
        return true;
      }
    }
    return false;
  }

  /**
   * Accounts other than u that have at least two neighbours of u in common with it: those that u
   * paid, and {@code also}; or, {@code incoming}, those that paid u.
   */
  private long commonNeighbours(long u, long also, boolean incoming, int from, int minute) {
    int own = neighbours(u, incoming, also, from, minute, Long.MAX_VALUE);
    System.arraycopy(group, 0, near, 0, own);
    int count = own;
    if (also != u) {
      near[count++] = also;
    }
    used = 0;
    for (int i = 0; i < count; i++) {
      addGroup(neighbours(near[i], !incoming, u, from, minute, Long.MAX_VALUE));
    }
    Arrays.sort(all, 0, used);
    long common = 0;
    for (int i = 1; i < used; i++) {
      boolean second = all[i] == all[i - 1] && (i == 1 || all[i - 2] != all[i]);
      common += second ? 1 : 0;
    }
    return common;
  }

  /**
   * Puts an account's different neighbours into {@code group}, sorted, and returns how many.
   *
   * @param but an account that is left out
   */
  private int neighbours(
      long account, boolean incoming, long but, int from, int minute, long before) {
    int index = table.find(account);
    if (index < 0) {
      return 0;
    }
    long[] words = table.words(index);
    int start = table.offset(index) + layout.edges(incoming);
    int count = Edges.count(words, start, edgesMax);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int at = Edges.at(words, start, edgesMax, edgeWords, i);
      int paid = Edges.minute(words, at);
      if (paid >= from
          && paid <= minute
          && Edges.order(words, at) < before
          && Edges.other(words, at) != but) {
        group[found++] = Edges.other(words, at);
      }
    }
    Arrays.sort(group, 0, found);
    int different = 0;
    for (int i = 0; i < found; i++) {
      if (i == 0 || group[i] != group[i - 1]) {
        group[different++] = group[i];
      }
    }
    return different;
  }

  private void addGroup(int count) {
    System.arraycopy(group, 0, all, used, count);
    used += count;
  }
}
