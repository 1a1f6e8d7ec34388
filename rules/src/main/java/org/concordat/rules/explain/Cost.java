package org.concordat.rules.explain;

/**
 * What one transaction costs under rep3, and how many rounds a batch of them takes.
 *
 * @param rounds before anything is opened
 * @param andGates binary products
 * @param conversions values that go from Boolean to arithmetic shares
 * @param bytesSent by the busiest aggregator, openings included, hashes and framing not
 */
public record Cost(int rounds, int andGates, int conversions, double bytesSent) {}
