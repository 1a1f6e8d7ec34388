package org.concordat.aggregator.worker;

import org.concordat.rules.link.LinkState;

/**
 * What a partition's linkage has counted since the start, over all epochs and banks.
 *
 * @param entities remembered now
 * @param late additions to a window that records were too old for
 * @param full additions beyond a window's events
 * @param untracked additions of entities that there was no room for, or none left to their bank
 * @param repeated records whose payment or transaction had counted before
 * @param ahead records whose event time is too far after their commit
 * @param cutShort searches that ended at the most payments that are looked at
 * @param rowsSince the latest snapshot, which a start remembers again
 * @param before sums of the epochs that have ended
 */
record LinkageCounts(
    int entities,
    long late,
    long full,
    long untracked,
    long repeated,
    long ahead,
    long cutShort,
    long rowsSince,
    Sums before) {
  /** Of ended epochs. */
  record Sums(long late, long full, long untracked, long repeated, long ahead, long cutShort) {}

  static final LinkageCounts NONE =
      new LinkageCounts(0, 0, 0, 0, 0, 0, 0, 0, new Sums(0, 0, 0, 0, 0, 0));

  /** The epoch has ended: what it counted stays. */
  LinkageCounts closed() {
    return new LinkageCounts(
        0,
        late,
        full,
        untracked,
        repeated,
        ahead,
        cutShort,
        0,
        new Sums(late, full, untracked, repeated, ahead, cutShort));
  }

  /**
   * The epoch's counters now.
   *
   * @param replayed what was counted before the start
   */
  LinkageCounts with(
      LinkState.Counters now, LinkState.Counters replayed, long aheadNow, long rowsSinceNow) {
    return new LinkageCounts(
        now.entities(),
        before.late + now.late() - replayed.late(),
        before.full + now.full() - replayed.full(),
        before.untracked + now.untracked() - replayed.untracked(),
        before.repeated + now.repeated() - replayed.repeated(),
        before.ahead + aheadNow,
        before.cutShort + now.cutShort() - replayed.cutShort(),
        rowsSinceNow,
        before);
  }
}
