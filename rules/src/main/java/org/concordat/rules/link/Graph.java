package org.concordat.rules.link;

import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;

/**
 * Numbers of earlier payments around a record from u to v, among those that accounts remember. An
 * earlier payment counts if it is in the path's time before the record. What is found is the same
 * for everybody who has the same records in the same order.
 *
 * <p>Each number can name its members: the earlier payments that make it.
 */
final class Graph {
  private final PathSearch search;
  private final Near sources;
  private final Near payers;
  private final Near inner;
  private final int edgesMax;
  private final int stepsMax;
  private int steps;

  Graph(EdgeSpec edges, EntityTable table, RecordLayout layout) {
    this.edgesMax = edges.edgesMax();
    this.stepsMax = edges.stepsMax();
    int edgeWords = layout.edgeWords();
    this.search = new PathSearch(table, layout, edgesMax, edgeWords);
    this.sources = new Near(table, layout, edgesMax, edgeWords);
    this.payers = new Near(table, layout, edgesMax, edgeWords);
    this.inner = new Near(table, layout, edgesMax, edgeWords);
  }

  /**
   * Whether the last search ended at the most payments that are looked at; a number is what was
   * found until then.
   */
  boolean isCutShort(PathSpec path) {
    return path.isNumber() && path.shape() != Shape.CYCLE_LENGTH
        ? steps >= stepsMax
        : search.isCutShort();
  }

  /** Loads payments, or none where enough were looked at. */
  private void load(Near near, long account, boolean incoming, int from, int to, boolean once) {
    if (steps < stepsMax) {
      steps += near.load(account, incoming, from, to, once);
    } else {
      near.clear();
    }
  }

  PathSearch search() {
    return search;
  }

  /** The largest number that a path gives. */
  static long numberMax(PathSpec path, EdgeSpec edges) {
    return switch (path.shape()) {
      case CYCLE_LENGTH -> path.hopsMax();
      case DIAMONDS, BUTTERFLIES -> (long) edges.edgesMax() * edges.edgesMax();
      case CYCLE, CHAIN, SCATTER_GATHER, BIPARTITE, STACK -> edges.edgesMax();
    };
  }

  /**
   * A path's number for a record from u to v.
   *
   * @param members takes the payments that make it
   */
  long number(PathSpec path, long u, long v, int minute, MemberSink members) {
    steps = 0;
    search.reset();
    if (u == v) {
      return 0;
    }
    int from = minute - path.withinMinutes();
    return switch (path.shape()) {
      case CYCLE_LENGTH -> search.longestCycle(path, u, v, minute, members);
      case SCATTER_GATHER -> scatterGather(u, v, from, minute, members);
      case DIAMONDS -> diamonds(u, v, from, minute, members);
      case BIPARTITE -> bipartite(u, v, from, minute, members);
      case BUTTERFLIES -> butterflies(u, v, from, minute, members);
      case STACK -> stack(u, v, from, minute, members);
      case CYCLE, CHAIN -> throw new IllegalArgumentException("a path has candidates");
    };
  }

  private void loadSourcesAndPayers(long u, long v, int from, int minute) {
    load(sources, u, true, from, minute, true);
    load(payers, v, true, from, minute, true);
  }

  private long scatterGather(long u, long v, int from, int minute, MemberSink members) {
    loadSourcesAndPayers(u, v, from, minute);
    int most = 0;
    int[] through = new int[sources.count()];
    for (int s = 0; s < through.length; s++) {
      through[s] = throughOthers(s, u, v, from, MemberSink.NONE);
      most = Math.max(most, through[s]);
    }
    if (most == 0 || members == MemberSink.NONE) {
      return most == 0 ? 0 : Math.min(edgesMax, most + 1L);
    }
    // What was found is named in full: it takes no longer than finding it did.
    int found = steps;
    steps = 0;
    for (int s = 0; s < through.length; s++) {
      if (through[s] == most) {
        sources.name(s, members);
        throughOthers(s, u, v, from, members);
      }
    }
    steps = found;
    return Math.min(edgesMax, most + 1L);
  }

  private long diamonds(long u, long v, int from, int minute, MemberSink members) {
    loadSourcesAndPayers(u, v, from, minute);
    long sum = 0;
    for (int s = 0; s < sources.count(); s++) {
      int through = throughOthers(s, u, v, from, members);
      if (through > 0) {
        sources.name(s, members);
      }
      sum += through;
    }
    return sum;
  }

  /** Payers m of v, u aside, that the s-th source of u had paid before they paid v. */
  private int throughOthers(int s, long u, long v, int from, MemberSink members) {
    if (sources.other(s) == v) {
      return 0;
    }
    int count = 0;
    for (int m = 0; m < payers.count(); m++) {
      if (payers.other(m) == u) {
        continue;
      }
      load(inner, payers.other(m), true, from, payers.minute(m), false);
      steps += inner.count();
      int fed = fed(s, v, m);
      if (fed >= 0) {
        inner.name(fed, members);
        payers.name(m, members);
        count++;
      }
    }
    return count;
  }

  private long bipartite(long u, long v, int from, int minute, MemberSink members) {
    load(sources, u, false, from, minute, true);
    load(payers, v, true, from, minute, true);
    long count = 0;
    for (int p = 0; p < payers.count(); p++) {
      if (payers.other(p) == u) {
        continue;
      }
      load(inner, payers.other(p), false, from, minute, true);
      boolean common = false;
      for (int i = 0; i < sources.count(); i++) {
        steps += inner.count();
        int shared = inner.indexOf(sources.other(i), Integer.MAX_VALUE, Long.MAX_VALUE);
        if (sources.other(i) != v && shared >= 0) {
          sources.name(i, members);
          inner.name(shared, members);
          common = true;
        }
      }
      if (common) {
        payers.name(p, members);
        count++;
      }
    }
    return count;
  }

  private long butterflies(long u, long v, int from, int minute, MemberSink members) {
    load(payers, v, true, from, minute, true);
    if (isBusy(payers)) {
      return 0;
    }
    load(sources, u, false, from, minute, true);
    boolean[] counts = new boolean[sources.count()];
    for (int i = 0; i < counts.length; i++) {
      load(inner, sources.other(i), true, from, minute, true);
      counts[i] = sources.other(i) != v && !isBusy(inner);
    }
    long pairs = 0;
    for (int p = 0; p < payers.count(); p++) {
      if (payers.other(p) == u) {
        continue;
      }
      load(inner, payers.other(p), false, from, minute, true);
      int common = 0;
      for (int i = 0; i < counts.length; i++) {
        steps += inner.count();
        int shared = inner.indexOf(sources.other(i), Integer.MAX_VALUE, Long.MAX_VALUE);
        if (counts[i] && shared >= 0) {
          sources.name(i, members);
          inner.name(shared, members);
          common++;
        }
      }
      if (common > 0) {
        payers.name(p, members);
        pairs += common;
      }
    }
    return pairs;
  }

  /** Whether so many others paid an account in the time that it can't remember more. */
  private boolean isBusy(Near in) {
    return in.count() == edgesMax;
  }

  private long stack(long u, long v, int from, int minute, MemberSink members) {
    loadSourcesAndPayers(u, v, from, minute);
    long count = 0;
    for (int m = 0; m < payers.count(); m++) {
      if (payers.other(m) == u) {
        continue;
      }
      load(inner, payers.other(m), true, from, payers.minute(m), false);
      steps += sources.count() * inner.count();
      int common = 0;
      for (int s = 0; s < sources.count(); s++) {
        common += fed(s, v, m) >= 0 ? 1 : 0;
      }
      if (common >= 2) {
        count++;
        nameStack(v, m, members);
      }
    }
    return count;
  }

  /** Names the payer m of v, who is loaded, and what came to it of sources. */
  private void nameStack(long v, int m, MemberSink members) {
    payers.name(m, members);
    for (int s = 0; s < sources.count(); s++) {
      int fed = fed(s, v, m);
      if (fed >= 0) {
        sources.name(s, members);
        inner.name(fed, members);
      }
    }
  }

  /** Where the s-th source of u paid the payer m of v, who is loaded, before it paid v; or -1. */
  private int fed(int s, long v, int m) {
    return sources.other(s) == v
        ? -1
        : inner.indexOf(sources.other(s), payers.minute(m), payers.order(m));
  }
}
