package org.concordat.rules.explain;

/**
 * The links between aggregators.
 *
 * @param roundTripMillis at least 0
 * @param bitsPerSecond of one direction; 0 where it isn't looked at
 */
public record Network(double roundTripMillis, long bitsPerSecond) {}
