package org.concordat.ops.chaos;

import java.util.Locale;

/** How a connection breaks. */
enum LinkMode {
  /** Both ends are reset, and new connections are. */
  DROP,
  /** Nothing passes, and nobody is told; what waits passes afterwards. */
  STALL,
  /** The called end is reset, the caller's stays open and nothing answers it, for good. */
  HALF_OPEN,
  /** One byte is altered in each direction of each connection. */
  CORRUPT;

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
