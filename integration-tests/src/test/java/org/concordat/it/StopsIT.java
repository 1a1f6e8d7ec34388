package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * At 500 payments a second, clean stops and starts over all roles, the broker included, lose no
 * transaction and double no alert. Six stops, one for each role; with {@code -Plong} 20, and blocks
 * of a row or two. That the check which says so finds what is wrong is held by {@link SecrecyIT}.
 * Agents and aggregators end with status 0 also where the broker was killed; with a broker there,
 * they log no error as they stop.
 */
@ExtendWith(LossStays.class)
class StopsIT {
  private static final boolean FULL = "full".equals(System.getProperty("concordat.it.load"));
  private static final int STOPS = FULL ? 20 : 6;
  private static final int RATE = 500;
  private static final int PAYMENTS = FULL ? 100_000 : 20_000;
  private static final int BANKS = 2;
  private static final long PAUSE_MILLIS = 1_500;
  private static final long COMPLETE_SECONDS = 300;
  private static final long UP_SECONDS = 120;

  @TempDir private Path temp;

  @Test
  void stopsLoseNothingAndDoubleNothing() throws Exception {
    Path folder = temp.resolve("stops");
    try (Consortium consortium = Runs.simulated(folder, BANKS, PAYMENTS, RATE)) {
      Runs.shareRate(consortium, RATE);
      // The default where aggregators have machines of their own.
      Consortium.setBatchesInFlight(folder, 4);
      if (!FULL) {
        Runs.largerBlocks(consortium);
      }
      Runs.startAll(consortium);
      for (String name : victims(consortium)) {
        Runs.awaitUp(consortium, UP_SECONDS);
        Thread.sleep(PAUSE_MILLIS);
        Role role = consortium.role(name);
        if (name.equals("broker")) {
          stop(role);
          Files.deleteIfExists(folder.resolve("broker/ready"));
        } else {
          stopWithoutError(role);
        }
        role.restart();
        if (name.equals("broker")) {
          consortium.awaitBroker();
        }
      }
      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      Runs.requireOracles(Runs.checked(folder), PAYMENTS);
      consortium.role("broker").kill();
      // Not for something to happen: by then all have lost it, and try to reach it.
      Thread.sleep(PAUSE_MILLIS);
      stopAtOnce(consortium, consortium.banks());
      stopAtOnce(consortium, Consortium.AGGREGATORS.subList(0, 2));
      // Without any peer.
      stop(consortium.role(Consortium.AGGREGATORS.getLast()));
    }
  }

  private static void stopAtOnce(Consortium consortium, List<String> names) throws Exception {
    for (String name : names) {
      Runs.signal(consortium.role(name), "TERM");
    }
    for (String name : names) {
      stop(consortium.role(name));
    }
  }

  private static void stop(Role role) throws InterruptedException {
    assertThat(role.stop()).as("%s stops by itself", role.name()).isTrue();
    assertThat(role.exitValue()).as("exit status of %s", role.name()).isZero();
  }

  private static void stopWithoutError(Role role) throws IOException, InterruptedException {
    // What befell it before, such as a broker that was away, may have been worth an error.
    long before = Files.size(role.log());
    stop(role);
    try (InputStream log = Files.newInputStream(role.log())) {
      log.skipNBytes(before);
      String since = new String(log.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(since.lines().filter(line -> line.contains(" ERROR ")))
          .as("errors that %s logs as it stops", role.name())
          .isEmpty();
    }
  }

  /** Every role at least once, in a seeded order. */
  private static List<String> victims(Consortium consortium) {
    List<String> roles = new ArrayList<>(List.of("broker"));
    roles.addAll(Consortium.AGGREGATORS);
    roles.addAll(consortium.banks());
    List<String> victims = new ArrayList<>();
    while (victims.size() < STOPS) {
      victims.addAll(roles);
    }
    List<String> chosen = new ArrayList<>(victims.subList(0, STOPS));
    Collections.shuffle(chosen, new Random(1));
    return chosen;
  }
}
