package org.concordat.aggregator.peer;

import java.time.Duration;

/**
 * Something that this aggregator waits for.
 *
 * @param peer the name of the one that could end the wait
 * @param awaited {@code link}, with the code of the last refusal if any; {@code session}; or the
 *     path of a step
 */
public record Wait(String peer, String awaited, Duration since) {}
