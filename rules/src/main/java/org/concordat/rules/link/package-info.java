/**
 * What a record can know of earlier records that share an account, card or device with it: windows
 * over panes, and paths of earlier payments.
 *
 * <p>Decides which earlier records count, from public structure alone (pseudonyms, minutes, banks),
 * and adds up values that may be plain or one party's share components: it is linear in them. So
 * the oracle and every aggregator run the same code. Where entities are hidden among others ({@link
 * org.concordat.rules.link.HiddenState}) an aggregator's columns wait for a comparison on shares.
 * Knows no rule, protocol or bus. Start at {@link org.concordat.rules.link.LinkState}.
 */
@NullMarked
package org.concordat.rules.link;

import org.jspecify.annotations.NullMarked;
