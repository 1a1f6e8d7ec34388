package org.concordat.aggregator;

import org.concordat.aggregator.bus.BusClients;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** Whether what the largest batch adds to the log fits into a record. */
final class BatchBytes {
  private static final int HELD = 2;

  private BatchBytes() {}

  /**
   * Refuses a size of batches whose votes no broker would take: they could never be committed.
   *
   * @param namesMembers whether earlier records of patterns are alerted too
   */
  static void verify(LinkSpec spec, boolean namesMembers, int rowsMax, Problems problems) {
    long bytes = spec.loggedBytes(HELD, namesMembers);
    long rows = BusClients.LINKED_BYTES_MAX / bytes;
    if (rowsMax > rows) {
      problems.add(
          Code.CDT_106,
          Place.of("batch.rowsMax"),
          "A batch of "
              + rowsMax
              + " rows adds "
              + rowsMax * bytes
              + " bytes to what is remembered of entities; "
              + BusClients.LINKED_BYTES_MAX
              + " fit into a record.",
          "Write " + rows + " or less, or use a rule set that links less.");
    }
  }
}
