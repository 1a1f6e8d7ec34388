/**
 * What a rule set compiles to: a short list of column operations that runs on plaintext and on
 * shares alike.
 *
 * <p>Knows no YAML and no protocol. Start at {@link org.concordat.rules.plan.Plan}.
 */
@NullMarked
package org.concordat.rules.plan;

import org.jspecify.annotations.NullMarked;
