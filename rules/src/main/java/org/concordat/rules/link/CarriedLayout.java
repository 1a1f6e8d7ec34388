package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.jspecify.annotations.Nullable;

/**
 * The words that are carried of each entity of a group: of its tracks, one after another, first
 * those that are bits, then those that are numbers.
 */
final class CarriedLayout {
  private final List<CarriedRing> rings = new ArrayList<>();
  private final int bitWords;
  private final int words;

  /**
   * @param group whose entities it is for; of others it holds nothing
   */
  CarriedLayout(LinkSpec spec, EntityGroups groups, int group) {
    int bitsAt = 0;
    for (int i = 0; i < spec.tracks().size(); i++) {
      bitsAt += hasBanks(spec, groups, group, i) ? CarriedRing.bitWords(spec.tracks().get(i)) : 0;
    }
    this.bitWords = bitsAt;
    int at = bitsAt;
    bitsAt = 0;
    for (int i = 0; i < spec.tracks().size(); i++) {
      Set<Kind> kinds = EnumSet.noneOf(Kind.class);
      var values = new TreeSet<Integer>();
      for (Measure measure : spec.measures()) {
        if (measure.track() == i
            && spec.carries(measure)
            && groups.holds(group, spec.tracks().get(i).role())) {
          kinds.add(measure.kind());
          if (measure.kind() == Kind.SUM) {
            values.add(measure.value());
          }
        }
      }
      int[] summed = values.stream().mapToInt(Integer::intValue).toArray();
      var ring = new CarriedRing(spec.tracks().get(i), kinds, summed, bitsAt, at);
      rings.add(ring);
      at += ring.numbers();
      bitsAt += kinds.contains(Kind.BANKS) ? CarriedRing.bitWords(spec.tracks().get(i)) : 0;
    }
    this.words = at;
  }

  private static boolean hasBanks(LinkSpec spec, EntityGroups groups, int group, int track) {
    return groups.holds(group, spec.tracks().get(track).role())
        && spec.measures().stream()
            .anyMatch(
                measure ->
                    measure.track() == track
                        && measure.kind() == Kind.BANKS
                        && spec.carries(measure));
  }

  int bitWords() {
    return bitWords;
  }

  int words() {
    return words;
  }

  CarriedRing ring(int track) {
    return rings.get(track);
  }

  /**
   * Writes what an entity hands on.
   *
   * @param at its row of what the epoch itself was handed; negative for none
   */
  void carry(
      RecordLayout layout,
      long[] words,
      int base,
      @Nullable CarriedTable before,
      int at,
      CarriedRows to,
      int row) {
    for (int track = 0; track < rings.size(); track++) {
      rings.get(track).carry(layout.ring(track), words, base, before, at, to, row);
    }
  }
}
