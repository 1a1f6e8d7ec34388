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
 * @param rowsMax of a batch
 * @param intervalMillis between a commit and the next proposal, at least
 * @param graceMillis how long a missing block may still come before it is complained about
 * @param stallMillis after which an attempt without agreement or result is given up
 * @param backoffMillis after a given-up attempt; doubled each time, up to 64 times
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
    long intervalMillis,
    long graceMillis,
    long stallMillis,
    long backoffMillis) {
  /** The party that proposes for this partition. */
  public int leader() {
    return partition % aggregators.size();
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
