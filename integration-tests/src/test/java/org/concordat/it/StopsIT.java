package org.concordat.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.concordat.ops.demo.Consortium;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * At 500 payments a second in blocks of a row or two, 20 stops in order and starts over all roles,
 * the broker included, lose no transaction and double no alert; {@link MembersIT} has a few of them
 * in every build. That the check which says so finds what is wrong is held by {@link SecrecyIT}.
 */
@ExtendWith(LossStays.class)
class StopsIT {
  private static final int STOPS = 20;
  private static final int RATE = 500;
  private static final int BANKS = 2;

  /** Longer than all stops and starts take. */
  private static final int SECONDS_MAX = 600;

  @TempDir private Path temp;

  @Test
  void stopsLoseNothingAndDoubleNothing() throws Exception {
    Path folder = temp.resolve("stops");
    try (SteadyLoad load = SteadyLoad.create(folder, BANKS, 1, RATE, SECONDS_MAX)) {
      Consortium consortium = load.consortium();
      // The default where aggregators have machines of their own.
      Consortium.setBatchesInFlight(folder, 4);
      consortium.startBroker();
      consortium.startAggregators();
      load.startAgents();
      for (String name : victims(consortium)) {
        OrderlyStops.restart(consortium, name);
      }
      load.requireOracles();
      OrderlyStops.endWithoutBroker(consortium, consortium.banks());
    }
  }

  /** Every role at least once, in a seeded order. */
  private static List<String> victims(Consortium consortium) {
    List<String> victims = new ArrayList<>();
    while (victims.size() < STOPS) {
      victims.addAll(OrderlyStops.roles(consortium));
    }
    List<String> chosen = new ArrayList<>(victims.subList(0, STOPS));
    Collections.shuffle(chosen, new Random(1));
    return chosen;
  }
}
