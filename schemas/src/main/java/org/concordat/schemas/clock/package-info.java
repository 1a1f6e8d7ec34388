/**
 * What time it is, for whoever destroys by age.
 *
 * <p>Knows nothing of what is destroyed. Start at {@link org.concordat.schemas.clock.SteadyClock}.
 */
@NullMarked
package org.concordat.schemas.clock;

import org.jspecify.annotations.NullMarked;
