package org.concordat.aggregator.batch;

import org.concordat.schemas.record.CutRecord;

/** The cut of an attempt that this party has prepared, from its own log. */
public record PreparedCut(int attempt, CutRecord cut) {}
