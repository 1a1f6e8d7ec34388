package org.concordat.rules.link;

import java.util.Arrays;
import java.util.List;
import org.concordat.rules.link.LinkSpec.Lookup;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;

/**
 * A batch's rows and what each may see of earlier records, by what is public: bucket, minute and
 * order. What it refers to doesn't change, so that it can be read while the memory goes on. Prints
 * nothing of them.
 */
public final class HiddenRows {
  private final LinkSpec spec;
  private final LinkRows rows;
  private final HiddenPage[] pages;
  private final long begin;
  private final long[][] heads;
  private final int[] newest;
  private final List<Lookup> lookups;
  private final int[] roles;
  private final int[][] tracksOf;
  private final byte[] digest;

  /**
   * @param pages with what is remembered, those of this batch last
   * @param begin the place of the first record that is remembered
   * @param heads by role index of a lookup and row, the place of the latest record of the bucket
   * @param newest by row, the newest minute until then
   * @param digest of all that is public of the epoch's records
   */
  HiddenRows(
      LinkSpec spec,
      LinkRows rows,
      HiddenPage[] pages,
      long begin,
      long[][] heads,
      int[] newest,
      byte[] digest) {
    this.spec = spec;
    this.rows = rows;
    this.pages = pages;
    this.begin = begin;
    this.heads = heads;
    this.newest = newest;
    this.digest = digest;
    this.lookups = spec.lookups();
    int[] known = HiddenPage.roles(spec);
    this.roles = lookups.stream().mapToInt(of -> Arrays.binarySearch(known, of.role())).toArray();
    this.tracksOf =
        lookups.stream()
            .map(
                of ->
                    spec.measures().stream()
                        .filter(measure -> spec.lookup(measure).equals(of))
                        .mapToInt(Measure::track)
                        .distinct()
                        .toArray())
            .toArray(int[][]::new);
  }

  /** Equal where the parties know the same of all records of the epoch until the batch's end. */
  public byte[] digest() {
    return digest.clone();
  }

  public int rows() {
    return rows.rows();
  }

  /** A component of what a row's entity is compared by. */
  public long compared(int component, int entity, int row) {
    return rows.value(component, spec.values().size() + entity, row);
  }

  /** Whether all rows see more records than so many, of all lookups. */
  public boolean hasMorePairs(long max) {
    var seen = new SeenRecords();
    long pairs = 0;
    for (int row = 0; row < rows.rows() && pairs <= max; row++) {
      for (int lookup = 0; lookup < lookups.size(); lookup++) {
        seen.clear();
        see(lookup, row, seen);
        pairs += seen.size();
      }
    }
    return pairs > max;
  }

  /** Adds the records of a lookup that any of its windows covers, the latest committed first. */
  public void see(int lookup, int row, SeenRecords seen) {
    int role = roles[lookup];
    long place = heads[lookup][row];
    while (place >= begin) {
      HiddenPage page = pages[HiddenPage.number(place, pages[0])];
      int at = page.at(place);
      if (seesAny(lookup, row, page.minute(at))) {
        seen.add(page, at);
      }
      place = page.before(role, at);
    }
  }

  private boolean seesAny(int lookup, int row, int minute) {
    for (int track : tracksOf[lookup]) {
      if (sees(track, row, minute)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a row's window covers a record's minute. */
  public boolean sees(int track, int row, int minute) {
    Track of = spec.tracks().get(track);
    int pane = Math.floorDiv(minute, of.paneMinutes());
    int last = Math.floorDiv(rows.minute(row), of.paneMinutes());
    return pane <= last && !isOver(of, minute, Math.max(newest[row], rows.minute(row)));
  }

  /** Whether no record of a minute on sees one of an earlier minute in its window. */
  static boolean isOver(Track track, int minute, int newest) {
    return Math.floorDiv(minute, track.paneMinutes())
        <= Math.floorDiv(newest, track.paneMinutes()) - track.panes();
  }

  /** Minutes from a record to a row, from 0 to a window's length. */
  public int age(int track, int row, int minute) {
    long age = (long) rows.minute(row) - minute;
    return (int) Math.clamp(age, 0, spec.tracks().get(track).windowMinutes());
  }

  @Override
  public String toString() {
    return "HiddenRows[rows=" + rows.rows() + "]";
  }
}
