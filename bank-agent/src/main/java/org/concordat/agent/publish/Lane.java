package org.concordat.agent.publish;

import java.util.TreeSet;

/** One aggregator's topic, one partition: which blocks went out, and which were acknowledged. */
final class Lane {
  /** So many unacknowledged blocks are under way at most. */
  static final int BLOCKS_MAX = 4;

  final int aggregator;
  final int partition;
  private final TreeSet<Long> outstanding = new TreeSet<>();

  /** The next sequence to look for in the spool. */
  private long next;

  /** Every block below is acknowledged; read by other threads. */
  private volatile long acknowledgedBelow;

  Lane(int aggregator, int partition) {
    this.aggregator = aggregator;
    this.partition = partition;
  }

  long next() {
    return next;
  }

  boolean full() {
    return outstanding.size() >= BLOCKS_MAX;
  }

  boolean empty() {
    return outstanding.isEmpty();
  }

  long acknowledgedBelow() {
    return acknowledgedBelow;
  }

  void sent(long sequence) {
    outstanding.add(sequence);
    next = sequence + 1;
    update();
  }

  /** There is no block below a sequence. */
  void passed(long sequence) {
    next = Math.max(next, sequence);
    update();
  }

  void acknowledged(long sequence) {
    outstanding.remove(sequence);
    update();
  }

  /** Sends everything that isn't acknowledged again. */
  void rewind() {
    next = acknowledgedBelow;
    outstanding.clear();
  }

  private void update() {
    acknowledgedBelow = outstanding.isEmpty() ? next : outstanding.first();
  }
}
