package org.concordat.aggregator.batch;

import java.util.List;

/**
 * What a partition waits for.
 *
 * @param what for people; where peers follow, it ends with "of " or "with "
 * @param peers whom it waits for, by index; empty where nobody is to be named
 */
public record Waiting(String what, List<Integer> peers) {
  static Waiting of(String what) {
    return new Waiting(what, List.of());
  }

  /** For people, with names. */
  String text(Settings settings) {
    return what + settings.peers(peers::contains);
  }
}
