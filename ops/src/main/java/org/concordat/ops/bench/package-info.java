/**
 * Measures the pipeline on one machine: transactions a second and latency on shares, and the same
 * work on plaintext through the same broker. Must not change what it measures: every party is the
 * process that also runs in production. Start at {@link org.concordat.ops.bench.PipelineBench}.
 */
@NullMarked
package org.concordat.ops.bench;

import org.jspecify.annotations.NullMarked;
