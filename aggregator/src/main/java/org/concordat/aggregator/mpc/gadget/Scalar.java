package org.concordat.aggregator.mpc.gadget;

/** A shared number of a circuit that is the same in every row: one slot with a word for 64 rows. */
public record Scalar(int value) {}
