package org.concordat.rules.link;

import java.util.function.LongConsumer;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.PathSpec;

/**
 * Numbers of earlier payments around a record from u to v, among those that accounts remember. An
 * earlier payment counts if it is in the path's time before the record. What is found is the same
 * for everybody who has the same records in the same order.
 *
 * <p>Each number can name its members: the earlier payments that make it, by their place in commit
 * order.
 */
final class Graph {
  private final PathSearch search;
  private final Near sources;
  private final Near payers;
  private final Near inner;
  private final int edgesMax;

  Graph(EdgeSpec edges, EntityTable table, RecordLayout layout, int components) {
    this.edgesMax = edges.edgesMax();
    int edgeWords = Edges.words(components);
    this.search = new PathSearch(table, layout, edgesMax, edgeWords);
    this.sources = new Near(table, layout, edgesMax, edgeWords);
    this.payers = new Near(table, layout, edgesMax, edgeWords);
    this.inner = new Near(table, layout, edgesMax, edgeWords);
  }

  PathSearch search() {
    return search;
  }

  /** The largest number that a path gives. */
  static long numberMax(PathSpec path, EdgeSpec edges) {
    return switch (path.shape()) {
      case CYCLE_LENGTH -> path.hopsMax();
      case DIAMONDS -> (long) edges.edgesMax() * edges.edgesMax();
      case CYCLE, CHAIN, SCATTER_GATHER, BIPARTITE, STACK -> edges.edgesMax();
    };
  }

  /**
   * A path's number for a record from u to v.
   *
   * @param members takes the places of the payments that make it, some perhaps more than once
   */
  long number(PathSpec path, long u, long v, int minute, LongConsumer members) {
    if (u == v) {
      return 0;
    }
    int from = minute - path.withinMinutes();
    return switch (path.shape()) {
      case CYCLE_LENGTH -> search.longestCycle(path, u, v, minute, members);
      case SCATTER_GATHER -> scatterGather(u, v, from, minute, members);
      case DIAMONDS -> diamonds(u, v, from, minute, members);
      case BIPARTITE -> bipartite(u, v, from, minute, members);
      case STACK -> stack(u, v, from, minute, members);
      case CYCLE, CHAIN -> throw new IllegalArgumentException("a path has candidates");
    };
  }

  private void loadSourcesAndPayers(long u, long v, int from, int minute) {
    sources.load(u, true, from, minute, true);
    payers.load(v, true, from, minute, true);
  }

  private long scatterGather(long u, long v, int from, int minute, LongConsumer members) {
    loadSourcesAndPayers(u, v, from, minute);
    int most = 0;
    int[] through = new int[sources.count()];
    for (int s = 0; s < through.length; s++) {
      through[s] = throughOthers(s, u, v, from, unused -> {});
      most = Math.max(most, through[s]);
    }
    if (most == 0) {
      return 0;
    }
    for (int s = 0; s < through.length; s++) {
      if (through[s] == most) {
        members.accept(sources.order(s));
        throughOthers(s, u, v, from, members);
      }
    }
    return Math.min(edgesMax, most + 1L);
  }

  private long diamonds(long u, long v, int from, int minute, LongConsumer members) {
    loadSourcesAndPayers(u, v, from, minute);
    long sum = 0;
    for (int s = 0; s < sources.count(); s++) {
      int through = throughOthers(s, u, v, from, members);
      if (through > 0) {
        members.accept(sources.order(s));
      }
      sum += through;
    }
    return sum;
  }

  /** Payers m of v, u aside, that the s-th source of u had paid before they paid v. */
  private int throughOthers(int s, long u, long v, int from, LongConsumer members) {
    if (sources.other(s) == v) {
      return 0;
    }
    int count = 0;
    for (int m = 0; m < payers.count(); m++) {
      if (payers.other(m) == u) {
        continue;
      }
      inner.load(payers.other(m), true, from, payers.minute(m), false);
      int fed = fed(s, v, m);
      if (fed >= 0) {
        members.accept(inner.order(fed));
        members.accept(payers.order(m));
        count++;
      }
    }
    return count;
  }

  private long bipartite(long u, long v, int from, int minute, LongConsumer members) {
    sources.load(u, false, from, minute, true);
    payers.load(v, true, from, minute, true);
    long count = 0;
    for (int p = 0; p < payers.count(); p++) {
      if (payers.other(p) == u) {
        continue;
      }
      inner.load(payers.other(p), false, from, minute, true);
      boolean common = false;
      for (int i = 0; i < sources.count(); i++) {
        int shared = inner.indexOf(sources.other(i), Integer.MAX_VALUE, Long.MAX_VALUE);
        if (sources.other(i) != v && shared >= 0) {
          members.accept(sources.order(i));
          members.accept(inner.order(shared));
          common = true;
        }
      }
      if (common) {
        members.accept(payers.order(p));
        count++;
      }
    }
    return count;
  }

  private long stack(long u, long v, int from, int minute, LongConsumer members) {
    loadSourcesAndPayers(u, v, from, minute);
    long count = 0;
    for (int m = 0; m < payers.count(); m++) {
      if (payers.other(m) == u) {
        continue;
      }
      inner.load(payers.other(m), true, from, payers.minute(m), false);
      int common = 0;
      for (int s = 0; s < sources.count(); s++) {
        common += fed(s, v, m) >= 0 ? 1 : 0;
      }
      if (common >= 2) {
        count++;
        members.accept(payers.order(m));
        for (int s = 0; s < sources.count(); s++) {
          int fed = fed(s, v, m);
          if (fed >= 0) {
            members.accept(sources.order(s));
            members.accept(inner.order(fed));
          }
        }
      }
    }
    return count;
  }

  /** Where the s-th source of u paid the payer m of v, who is loaded, before it paid v; or -1. */
  private int fed(int s, long v, int m) {
    return sources.other(s) == v
        ? -1
        : inner.indexOf(sources.other(s), payers.minute(m), payers.order(m));
  }
}
