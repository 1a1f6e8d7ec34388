/**
 * What every process of a consortium does when one of its threads fails, and while it starts.
 *
 * <p>Knows nothing of what the threads do. Start at {@link
 * org.concordat.schemas.process.UncaughtFailures}.
 */
@NullMarked
package org.concordat.schemas.process;

import org.jspecify.annotations.NullMarked;
