package org.concordat.rules.plan;

/** A bit while compiling: known before any row is seen, or a node's. */
sealed interface Bit {
  record Known(boolean value) implements Bit {}

  record Of(int node) implements Bit {}
}
