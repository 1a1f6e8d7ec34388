package org.concordat.aggregator.mpc.gadget;

/** An arithmetic column of a circuit. */
public record Word(int value) {}
