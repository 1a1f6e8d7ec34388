package org.concordat.rules.link;

import java.util.List;
import org.concordat.rules.link.LinkState.Counters;

/**
 * What of a memory isn't in its tables.
 *
 * @param order records that were seen
 * @param newestMinute of those that counted
 * @param taken room by bank, of entities and of pairs
 */
record LinkScalars(long order, int newestMinute, Counters counters, List<int[]> taken) {
  void write(PageWriter pages) {
    int banks = taken.stream().mapToInt(of -> of.length).sum();
    pages.entry(7 + banks);
    pages.put(order);
    pages.put(newestMinute);
    pages.put(counters.late());
    pages.put(counters.full());
    pages.put(counters.untracked());
    pages.put(counters.repeated());
    pages.put(counters.cutShort());
    for (int[] of : taken) {
      for (int each : of) {
        pages.put(each);
      }
    }
    pages.end();
  }

  /** As it was written. */
  static LinkScalars read(long[] page) {
    int[] entities = new int[LinkSpec.BANKS_MAX];
    int[] pairs = new int[LinkSpec.BANKS_MAX];
    int at = 8;
    for (int[] of : List.of(entities, pairs)) {
      for (int bank = 0; bank < of.length; bank++) {
        of[bank] = Math.toIntExact(page[at++]);
      }
    }
    // Entities are counted by what is taken.
    var counters = new Counters(0, page[3], page[4], page[5], page[6], page[7]);
    return new LinkScalars(page[1], Math.toIntExact(page[2]), counters, List.of(entities, pairs));
  }
}
