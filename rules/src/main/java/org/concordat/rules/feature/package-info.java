/**
 * The feature contract: what a row holds, in which type, range, unit and domain.
 *
 * <p>Knows no rule and no protocol. Start at {@link org.concordat.rules.feature.FeatureContract}.
 */
@NullMarked
package org.concordat.rules.feature;

import org.jspecify.annotations.NullMarked;
