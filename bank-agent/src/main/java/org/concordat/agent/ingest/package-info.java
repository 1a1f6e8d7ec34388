/**
 * Reads a bank's transactions from where they are: finds the records, and tells each one's place
 * and how far the source has been read.
 *
 * <p>Knows no feature and no rule. A record that can't be read is refused alone. Start at {@link
 * org.concordat.agent.ingest.CsvSource}.
 */
@NullMarked
package org.concordat.agent.ingest;

import org.jspecify.annotations.NullMarked;
