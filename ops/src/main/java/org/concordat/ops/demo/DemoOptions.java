package org.concordat.ops.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a demo is asked for.
 *
 * @param transactions simulated, or at most read from the payments file
 * @param ratePerSecond over all banks; 0 for as fast as it goes
 * @param workers of each aggregator; 1 is a single process
 * @param folder kept afterwards; a temporary one is removed
 */
public record DemoOptions(
    int banks,
    long transactions,
    int ratePerSecond,
    long seed,
    Optional<Path> payments,
    Path rules,
    Path mapping,
    int workers,
    Optional<Path> folder,
    boolean json) {
  /** Some for each worker, so that they have something to share. */
  int partitions() {
    return workers == 1 ? 1 : 2 * workers;
  }
}
