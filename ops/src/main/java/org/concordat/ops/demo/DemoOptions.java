package org.concordat.ops.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a demo is asked for.
 *
 * @param transactions simulated, or at most read from the payments file
 * @param ratePerSecond over all banks; 0 for as fast as it goes
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
    Optional<Path> folder,
    boolean json) {}
