/**
 * What a bank's earlier payments of the same account say of a payment: counts, sums, the time since
 * the last one, whether the beneficiary is new, how the amount compares with the usual one.
 *
 * <p>Decides by event times and the order of acceptance alone, so that whoever takes the same rows
 * in the same order computes the same. Knows no file, store or clock. Start at {@link
 * org.concordat.rules.history.HistoryFeatures}.
 */
@NullMarked
package org.concordat.rules.history;

import org.jspecify.annotations.NullMarked;
