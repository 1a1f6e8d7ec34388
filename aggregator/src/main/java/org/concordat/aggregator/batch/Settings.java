package org.concordat.aggregator.batch;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.concordat.schemas.record.Digest;

/**
 * What a machine knows from the start.
 *
 * @param me index of this party
 * @param aggregators names by index
 * @param banks names, ascending: the commit order within a cut
 * @param ruleSet the first one, which peers compare when they connect
 * @param rowsMax of a batch, {@link #ROWS_MAX_LEAST} at least; the leader cuts fewer after an
 *     attempt that was too much
 * @param batchesInFlight cut and not yet committed, 1 to {@link #BATCHES_IN_FLIGHT_MAX}
 * @param intervalMillis between a cut and the next one, at least
 * @param aheadMillis the same where batches before the next one aren't committed yet
 * @param graceMillis how long a missing block may still come before it is complained about
 * @param stallMillis after which an attempt without agreement, progress or result is given up
 * @param backoffMillis after a given-up attempt; doubled each time, up to half a stall
 */
public record Settings(
    int protocol,
    Digest charter,
    int partition,
    int me,
    List<String> aggregators,
    List<String> banks,
    Digest ruleSet,
    int ruleSetVersion,
    int rowsMax,
    int batchesInFlight,
    long intervalMillis,
    long aheadMillis,
    long graceMillis,
    long stallMillis,
    long backoffMillis) {
  /** Batches that any party may have in flight, and may be ahead of another. */
  public static final int BATCHES_IN_FLIGHT_MAX = 16;

  /** That any party takes in a batch. */
  public static final int ROWS_MAX_LEAST = 1_024;

  private static final long TICK_MILLIS_MIN = 5;
  private static final long TICK_MILLIS_MAX = 50;
  private static final long TICKS_PER_CUT = 10;

  /** Rows of a batch, with the padding of its blocks to whole words. */
  public static int slotsMax(int rowsMax) {
    return rowsMax + Cutting.BLOCKS_MAX * Long.SIZE;
  }

  /** The party that proposes for this partition. */
  public int leader() {
    return partition % aggregators.size();
  }

  /** How often a machine is to be told the time: ten times from a cut to the next one. */
  public long tickMillis() {
    return Math.clamp(intervalMillis / TICKS_PER_CUT, TICK_MILLIS_MIN, TICK_MILLIS_MAX);
  }

  /** The names of some peers, for people. */
  String peers(IntPredicate which) {
    return peersThat(which).stream().map(aggregators::get).collect(Collectors.joining(", "));
  }

  /** The indices of some peers. */
  List<Integer> peersThat(IntPredicate which) {
    return IntStream.range(0, parties())
        .filter(party -> party != me)
        .filter(which)
        .boxed()
        .toList();
  }

  int parties() {
    return aggregators.size();
  }
}
