/**
 * The fraud team's list: alerts by transaction and account, with snoozes, budgets, verdicts, and a
 * log of who did what.
 *
 * <p>Knows no share and no broker; shows the bank its own plaintext. Start at {@link
 * org.concordat.agent.desk.Desk}.
 */
@NullMarked
package org.concordat.agent.desk;

import org.jspecify.annotations.NullMarked;
