/**
 * The agent's API: who may call what, within which limits, and how a refusal looks.
 *
 * <p>Knows no transaction and no alert: whoever offers something adds its routes. Start at {@link
 * org.concordat.agent.api.ApiServer}.
 */
@NullMarked
package org.concordat.agent.api;

import org.jspecify.annotations.NullMarked;
