package org.concordat.rules.link;

import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;

/**
 * Paths of earlier payments that end where a record from u to v begins: each hop is committed
 * before the next and its minute is not later, all within the path's time; no account twice. Looks
 * at latest payments first and at {@link #STEPS_MAX} at most.
 */
final class PathSearch {
  /** Payments looked at for one path and record. */
  static final int STEPS_MAX = 4_096;

  /** Takes the candidates of a cycle or chain. */
  interface Sink {
    /**
     * A candidate.
     *
     * @param length earlier payments in it, the latest at position 0
     * @param words that hold each
     * @param at where in them
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
  private final long[][] longestWords = new long[LinkSpec.HOPS_MAX][];
  private final int[] longestAt = new int[LinkSpec.HOPS_MAX];
  private int longestLength;
  private int steps;
  private int left;

  PathSearch(EntityTable table, RecordLayout layout, int edgesMax, int edgeWords) {
    this.table = table;
    this.layout = layout;
    this.edgesMax = edgesMax;
    this.edgeWords = edgeWords;
  }

  /** Before a record for which nothing may be searched. */
  void reset() {
    steps = 0;
  }

  /** Whether the last search ended at the most payments that are looked at. */
  boolean isCutShort() {
    return steps > STEPS_MAX;
  }

  /** Finds a path's candidates, as many as it has slots. */
  void candidates(PathSpec path, long u, long v, int minute, Sink sink) {
    steps = 0;
    left = path.slots();
    if (u != v) {
      descend(path, u, v, u, 0, minute, minute - path.withinMinutes(), Long.MAX_VALUE, sink);
    }
  }

  /** Payments of the longest cycle, the first found of those; the record's own counted. */
  long longestCycle(PathSpec path, long u, long v, int minute, MemberSink members) {
    steps = 0;
    left = Integer.MAX_VALUE;
    longestLength = 0;
    descend(
        path,
        u,
        v,
        u,
        0,
        minute,
        minute - path.withinMinutes(),
        Long.MAX_VALUE,
        (length, words, at) -> {
          if (length > longestLength) {
            longestLength = length;
            System.arraycopy(words, 0, longestWords, 0, length);
            System.arraycopy(at, 0, longestAt, 0, length);
          }
        });
    for (int hop = 0; hop < longestLength; hop++) {
      members.take(longestWords[hop], longestAt[hop]);
    }
    return longestLength == 0 ? 0 : longestLength + 1L;
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
      if (minute > latestMinute
          || minute < from
          || order >= latestOrder
          || source == u
          || visited(source, depth)) {
        continue;
      }
      pathWords[depth] = words;
      pathAt[depth] = at;
      int hops = depth + 2;
      boolean closes = source == v;
      boolean complete =
          path.shape() == Shape.CHAIN
              ? !closes && hops == path.hopsMin()
              : closes && hops >= path.hopsMin();
      if (complete) {
        left--;
        sink.found(depth + 1, pathWords, pathAt);
      } else if (!closes && hops < path.hopsMax()) {
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
}
