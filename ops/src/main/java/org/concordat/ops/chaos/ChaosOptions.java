package org.concordat.ops.chaos;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a run is asked for.
 *
 * @param ratePerSecond payments over all banks
 * @param kinds of faults, each of which comes as often
 * @param faults at least
 * @param between of each kind at least as many between prepare and commit of a batch
 * @param folder to keep everything in; a temporary one otherwise
 * @param html file of the page with the timeline
 */
public record ChaosOptions(
    int minutes,
    long seed,
    int ratePerSecond,
    Set<FaultKind> kinds,
    int faults,
    int between,
    Path rules,
    Optional<Path> folder,
    Optional<Path> html,
    boolean json) {
  /** In an hour 200, so that each of seven kinds comes more than 20 times. */
  public static int faultsIn(int minutes) {
    return Math.max(FaultKind.values().length, minutes * 10 / 3);
  }

  /** Of 200 faults 5 of each kind. */
  public static int betweenOf(int faults) {
    return faults / 40;
  }
}
