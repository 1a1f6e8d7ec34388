package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;

/** The same columns from a plain list of all earlier records, without bounds on what is kept. */
final class NaiveLinks {
  /** A record that counted. */
  record Seen(long[] pseudonyms, int bank, int minute, long[] values, int place) {}

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
      if (measure.kind() == LinkSpec.Kind.LATEST) {
        latest(measure, row, columns);
      }
    }
    for (PathSpec path : spec.paths()) {
      if (path.isNumber()) {
        Set<Integer> members = new TreeSet<>();
        columns.put(path.name(), number(path, row, members));
        if (path.shape() == Shape.CYCLE_LENGTH) {
          members.forEach(member -> columns.put("member " + member, 1L));
        }
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

  /** Of the last so many records that weren't late, those in the window. */
  private void latest(Measure measure, Seen row, Map<String, Long> columns) {
    int latestMax = spec.tracks().get(measure.track()).latestMax();
    List<Seen> in = new ArrayList<>();
    List<Seen> kept = new ArrayList<>();
    window(measure, row, kept, in);
    int from = Math.max(0, kept.size() - latestMax);
    List<Seen> latest = kept.subList(from, kept.size()).stream().filter(in::contains).toList();
    columns.put(measure.name(), (long) latest.size());
    for (int i = 1; i <= latestMax; i++) {
      long value = i <= latest.size() ? latest.get(latest.size() - i).values[measure.value()] : 0;
      columns.put(measure.name() + "." + i, value);
    }
  }

  private static long counted(ValueField value, long[] values) {
    long number = values[value.field() - 8];
    boolean within = number >= value.min() && number <= value.max();
    return !within ? 0 : value.isCount() ? 1 : number;
  }

  private long measure(Measure measure, Seen row) {
    Track track = spec.tracks().get(measure.track());
    List<Seen> kept = new ArrayList<>();
    List<Seen> in = new ArrayList<>();
    window(measure, row, kept, in);
    int first = kept.stream().mapToInt(Seen::minute).min().orElse(0);
    int last = kept.stream().mapToInt(Seen::minute).max().orElse(0);
    return switch (measure.kind()) {
      case COUNT -> in.size();
      case SUM ->
          in.stream().mapToLong(e -> counted(spec.values().get(measure.value()), e.values)).sum();
      case BANKS -> in.stream().map(Seen::bank).distinct().count();
      case COUNTERPARTIES ->
          in.stream().map(e -> e.pseudonyms[track.counterparty()]).distinct().count();
      case SINCE_FIRST ->
          kept.isEmpty() ? 0 : Math.clamp((long) row.minute - first, 0, track.windowMinutes());
      case SINCE_LAST ->
          kept.isEmpty()
              ? track.windowMinutes()
              : Math.clamp((long) row.minute - last, 0, track.windowMinutes());
      case LATEST -> 0;
    };
  }

  /** Records that weren't late, and those of them that a window shows. */
  private void window(Measure measure, Seen row, List<Seen> kept, List<Seen> in) {
    Track track = spec.tracks().get(measure.track());
    int paneMinutes = (track.windowMinutes() + 7) / 8;
    int panes = Math.ceilDiv(track.windowMinutes(), paneMinutes);
    long key = row.pseudonyms[measure.entity()];
    int newest = Integer.MIN_VALUE / 2;
    for (Seen earlier : seen) {
      if (earlier.pseudonyms[track.role()] != key) {
        continue;
      }
      int pane = Math.floorDiv(earlier.minute, paneMinutes);
      if (pane > newest - panes) {
        kept.add(earlier);
      }
      newest = Math.max(newest, pane);
    }
    int own = Math.floorDiv(row.minute, paneMinutes);
    int oldest = Math.max(own, newest) - panes + 1;
    for (Seen earlier : kept) {
      int pane = Math.floorDiv(earlier.minute, paneMinutes);
      if (pane >= oldest && pane <= own) {
        in.add(earlier);
      }
    }
  }

  /** All chains and cycles, latest hops first, each as positions in {@code seen}. */
  private void candidates(PathSpec path, Seen row, Map<String, Long> columns) {
    EdgeSpec edges = spec.edges().orElseThrow();
    long u = row.pseudonyms[edges.source()];
    long v = row.pseudonyms[edges.target()];
    List<List<Integer>> found = new ArrayList<>();
    if (u != v && isFresh(row, seen.size())) {
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
          || !isEdge(path, row, hop)
          || source == u
          || hops.stream().anyMatch(h -> seen.get(h).pseudonyms[edges.source()] == source)) {
        continue;
      }
      List<Integer> longer = new ArrayList<>(hops);
      longer.add(i);
      int count = longer.size() + 1;
      if (source == v) {
        if (path.shape() != Shape.CHAIN && count >= path.hopsMin() && count <= path.hopsMax()) {
          found.add(longer);
        }
      } else if (path.shape() == Shape.CHAIN && count == path.hopsMin()) {
        found.add(longer);
      } else if (count < path.hopsMax()) {
        extend(path, row, u, v, longer, found);
      }
    }
  }

  private long number(PathSpec path, Seen row, Set<Integer> members) {
    EdgeSpec edges = spec.edges().orElseThrow();
    long u = row.pseudonyms[edges.source()];
    long v = row.pseudonyms[edges.target()];
    if (u == v || !isFresh(row, seen.size())) {
      return 0;
    }
    return switch (path.shape()) {
      case CYCLE_LENGTH -> longestCycle(path, row, u, v, members);
      case SCATTER_GATHER -> {
        Map<Long, Set<Long>> through = through(path, row, u, v);
        int most = through.values().stream().mapToInt(Set::size).max().orElse(0);
        yield most == 0 ? 0 : most + 1;
      }
      case DIAMONDS -> through(path, row, u, v).values().stream().mapToLong(Set::size).sum();
      case BIPARTITE -> bipartite(path, row, u, v);
      case BUTTERFLIES -> butterflies(path, row, u, v);
      case STACK -> {
        Map<Long, Integer> sourcesOf = new TreeMap<>();
        through(path, row, u, v)
            .values()
            .forEach(middles -> middles.forEach(m -> sourcesOf.merge(m, 1, Integer::sum)));
        yield sourcesOf.values().stream().filter(sources -> sources >= 2).count();
      }
      case CYCLE, CHAIN -> throw new AssertionError("has candidates");
    };
  }

  private long longestCycle(PathSpec path, Seen row, long u, long v, Set<Integer> members) {
    List<List<Integer>> found = new ArrayList<>();
    extend(path, row, u, v, new ArrayList<>(), found);
    List<Integer> best = List.of();
    for (List<Integer> hops : found) {
      best = hops.size() > best.size() ? hops : best;
    }
    best.forEach(hop -> members.add(seen.get(hop).place));
    return best.isEmpty() ? 0 : best.size() + 1;
  }

  private boolean isEdge(PathSpec path, Seen row, Seen earlier) {
    return earlier.minute <= row.minute
        && earlier.minute >= row.minute - path.withinMinutes()
        && isFresh(earlier, seen.indexOf(earlier));
  }

  /** Whether none of the records before it is of the same pair and not long before it. */
  private boolean isFresh(Seen row, int before) {
    EdgeSpec edges = spec.edges().orElseThrow();
    if (edges.freshMinutes() == 0) {
      return true;
    }
    return seen.subList(0, before).stream()
        .noneMatch(
            e ->
                e.pseudonyms[edges.source()] == row.pseudonyms[edges.source()]
                    && e.pseudonyms[edges.target()] == row.pseudonyms[edges.target()]
                    && e.minute >= row.minute - edges.freshMinutes());
  }

  private List<Seen> edges(PathSpec path, Seen row) {
    return seen.stream().filter(e -> isEdge(path, row, e)).toList();
  }

  private long from(Seen edge) {
    return edge.pseudonyms[spec.edges().orElseThrow().source()];
  }

  private long to(Seen edge) {
    return edge.pseudonyms[spec.edges().orElseThrow().target()];
  }

  /** By source of u: the other accounts that it paid and that then paid v. */
  private Map<Long, Set<Long>> through(PathSpec path, Seen row, long u, long v) {
    List<Seen> edges = edges(path, row);
    Map<Long, Set<Long>> through = new TreeMap<>();
    for (Seen first : edges) {
      if (to(first) != u || from(first) == v) {
        continue;
      }
      Map<Long, Integer> latest = new TreeMap<>();
      for (int i = 0; i < edges.size(); i++) {
        if (to(edges.get(i)) == v && from(edges.get(i)) != u) {
          latest.put(from(edges.get(i)), i);
        }
      }
      latest.forEach(
          (middle, at) -> {
            Seen paid = edges.get(at);
            boolean fed =
                edges.subList(0, at).stream()
                    .anyMatch(
                        e -> from(e) == from(first) && to(e) == middle && e.minute <= paid.minute);
            if (fed) {
              through.computeIfAbsent(from(first), s -> new HashSet<>()).add(middle);
            }
          });
    }
    return through;
  }

  private long bipartite(PathSpec path, Seen row, long u, long v) {
    List<Seen> edges = edges(path, row);
    Set<Long> payers = new HashSet<>();
    for (Seen payer : edges) {
      for (Seen other : edges) {
        for (Seen own : edges) {
          if (to(payer) == v
              && from(payer) != u
              && from(other) == from(payer)
              && from(own) == u
              && to(own) == to(other)
              && to(own) != v) {
            payers.add(from(payer));
          }
        }
      }
    }
    return payers.size();
  }

  private long butterflies(PathSpec path, Seen row, long u, long v) {
    List<Seen> edges = edges(path, row);
    Set<Long> busy = new HashSet<>();
    for (Seen edge : edges) {
      Set<Long> payers = new HashSet<>();
      edges.stream().filter(e -> to(e) == to(edge)).forEach(e -> payers.add(from(e)));
      if (payers.size() >= spec.edges().orElseThrow().edgesMax()) {
        busy.add(to(edge));
      }
    }
    Set<List<Long>> pairs = new HashSet<>();
    for (Seen other : edges) {
      boolean paysToo = edges.stream().anyMatch(e -> from(e) == from(other) && to(e) == v);
      boolean isPaidToo = edges.stream().anyMatch(e -> from(e) == u && to(e) == to(other));
      if (from(other) != u && to(other) != v && paysToo && isPaidToo && !busy.contains(to(other))) {
        pairs.add(List.of(from(other), to(other)));
      }
    }
    return busy.contains(v) ? 0 : pairs.size();
  }
}
