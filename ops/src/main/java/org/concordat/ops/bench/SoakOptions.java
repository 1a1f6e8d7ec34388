package org.concordat.ops.bench;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a long run is asked for.
 *
 * @param ratePerSecond of rows over all banks
 * @param warmUpMinutes before the first sample counts
 * @param minutes at that rate
 * @param overloadRate rows a second of the minutes after those
 * @param overloadMinutes 0 for none
 * @param maximumPerSecond rows that the pipeline was measured to score at most: fewer than come in
 *     an overload, more than come before and after it
 * @param retentionMinutes that the brokers keep blocks and votes, so that hours fit on a disk
 * @param html file of a page with plots
 */
public record SoakOptions(
    Path rules,
    int ratePerSecond,
    int warmUpMinutes,
    int minutes,
    int overloadRate,
    int overloadMinutes,
    int maximumPerSecond,
    int retentionMinutes,
    Optional<Path> html) {}
