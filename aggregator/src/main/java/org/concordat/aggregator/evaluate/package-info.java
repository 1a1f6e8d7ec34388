/**
 * Runs a rule set's plan on the shares of a batch and opens the flags of its live rules, nothing
 * else.
 *
 * <p>Knows no bank, bus or suite: blocks of shares in, flagged rows out. Start at {@link
 * org.concordat.aggregator.evaluate.PlanEvaluator}.
 */
@NullMarked
package org.concordat.aggregator.evaluate;

import org.jspecify.annotations.NullMarked;
