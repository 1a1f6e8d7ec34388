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
 * its edges.
 */
final class RecordLayout {
  private static final int HEAD_WORDS = 1;

  private final List<PaneRing> rings = new ArrayList<>();
  private final List<LatestValues> latest = new ArrayList<>();
  private final int edges;
  private final int edgeWords;
  private final int edgesMax;
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
    this.words = at + (hasEdges ? 2 * (1 + edgesMax * edgeWords) : 0);
  }

  int words() {
    return words;
  }

  int edgeWords() {
    return edgeWords;
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
