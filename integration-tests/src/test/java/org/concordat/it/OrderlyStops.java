package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;

/**
 * Roles stop in order and start again under load. Agents and aggregators end with status 0 also
 * where the broker was killed; with a broker there, they log no error as they stop.
 */
final class OrderlyStops {
  private static final String BROKER = "broker";
  private static final long PAUSE_MILLIS = 1_500;
  private static final long UP_SECONDS = 120;

  private OrderlyStops() {}

  /** The broker, the aggregators and the agents. */
  static List<String> roles(Consortium consortium) {
    List<String> roles = new ArrayList<>(List.of(BROKER));
    roles.addAll(Consortium.AGGREGATORS);
    roles.addAll(consortium.banks());
    return roles;
  }

  /** Waits until all are up, and then stops one, which starts again at once. */
  static void restart(Consortium consortium, String name) throws Exception {
    Runs.awaitUp(consortium, UP_SECONDS);
    Thread.sleep(PAUSE_MILLIS);
    Role role = consortium.role(name);
    if (name.equals(BROKER)) {
      stop(role);
      Runs.restartBroker(consortium);
    } else {
      stopWithoutError(role);
      role.restart();
    }
  }

  /** The broker is killed, and all others stop. */
  static void endWithoutBroker(Consortium consortium, List<String> agents) throws Exception {
    consortium.role(BROKER).kill();
    // Not for something to happen: by then all have lost it, and try to reach it.
    Thread.sleep(PAUSE_MILLIS);
    stopAtOnce(consortium, agents);
    stopAtOnce(consortium, Consortium.AGGREGATORS.subList(0, 2));
    // Without any peer.
    stop(consortium.role(Consortium.AGGREGATORS.getLast()));
  }

  private static void stopAtOnce(Consortium consortium, List<String> names) throws Exception {
    for (String name : names) {
      Runs.signal(consortium.role(name), "TERM");
    }
    for (String name : names) {
      stop(consortium.role(name));
    }
  }

  static void stop(Role role) throws InterruptedException {
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
}
