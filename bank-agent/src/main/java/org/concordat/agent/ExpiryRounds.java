package org.concordat.agent;

import org.concordat.agent.desk.Desk;
import org.concordat.agent.encode.KeptHistory;
import org.concordat.agent.store.AgentStore;
import org.concordat.schemas.clock.SteadyClock;

/**
 * Removes what is past its age from the store, the histories and the desk, once a minute, and has
 * it leave the disk where that is needed.
 *
 * <p>A round whose time is in doubt ({@link SteadyClock}) removes nothing: without the transaction
 * ids that a clock set ahead would end, a source that is read again is scored a second time. A time
 * that was stepped to is believed after a day. NOT protected: an agent that starts while its clock
 * is ahead, since it can't be told from one that stood still for long.
 */
final class ExpiryRounds {
  private static final long PAUSE_MILLIS = 60_000;
  private static final int BLOCKS = 256;

  /** Accounts, and beneficiaries, that are looked at in a round: a million in about an hour. */
  private static final int HISTORIES = 16_384;

  private final SteadyClock clock;
  private final AgentStore store;
  private final KeptHistory history;
  private final Desk desk;

  ExpiryRounds(SteadyClock clock, AgentStore store, KeptHistory history, Desk desk) {
    this.clock = clock;
    this.store = store;
    this.history = history;
    this.desk = desk;
  }

  /** Works until it is interrupted. */
  void run() throws InterruptedException {
    while (true) {
      round();
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  void round() throws InterruptedException {
    SteadyClock.Reading now = clock.read();
    if (!now.doubted()) {
      expire(now.millis());
    }
    // Whatever the time: what left the spool is to leave the disk, too.
    store.reclaim();
  }

  private void expire(long nowMillis) throws InterruptedException {
    while (store.expire(nowMillis, BLOCKS) == BLOCKS) {
      Thread.sleep(1);
    }
    history.expire(nowMillis, HISTORIES);
    desk.expire(nowMillis);
  }
}
