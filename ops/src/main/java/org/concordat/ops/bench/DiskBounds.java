package org.concordat.ops.bench;

import java.util.Map;
import java.util.TreeMap;
import org.concordat.ops.broker.EmbeddedBroker;

/**
 * What the broker and the agents of a long run may have on their disks, as {@code
 * limits.diskBytesMax} of their configurations; they are judged by it, too. A broker deletes blocks
 * and votes by their retention, and keeps all else to the end; an agent keeps what it has of each
 * row, since no run is as long as {@code limits.seenDays}.
 *
 * @param bytes by process
 */
record DiskBounds(Map<String, Long> bytes) {
  /** Configurations take no more. */
  private static final long BYTES_MAX = 1L << 44;

  /**
   * Of blocks and votes, for each row. All topics of the runs whose pages bench.md names grew by
   * some 500 a row and 340,000 a second.
   */
  private static final long ROW_BYTES = 700;

  /** And for each second, of what blocks and batches have however few their rows are. */
  private static final long SECOND_BYTES = 400_000;

  /** Of cuts, of which there are some fifty a second at most. */
  private static final long CUTS_SECOND_BYTES = 75_000;

  /** Of alerts, for each row: one of a hundred has one, of those that are linked one of five. */
  private static final long ALERTS_ROW_BYTES = 50;

  /** Alerts, and what three aggregators keep of links and their snapshots, 450 each. */
  private static final long LINKED_ROW_BYTES = 2_500;

  /** Those that an overload leaves may be scored faster than the maximum that was measured. */
  private static final double PACE_SLACK = 1.5;

  /** Of its bound a broker gives blocks and what they make a half, each bank as much of it. */
  private static final int BLOCKS_PART = 2;

  /** An agent's {@code limits.spoolBytesMax}, where nobody asks for another number. */
  private static final long SPOOL_BYTES = 1L << 30;

  /** Of an agent's store: some 400 stay (capacity.md), and what is merged is there twice. */
  private static final long STORED_ROW_BYTES = 500;

  /**
   * Bounds of a run.
   *
   * @param shares what part of the rows each bank has
   * @param isLinked whether the rule set links payments
   */
  static DiskBounds of(SoakOptions options, Map<String, Double> shares, boolean isLinked) {
    Map<String, Long> bytes = new TreeMap<>();
    double largest = 0;
    for (Map.Entry<String, Double> bank : shares.entrySet()) {
      double rows = bank.getValue() * options.rowsMax();
      bytes.put(bank.getKey(), configurable(SPOOL_BYTES + rows * STORED_ROW_BYTES));
      largest = Math.max(largest, bank.getValue());
    }
    double parts = BLOCKS_PART * shares.size() * largest;
    bytes.put(EmbeddedBroker.NAME, configurable(parts * topicsBytes(options, isLinked)));
    return new DiskBounds(bytes);
  }

  private static long configurable(double bytes) {
    return (long) Math.min(BYTES_MAX, bytes);
  }

  /** What all topics take at most, if retention does what it says. */
  private static double topicsBytes(SoakOptions options, boolean isLinked) {
    double pace =
        options.overloadMinutes() > 0
            ? PACE_SLACK * options.maximumPerSecond()
            : options.ratePerSecond();
    double keptSeconds = Math.min(options.keptSeconds(), options.secondsMax());
    double keptRows = Math.min(pace * keptSeconds, options.rowsMax());
    double keptRowBytes = isLinked ? LINKED_ROW_BYTES : ALERTS_ROW_BYTES;
    return keptRows * ROW_BYTES
        + keptSeconds * SECOND_BYTES
        + options.secondsMax() * CUTS_SECOND_BYTES
        + options.rowsMax() * keptRowBytes;
  }

  /** What a process may have; nothing where nobody told it. */
  long bound(String process) {
    return bytes.getOrDefault(process, 0L);
  }
}
