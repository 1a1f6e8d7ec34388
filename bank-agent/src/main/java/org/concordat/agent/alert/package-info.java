/**
 * Puts alert shares together and delivers alerts: the only place where a score or a reason is seen.
 *
 * <p>Knows no feature value but the bank's own. Start at {@link
 * org.concordat.agent.alert.AlertReader}.
 */
@NullMarked
package org.concordat.agent.alert;

import org.jspecify.annotations.NullMarked;
