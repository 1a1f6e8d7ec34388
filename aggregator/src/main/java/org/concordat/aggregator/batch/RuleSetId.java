package org.concordat.aggregator.batch;

import org.concordat.schemas.record.Digest;

/**
 * A rule set, as cuts name it.
 *
 * @param version of two rule sets the later one's is higher
 */
public record RuleSetId(Digest hash, int version) {}
