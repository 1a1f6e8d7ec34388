package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.concordat.ops.demo.Consortium;

/**
 * The network between the aggregators, and how many batches they have in flight.
 *
 * @param roundTripMillis that their links simulate; 0 for what there is
 * @param megabitsPerSecond of each link and direction; 0 for what there is
 * @param inFlightMax batches; 0 for one, as everywhere on one machine
 */
public record PeerNetwork(int roundTripMillis, int megabitsPerSecond, int inFlightMax) {
  /** Loopback, and the default. */
  public static final PeerNetwork NONE = new PeerNetwork(0, 0, 0);

  private static final int MICROS_PER_MILLI = 1_000;

  /** Writes it to the aggregators' configuration files. */
  void configure(Path folder) throws IOException {
    if (inFlightMax > 0) {
      Consortium.setBatchesInFlight(folder, inFlightMax);
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      Files.writeString(
          folder.resolve(aggregator).resolve("aggregator.yaml"),
          shape(),
          StandardCharsets.UTF_8,
          StandardOpenOption.APPEND);
    }
  }

  private String shape() {
    if (roundTripMillis == 0 && megabitsPerSecond == 0) {
      return "";
    }
    var yaml = new StringBuilder("simulatedNetwork:\n");
    yaml.append("  oneWayMicros: ").append(roundTripMillis * MICROS_PER_MILLI / 2).append('\n');
    if (megabitsPerSecond > 0) {
      yaml.append("  megabitsPerSecond: ").append(megabitsPerSecond).append('\n');
    }
    return yaml.toString();
  }
}
