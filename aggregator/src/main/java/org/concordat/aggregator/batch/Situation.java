package org.concordat.aggregator.batch;

/** What all parts of a machine know of the moment. */
final class Situation {
  final CutSize cutSize;
  long now;
  long utcMinute;
  boolean sessionUp;

  /** Whether the peers are to be told anew what this party offers. */
  boolean announce;

  /** Whether they were told in this session. */
  boolean announced;

  /** When a computation last came to an end. */
  long computedMillis;

  Situation(Settings settings) {
    this.cutSize = new CutSize(settings.rowsMax());
  }
}
