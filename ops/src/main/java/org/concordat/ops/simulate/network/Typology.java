package org.concordat.ops.simulate.network;

import java.util.Locale;

/** Ways to launder or steal, with how often they are tried. */
enum Typology {
  PASS_THROUGH(12),
  SCATTER_GATHER(14),
  GATHER_SCATTER(8),
  CYCLE(18),
  BIPARTITE(12),
  STACK(12),
  CHAIN(14),
  FAN_IN(6),
  FAN_OUT(6),
  STRUCTURING(6),
  DORMANT_AWAKENED(8),
  CARD_TESTING(4),
  DEVICE_SHARED(6),
  BUST_OUT(6),
  MIRRORING(6);

  private final int weight;

  Typology(int weight) {
    this.weight = weight;
  }

  int weight() {
    return weight;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
