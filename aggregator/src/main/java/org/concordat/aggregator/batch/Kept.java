package org.concordat.aggregator.batch;

/**
 * How much a machine keeps: blocks go with the cut that uses them up, votes with their batch, own
 * ones some batches later.
 *
 * @param blocks that are held or can't be used, of all banks
 * @param votes of all parties on batches that aren't committed
 * @param earlierVotes prepared ones of this party on the last committed batches
 * @param writing own votes that aren't durable yet
 */
record Kept(int blocks, int votes, int earlierVotes, int writing) {}
