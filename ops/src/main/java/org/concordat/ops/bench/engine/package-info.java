/**
 * Measures whole protocols of the MPC engine: three parties, each a process, over the aggregators'
 * own TLS links on loopback. Inputs come from a public seed, so that everybody can recompute what
 * the parties open. Start at {@link org.concordat.ops.bench.engine.EngineBench}.
 */
@NullMarked
package org.concordat.ops.bench.engine;

import org.jspecify.annotations.NullMarked;
