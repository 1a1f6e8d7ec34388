/**
 * Runs a plan on plaintext columns: the truth that the shares have to match bit for bit.
 *
 * <p>Knows no rule text and no protocol. Runs in tests, simulations and under test charters only.
 * Start at {@link org.concordat.rules.oracle.Oracle}.
 */
@NullMarked
package org.concordat.rules.oracle;

import org.jspecify.annotations.NullMarked;
