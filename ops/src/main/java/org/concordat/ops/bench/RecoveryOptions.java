package org.concordat.ops.bench;

import java.nio.file.Path;

/**
 * What is asked of recovery.
 *
 * @param rules folder of the rule set; one that links payments if there are entities
 * @param brokers one, or a cluster of three of which each keeps every topic
 * @param asWorkers whether each aggregator is one worker of a group, and not a single process
 * @param ratePerSecond of rows over all banks
 * @param kills of each of agents, aggregators and brokers
 * @param entities that each aggregator remembers before anything is killed; 0 for what comes
 * @param busySeconds of work as fast as it goes before each kill
 * @param settleSeconds of work at the rate after that
 * @param withinSeconds in which scoring has to go on, for 95 of 100 kills of each of them
 * @param aggregatorMegabytes the most that an aggregator's heap may take
 */
public record RecoveryOptions(
    Path rules,
    int brokers,
    boolean asWorkers,
    int ratePerSecond,
    int kills,
    int entities,
    int busySeconds,
    int settleSeconds,
    int withinSeconds,
    int aggregatorMegabytes) {}
