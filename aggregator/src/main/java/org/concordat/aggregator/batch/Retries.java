package org.concordat.aggregator.batch;

/**
 * When the next attempt of one batch may start: later after each one that came to nothing, and not
 * at all once too many have been computed in vain in one session, since each could leak a little
 * (PROTOCOLS 2.1, "Ops on abort").
 */
final class Retries {
  /** Computed attempts of one batch and session that may come to nothing. */
  static final int COMPUTED_MAX = 16;

  /**
   * So many that half a stall counts before them: votes on attempts that came to nothing are kept
   * until the batch is committed, and while a peer objects to each there is no end of them.
   */
  private static final int DOUBLINGS_MAX = 10;

  private final Settings settings;
  private long notBefore;
  private int failures;
  private int computed;

  Retries(Settings settings) {
    this.settings = settings;
  }

  /** An attempt came to nothing. */
  void failed(boolean wasComputed, long millis) {
    long backoff = settings.backoffMillis() << Math.min(failures, DOUBLINGS_MAX);
    // Peers name a leader that cuts nothing for as long as a stall.
    notBefore = millis + Math.min(backoff, settings.stallMillis() / 2);
    failures++;
    if (wasComputed) {
      computed++;
    }
  }

  /** Fresh keys, and probably another process at a peer: what failed before may do now. */
  void newSession() {
    computed = 0;
    failures = 0;
    notBefore = 0;
  }

  boolean due(long millis) {
    return millis >= notBefore;
  }

  boolean exhausted() {
    return computed >= COMPUTED_MAX;
  }
}
