/**
 * What a rule set would have flagged in a bank's own history, on plaintext at the bank.
 *
 * <p>Knows no share and no peer. Start at {@link org.concordat.rules.simulate.Simulation}.
 */
@NullMarked
package org.concordat.rules.simulate;

import org.jspecify.annotations.NullMarked;
