/**
 * What every process of a consortium does when one of its threads fails, while it starts, and when
 * others would fill its logs.
 *
 * <p>Knows nothing of what the threads do. Start at {@link
 * org.concordat.schemas.process.UncaughtFailures}.
 */
@NullMarked
package org.concordat.schemas.process;

import org.jspecify.annotations.NullMarked;
