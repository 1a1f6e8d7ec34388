package org.concordat.ops.bench;

import java.io.IOException;
import java.util.List;
import org.concordat.ops.check.CommittedCuts.Commit;
import org.concordat.ops.demo.Role;

/** What a phase measures: on shares, or the same on plaintext. */
interface Pipeline {
  /**
   * Starts the banks' processes, and before the first phase all others.
   *
   * @param ratePerSecond that rows are due at, over all banks; 0 for as fast as they are taken
   */
  void begin(int ratePerSecond) throws IOException, InterruptedException;

  /** Sees to it that input doesn't run dry. Called several times a second. */
  void feed() throws IOException, InterruptedException;

  /** Whether a row of every bank was committed since the phase began. */
  boolean started();

  /** How many batches were committed up to now, in all phases. */
  long batches();

  /** Ends the input, waits until all of it is delivered, and ends the banks' processes. */
  void end() throws IOException, InterruptedException;

  /** The processes that run. */
  List<Role> roles();

  /** Everything that was committed, in all phases. */
  List<Commit> commits() throws IOException;

  /** Of the rows that were due in a window of the last phase. */
  Latencies latencies(Window window) throws IOException;
}
