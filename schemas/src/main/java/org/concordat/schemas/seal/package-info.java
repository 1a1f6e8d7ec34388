/**
 * Seals what crosses the bus: blocks for aggregators, alert details for banks, an aggregator's own
 * data at rest; and signs it.
 *
 * <p>Knows no rule and no Kafka client. Start at {@link org.concordat.schemas.seal.BlockSealer} and
 * its counterpart {@link org.concordat.schemas.seal.BlockOpener}.
 */
@NullMarked
package org.concordat.schemas.seal;

import org.jspecify.annotations.NullMarked;
