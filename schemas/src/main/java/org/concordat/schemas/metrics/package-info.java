/**
 * Meters that every process of a consortium has: its JVM, disk, clock and certificates.
 *
 * <p>Knows no row and no key. Start at {@link org.concordat.schemas.metrics.ProcessMeters}.
 */
@NullMarked
package org.concordat.schemas.metrics;

import org.jspecify.annotations.NullMarked;
