package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;
import org.concordat.rules.link.LinkSpec.Track;

/** The same columns from a plain list of all earlier records, without bounds on what is kept. */
final class NaiveLinks {
  /** A record that counted. */
  record Seen(long[] pseudonyms, int bank, int minute, long[] values) {}

  private final LinkSpec spec;
  private final List<Seen> seen = new ArrayList<>();
  private final Set<Long> ids = new HashSet<>();

  NaiveLinks(LinkSpec spec) {
    this.spec = spec;
  }

  /** Column name to number, of one record, which later ones see. */
  Map<String, Long> next(Seen row, long transaction, boolean counted) {
    Map<String, Long> columns = new LinkedHashMap<>();
    for (Measure measure : spec.measures()) {
      columns.put(measure.name(), measure(measure, row));
    }
    for (PathSpec path : spec.paths()) {
      if (path.isNumber()) {
        columns.put(path.name(), Math.min(number(path, row), spec.edges().get().edgesMax()));
      } else {
        candidates(path, row, columns);
      }
    }
    if (counted) {
      boolean isNew = !ids.contains(transaction);
      if (spec.paymentEntity() >= 0) {
        long payment = row.pseudonyms[spec.paymentEntity()];
        isNew &= !ids.contains(payment);
        if (isNew) {
          ids.add(payment);
        }
      }
      if (isNew) {
        ids.add(transaction);
        seen.add(row);
      }
    }
    return columns;
  }

  private long measure(Measure measure, Seen row) {
    Track track = spec.tracks().get(measure.track());
    int paneMinutes = (track.windowMinutes() + 7) / 8;
    long key = row.pseudonyms[measure.entity()];
    int newest = Integer.MIN_VALUE / 2;
    int first = Integer.MAX_VALUE;
    int last = Integer.MIN_VALUE;
    List<Seen> kept = new ArrayList<>();
    for (Seen earlier : seen) {
      if (earlier.pseudonyms[track.role()] != key) {
        continue;
      }
      int pane = Math.floorDiv(earlier.minute, paneMinutes);
      if (pane > newest - 8) {
        kept.add(earlier);
        first = Math.min(first, earlier.minute);
        last = Math.max(last, earlier.minute);
      }
      newest = Math.max(newest, pane);
    }
    int own = Math.floorDiv(row.minute, paneMinutes);
    int oldest = Math.max(own, newest) - 7;
    List<Seen> in =
        kept.stream()
            .filter(
                e -> {
                  int pane = Math.floorDiv(e.minute, paneMinutes);
                  return pane >= oldest && pane <= own;
                })
            .toList();
    return switch (measure.kind()) {
      case COUNT -> in.size();
      case SUM -> in.stream().mapToLong(e -> e.values[measure.value()]).sum();
      case BANKS -> in.stream().map(Seen::bank).distinct().count();
      case COUNTERPARTIES ->
          in.stream().map(e -> e.pseudonyms[track.counterparty()]).distinct().count();
      case SINCE_FIRST ->
          kept.isEmpty() ? 0 : Math.clamp((long) row.minute - first, 0, track.windowMinutes());
      case SINCE_LAST ->
          kept.isEmpty()
              ? track.windowMinutes()
              : Math.clamp((long) row.minute - last, 0, track.windowMinutes());
    };
  }

  /** All chains and cycles, latest hops first, each as positions in {@code seen}. */
  private void candidates(PathSpec path, Seen row, Map<String, Long> columns) {
    EdgeSpec edges = spec.edges().orElseThrow();
    long u = row.pseudonyms[edges.source()];
    long v = row.pseudonyms[edges.target()];
    List<List<Integer>> found = new ArrayList<>();
    if (u != v) {
      extend(path, row, u, v, new ArrayList<>(), found);
    }
    for (int slot = 0; slot < path.slots(); slot++) {
      List<Integer> hops = slot < found.size() ? found.get(slot) : List.of();
      columns.put(path.name() + "#" + slot, (long) hops.size());
      for (int hop = 1; hop < path.hopsMax(); hop++) {
        long value = hop <= hops.size() ? seen.get(hops.get(hop - 1)).values[edges.value()] : 0;
        columns.put(path.name() + "#" + slot + "." + hop, value);
      }
    }
  }

  private void extend(
      PathSpec path, Seen row, long u, long v, List<Integer> hops, List<List<Integer>> found) {
    EdgeSpec edges = spec.edges().orElseThrow();
    Seen after = hops.isEmpty() ? row : seen.get(hops.getLast());
    int before = hops.isEmpty() ? seen.size() : hops.getLast();
    long account = after.pseudonyms[edges.source()];
    for (int i = before - 1; i >= 0; i--) {
      Seen hop = seen.get(i);
      long source = hop.pseudonyms[edges.source()];
      if (hop.pseudonyms[edges.target()] != account
          || hop.minute > after.minute
          || hop.minute < row.minute - path.withinMinutes()
          || source == u
          || hops.stream().anyMatch(h -> seen.get(h).pseudonyms[edges.source()] == source)) {
        continue;
      }
      List<Integer> longer = new ArrayList<>(hops);
      longer.add(i);
      int count = longer.size() + 1;
      if (source == v) {
        if (path.shape() == Shape.CYCLE && count >= path.hopsMin() && count <= path.hopsMax()) {
          found.add(longer);
        }
      } else if (path.shape() == Shape.CHAIN && count == path.hopsMin()) {
        found.add(longer);
      } else if (count < path.hopsMax()) {
        extend(path, row, u, v, longer, found);
      }
    }
  }

  private long number(PathSpec path, Seen row) {
    EdgeSpec edges = spec.edges().orElseThrow();
    long u = row.pseudonyms[edges.source()];
    long v = row.pseudonyms[edges.target()];
    if (u == v) {
      return 0;
    }
    return switch (path.shape()) {
      case SCATTER_GATHER -> intermediaries(path, row, u, v);
      case BIPARTITE -> payersInCommon(path, row, u, v);
      case STACK -> Math.min(payersInCommon(path, row, u, v), payeesInCommon(path, row, u));
      case CYCLE, CHAIN -> throw new AssertionError("has candidates");
    };
  }

  private boolean within(PathSpec path, Seen row, Seen earlier) {
    return earlier.minute <= row.minute && earlier.minute >= row.minute - path.withinMinutes();
  }

  private long intermediaries(PathSpec path, Seen row, long u, long v) {
    EdgeSpec edges = spec.edges().orElseThrow();
    Map<Long, Set<Long>> through = new TreeMap<>();
    Map<Long, Integer> latestPayment = new TreeMap<>();
    for (int i = 0; i < seen.size(); i++) {
      Seen earlier = seen.get(i);
      if (earlier.pseudonyms[edges.target()] == v) {
        latestPayment.put(earlier.pseudonyms[edges.source()], i);
      }
    }
    latestPayment.put(u, seen.size());
    latestPayment.forEach(
        (middle, at) -> {
          Seen paid = at < seen.size() ? seen.get(at) : row;
          if (!within(path, row, paid)) {
            return;
          }
          for (Seen earlier : seen.subList(0, at)) {
            boolean feeds =
                earlier.pseudonyms[edges.target()] == middle
                    && earlier.pseudonyms[edges.source()] != v
                    && within(path, row, earlier)
                    && earlier.minute <= paid.minute;
            if (feeds) {
              through
                  .computeIfAbsent(earlier.pseudonyms[edges.source()], s -> new HashSet<>())
                  .add(middle);
            }
          }
        });
    return through.values().stream().mapToLong(Set::size).max().orElse(0);
  }

  private long payersInCommon(PathSpec path, Seen row, long u, long v) {
    EdgeSpec edges = spec.edges().orElseThrow();
    Set<Long> payees = neighbours(path, row, edges.source(), edges.target(), u);
    payees.add(v);
    return inCommon(path, row, edges.target(), edges.source(), payees, u);
  }

  private long payeesInCommon(PathSpec path, Seen row, long u) {
    EdgeSpec edges = spec.edges().orElseThrow();
    Set<Long> payers = neighbours(path, row, edges.target(), edges.source(), u);
    payers.remove(u);
    return inCommon(path, row, edges.source(), edges.target(), payers, u);
  }

  private Set<Long> neighbours(PathSpec path, Seen row, int own, int other, long account) {
    Set<Long> neighbours = new HashSet<>();
    for (Seen earlier : seen) {
      if (earlier.pseudonyms[own] == account && within(path, row, earlier)) {
        neighbours.add(earlier.pseudonyms[other]);
      }
    }
    return neighbours;
  }

  private long inCommon(PathSpec path, Seen row, int own, int other, Set<Long> of, long but) {
    Map<Long, Integer> shared = new TreeMap<>();
    for (long account : of) {
      for (long neighbour : neighbours(path, row, own, other, account)) {
        shared.merge(neighbour, 1, Integer::sum);
      }
    }
    shared.remove(but);
    return shared.values().stream().filter(count -> count >= 2).count();
  }
}
