package org.concordat.rules.link;

/**
 * Writes what is remembered as it was at a moment, while batches are derived, committed and undone:
 * a start reads the pages instead of every row before. Used by the thread of the memory that it is
 * of. Prints nothing of it.
 */
public sealed interface LinkSweep permits TableSweeps, HiddenSweep {
  /** Of pages and of the records in them: no other one can be read. */
  int FORMAT = 1;

  /** Writes so many records more; returns whether all are written. */
  boolean on(int records);

  /** Gives up what isn't written. */
  void giveUp();
}
