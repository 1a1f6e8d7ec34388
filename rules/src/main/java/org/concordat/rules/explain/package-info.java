/**
 * What a rule set costs on shares, and what it tells whom: both derived from the plan alone.
 *
 * <p>Knows the budget of each operation (PROTOCOLS 3), not how it is computed. Start at {@link
 * org.concordat.rules.explain.Explanation}.
 */
@NullMarked
package org.concordat.rules.explain;

import org.jspecify.annotations.NullMarked;
