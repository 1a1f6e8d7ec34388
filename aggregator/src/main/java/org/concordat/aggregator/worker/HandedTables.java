package org.concordat.aggregator.worker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkageEpoch;

/**
 * What epochs were handed. A start reads it while it waits for the brokers anyway, where this party
 * has prepared the first batch of an epoch: the commit of that doesn't depend on them any more.
 */
final class HandedTables {
  /** By hash. */
  private final Map<Digest, List<CarriedTable>> foreseen = new HashMap<>();

  List<CarriedTable> of(LinkageEpoch epoch, LinkLog log) {
    Digest carried = epoch.getCarried();
    if (carried == null) {
      return List.of();
    }
    List<CarriedTable> known = foreseen.get(carried);
    return known == null ? log.handed(epoch) : known;
  }

  void foresee(LinkageEpoch epoch, LinkLog log) {
    if (epoch.getCarried() != null) {
      foreseen.put(epoch.getCarried(), of(epoch, log));
    }
  }

  void clear() {
    foreseen.clear();
  }

  @Override
  public String toString() {
    return "HandedTables[epochs=" + foreseen.size() + "]";
  }
}
