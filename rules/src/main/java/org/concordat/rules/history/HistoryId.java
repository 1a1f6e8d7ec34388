package org.concordat.rules.history;

/** 128 bits of a keyed hash: of an account, or of an account and a beneficiary. */
public record HistoryId(long high, long low) {}
