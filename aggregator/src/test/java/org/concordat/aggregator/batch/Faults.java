package org.concordat.aggregator.batch;

/**
 * What goes wrong in a simulated consortium, each once in so many steps of its kind; 0 for never.
 *
 * @param write to the brokers: it fails, or comes late or twice
 * @param move of a partition to another process while one has it
 * @param outage of all processes at once, while the prepared vote of one is on its way
 * @param jump of a bank over sequences that it never uses; where there are any, each bank has
 *     signed one block far ahead of all others, which one party alone is shown
 */
record Faults(
    int crash,
    int sessionLoss,
    int block,
    int compute,
    int outcome,
    int write,
    int move,
    int outage,
    int jump) {
  static Faults none() {
    return new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
