package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;

/**
 * Where an entity's state lies in its record of words: the minute of its latest record and its
 * bank, see {@link Quota}, then its tracks, each with the values that it remembers one by one, then
 * its edges; where it is carried over epochs, and pseudonyms change with them, also the components
 * of its hash.
 */
final class RecordLayout {
  private static final int HEAD_WORDS = 1;

  private final List<PaneRing> rings = new ArrayList<>();
  private final List<LatestValues> latest = new ArrayList<>();
  private final int edges;
  private final int edgeWords;
  private final int edgesMax;
  private final int hash;
  private final int words;

  /**
   * @param namesMembers whether edges hold what alerts their records
   * @param group whose entities it is for; of others it holds nothing
   */
  RecordLayout(
      LinkSpec spec, int components, boolean namesMembers, EntityGroups groups, int group) {
    int at = HEAD_WORDS;
    for (int i = 0; i < spec.tracks().size(); i++) {
      Track track = spec.tracks().get(i);
      boolean banks = false;
      var values = new TreeSet<Integer>();
      var remembered = new TreeSet<Integer>();
      for (Measure measure : spec.measures()) {
        if (measure.track() == i) {
          banks |= measure.kind() == Kind.BANKS;
          if (measure.kind() == Kind.SUM) {
            values.add(measure.value());
          }
          if (measure.kind() == Kind.LATEST) {
            remembered.add(measure.value());
          }
        }
      }
      var ring =
          new PaneRing(
              track, banks, values.stream().mapToInt(Integer::intValue).toArray(), components, at);
      boolean isHeld = groups.holds(group, track.role());
      rings.add(ring);
      at += isHeld ? ring.words() : 0;
      var last =
          new LatestValues(
              track.latestMax(),
              remembered.stream().mapToInt(Integer::intValue).toArray(),
              components,
              at);
      latest.add(last);
      at += isHeld ? last.words() : 0;
    }
    this.edges = at;
    this.edgeWords = Edges.words(components, namesMembers);
    this.edgesMax = spec.edges().map(LinkSpec.EdgeSpec::edgesMax).orElse(0);
    boolean hasEdges =
        spec.edges().filter(edges -> groups.holds(group, edges.source())).isPresent();
    this.hash = at + (hasEdges ? 2 * (1 + edgesMax * edgeWords) : 0);
    boolean isCarried = new CarriedLayout(spec, groups, group).words() > 0;
    this.words = hash + (isCarried && components > 1 ? CarriedRows.HASH_COLUMNS * components : 0);
  }

  int words() {
    return words;
  }

  int edgeWords() {
    return edgeWords;
  }

  int hashWords() {
    return words - hash;
  }

  /** Where values are shared; any record's components of the same hash will do. */
  void putHash(long[] record, int base, LinkRows rows, int row, int entity) {
    for (int i = 0; i < hashWords(); i++) {
      int component = i / CarriedRows.HASH_COLUMNS;
      record[base + hash + i] = rows.hash(component, entity, i % CarriedRows.HASH_COLUMNS, row);
    }
  }

  /** A word of one component of the hash. */
  long hash(long[] record, int base, int component, int word) {
    return record[base + hash + component * CarriedRows.HASH_COLUMNS + word];
  }

  PaneRing ring(int track) {
    return rings.get(track);
  }

  LatestValues latest(int track) {
    return latest.get(track);
  }

  /** First word of an account's payments to others, or by others to it. */
  int edges(boolean incoming) {
    return edges + (incoming ? 1 + edgesMax * edgeWords : 0);
  }
}
