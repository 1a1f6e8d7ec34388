package org.concordat.aggregator.evaluate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Step;

/** How many words went from one party to another in each round. */
public final class RoundSizes implements MemoryNetwork.Tap {
  private final Map<String, Long> words = new ConcurrentHashMap<>();

  @Override
  public long[] pass(int sender, int receiver, Step step, long[] flight) {
    String path = step.path();
    // Rounds of a circuit are named; details are told in one round with reasons.
    String round =
        path.contains("/round")
            ? path.substring(0, path.lastIndexOf('/'))
            : path.replaceFirst("/reshare-.*", "/reshare");
    words.merge(sender + " " + receiver + " " + round, (long) flight.length, Long::sum);
    return flight;
  }

  public long largest() {
    return words.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  public void clear() {
    words.clear();
  }
}
