package org.concordat.aggregator.batch;

import org.concordat.aggregator.batch.SimulatedComputing.Load;
import org.concordat.aggregator.batch.SimulatedComputing.Loads;

/** What goes wrong in a run of the simulated consortium; a failure names it beside its seed. */
enum Mix {
  /** Nothing. */
  NONE(Faults.none()),
  /** So much that there is hardly ever time for several batches. */
  MANY(new Faults(90, 120, 15, 12, 0, 0, 0, 0, 0)),
  /** So little that there are often several batches in flight when one fails. */
  SOME(new Faults(400, 500, 40, 6, 0, 0, 0, 0, 0)),
  /** Parties that compute different outcomes. */
  OUTCOMES(new Faults(200, 200, 0, 0, 30, 0, 0, 0, 0)),
  /** Writes that fail, come late or twice, and processes that replace one that still runs. */
  BROKERS(new Faults(250, 500, 40, 12, 0, 20, 150, 0, 0)),
  /**
   * All processes end at once, a vote comes late, and hardly anything else happens: so the attempt
   * that all have lost is mostly made again as it was, in another session.
   */
  OUTAGES(new Faults(0, 0, 0, 0, 0, 20, 0, 10, 0)),
  /** Banks that leave out sequences, up to 2^49 at once, and have signed one further ahead. */
  JUMPS(new Faults(300, 400, 20, 12, 0, 0, 0, 0, 8)),
  /** Batches that take long, or are too much; so is many a block by itself. */
  LOADS(
      new Faults(400, 500, 40, 6, 0, 0, 0, 0, 0),
      (rows, blocks) ->
          rows > 900 ? Load.REFUSED : rows % 5 == 0 && rows > 0 ? Load.LONG : Load.LIGHT);

  final Faults faults;
  final Loads loads;

  Mix(Faults faults) {
    this(faults, (rows, blocks) -> Load.LIGHT);
  }

  Mix(Faults faults, Loads loads) {
    this.faults = faults;
    this.loads = loads;
  }
}
