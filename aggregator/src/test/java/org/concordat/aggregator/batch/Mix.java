package org.concordat.aggregator.batch;

import org.concordat.aggregator.batch.SimulatedConsortium.Faults;

/** What goes wrong in a run of the simulated consortium; a failure names it beside its seed. */
enum Mix {
  /** Nothing. */
  NONE(Faults.none()),
  /** So much that there is hardly ever time for several batches. */
  MANY(new Faults(90, 120, 15, 12, 0, 0, 0)),
  /** So little that there are often several batches in flight when one fails. */
  SOME(new Faults(400, 500, 40, 6, 0, 0, 0)),
  /** Parties that compute different outcomes. */
  OUTCOMES(new Faults(200, 200, 0, 0, 30, 0, 0)),
  /** Writes that fail, come late or twice, and processes that replace one that still runs. */
  BROKERS(new Faults(250, 500, 40, 12, 0, 20, 150));

  final Faults faults;

  Mix(Faults faults) {
    this.faults = faults;
  }
}
