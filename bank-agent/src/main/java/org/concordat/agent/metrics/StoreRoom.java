package org.concordat.agent.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreLimits;
import org.concordat.schemas.problem.Code;

/**
 * Whether the store nears one of its bounds: then the agent isn't ready, and sources that others
 * wait for take nothing more. At the bound itself nothing more is stored, whatever the source.
 */
public final class StoreRoom {
  /** What frees the disk, if nobody raises the bound. */
  private static final String EXPIRY = "expiry";

  private final AgentStore store;
  private final Supplier<String> spoolWaitsFor;

  /**
   * @param spoolWaitsFor who has to do something for the spool to become smaller
   */
  public StoreRoom(AgentStore store, Supplier<String> spoolWaitsFor) {
    this.store = store;
    this.spoolWaitsFor = spoolWaitsFor;
  }

  public boolean isNearlyFull() {
    return isSpoolNearlyFull() || isIndexNearlyFull() || isDiskNearlyFull();
  }

  private boolean isSpoolNearlyFull() {
    return isNear(store.spoolBytes(), store.limits().spoolBytesMax());
  }

  private boolean isIndexNearlyFull() {
    return isNear(store.unscoredBlocks(), store.limits().spoolBlocksMax());
  }

  private boolean isDiskNearlyFull() {
    return isNear(store.diskBytes(), store.limits().diskBytesMax());
  }

  private static boolean isNear(long taken, long bound) {
    return taken >= StoreLimits.READY_SHARE * bound;
  }

  /** Each bound that is near, as a condition of {@link Readiness}. */
  public List<Readiness.Reason> reasons() {
    var reasons = new ArrayList<Readiness.Reason>();
    if (isSpoolNearlyFull()) {
      reasons.add(reason(Code.CDT_355, spoolWaitsFor.get()));
    }
    if (isIndexNearlyFull()) {
      reasons.add(reason(Code.CDT_396, spoolWaitsFor.get()));
    }
    if (isDiskNearlyFull()) {
      reasons.add(reason(Code.CDT_395, EXPIRY));
    }
    return reasons;
  }

  private static Readiness.Reason reason(Code code, String waitsFor) {
    return new Readiness.Reason(code, code.cause(), waitsFor);
  }
}
