/**
 * Weighted sums and the scores made of them: inline weights and model files as other tools export
 * them.
 *
 * <p>Knows the contract, no plan and no protocol. Weights are public, but for those of a {@link
 * org.concordat.rules.model.SecretScore}, which no rule set holds. Start at {@link
 * org.concordat.rules.model.Score}.
 */
@NullMarked
package org.concordat.rules.model;

import org.jspecify.annotations.NullMarked;
