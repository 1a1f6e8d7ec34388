package org.concordat.ops.bench;

/**
 * The measured part of a phase, in milliseconds of the epoch.
 *
 * @param end exclusive
 */
record Window(long begin, long end) {
  boolean contains(long millis) {
    return begin <= millis && millis < end;
  }

  double seconds() {
    return (end - begin) / 1000.0;
  }
}
