package org.concordat.ops.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.concordat.schemas.record.Digest;

/**
 * When each batch was prepared and committed, by whom, as the aggregators' votes and cuts tell; and
 * so between which of its steps a fault fell.
 */
final class Ledger {
  private static final long POLL_MILLIS = 20;
  private static final int SECOND_MILLIS = 1_000;

  /** What became of a cut, by party; 0 where nothing did yet. Guarded by the ledger. */
  private static final class Attempt {
    final long[] voteSeen;
    final long[] voted;
    final long[] committed;

    /** By bank with rows in it, once all committed it: how many of the bank they have by then. */
    final Map<String, Long> through = new HashMap<>();

    long rows;

    Attempt(int parties) {
      this.voteSeen = new long[parties];
      this.voted = new long[parties];
      this.committed = new long[parties];
    }
  }

  private final List<String> aggregators;
  private final Map<Digest, Attempt> attempts = new HashMap<>();

  /** In the order in which they were first heard of. */
  private final List<Attempt> order = new ArrayList<>();

  /** Rows that all committed, by bank. */
  private final Map<String, Long> rowsByBank = new HashMap<>();

  Ledger(List<String> aggregators) {
    this.aggregators = aggregators;
  }

  /**
   * A prepared vote.
   *
   * @param votedMillis when a broker wrote it
   * @param seenMillis when it was read from them, so that it was durable
   */
  synchronized void voted(String aggregator, Digest cut, long votedMillis, long seenMillis) {
    Attempt attempt = of(cut);
    int party = aggregators.indexOf(aggregator);
    attempt.voted[party] = votedMillis;
    attempt.voteSeen[party] = seenMillis;
    notifyAll();
  }

  /**
   * A committed cut.
   *
   * @param committedMillis when a broker wrote it, before the commit
   */
  synchronized void committed(
      String aggregator, Digest cut, long committedMillis, Map<String, Long> rowsOfCut) {
    Attempt attempt = of(cut);
    int party = aggregators.indexOf(aggregator);
    // A party may write a cut once more: it had committed it before, and its rows count once.
    if (attempt.committed[party] == 0) {
      attempt.committed[party] = committedMillis;
    }
    attempt.rows = rowsOfCut.values().stream().mapToLong(Long::longValue).sum();
    if (least(attempt.committed) > 0 && attempt.through.isEmpty()) {
      rowsOfCut.forEach(
          (bank, rows) -> attempt.through.put(bank, rowsByBank.merge(bank, rows, Long::sum)));
    }
    notifyAll();
  }

  private Attempt of(Digest cut) {
    return attempts.computeIfAbsent(
        cut,
        c -> {
          var attempt = new Attempt(aggregators.size());
          order.add(attempt);
          return attempt;
        });
  }

  /** How many cuts are known: what follows is newer. */
  synchronized int size() {
    return order.size();
  }

  /**
   * Waits for a vote that one of some parties writes from now on: it has prepared a batch that
   * isn't committed. False if none came in time.
   */
  synchronized boolean awaitPrepared(Set<String> parties, Duration most)
      throws InterruptedException {
    long begin = System.currentTimeMillis();
    int from = order.size();
    while (System.currentTimeMillis() - begin < most.toMillis()) {
      for (Attempt attempt : order.subList(from, order.size())) {
        for (String party : parties) {
          int p = aggregators.indexOf(party);
          if (attempt.voteSeen[p] > 0 && attempt.committed[p] == 0) {
            return true;
          }
        }
      }
      wait(POLL_MILLIS);
    }
    return false;
  }

  /**
   * Whether a moment fell between prepare and commit of a batch: a vote of one of the parties had
   * been read, so that it was durable, and only later did that party write the batch's cut.
   *
   * @param from cuts known some time before
   * @param afterMillis when what was done was done
   */
  synchronized boolean isBetween(
      int from, Set<String> parties, long beforeMillis, long afterMillis) {
    for (Attempt attempt : order.subList(from, order.size())) {
      for (String party : parties) {
        int p = aggregators.indexOf(party);
        if (attempt.voteSeen[p] > 0
            && attempt.voteSeen[p] <= beforeMillis
            && attempt.committed[p] > afterMillis) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * When the first batch was committed by all that all prepared after a moment; 0 if none is yet.
   *
   * @param from cuts known some time before
   */
  synchronized long scoredAgain(int from, long sinceMillis) {
    return firstCommitted(from, sinceMillis, attempt -> attempt.rows > 0);
  }

  /**
   * As above, of those with which all have more of a bank's rows than so many. What else holds rows
   * of it may be of blocks that were on the bus before: those are scored without the bank's agent.
   *
   * @param rows that had come to the bank at that moment
   */
  synchronized long scoredAgain(int from, long sinceMillis, String bank, long rows) {
    return firstCommitted(
        from, sinceMillis, attempt -> attempt.through.getOrDefault(bank, 0L) > rows);
  }

  private long firstCommitted(int from, long sinceMillis, Predicate<Attempt> counts) {
    long first = 0;
    for (Attempt attempt : order.subList(from, order.size())) {
      if (counts.test(attempt)
          && least(attempt.voted) > sinceMillis
          && least(attempt.committed) > 0) {
        long committed = most(attempt.committed);
        first = first == 0 ? committed : Math.min(first, committed);
      }
    }
    return first;
  }

  /** Rows by the second, from the epoch on, in which a second aggregator committed them. */
  synchronized TreeMap<Long, Long> rowsBySecond() {
    var rows = new TreeMap<Long, Long>();
    for (Attempt attempt : order) {
      long[] committed = attempt.committed.clone();
      Arrays.sort(committed);
      // Zeros, of those that haven't, come first.
      long second = committed[0] > 0 ? committed[1] : committed[committed.length - 1];
      if (committed[committed.length - 2] > 0) {
        rows.merge(second / SECOND_MILLIS, attempt.rows, Long::sum);
      }
    }
    return rows;
  }

  private static long least(long[] of) {
    long least = Long.MAX_VALUE;
    for (long value : of) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static long most(long[] of) {
    long most = 0;
    for (long value : of) {
      most = Math.max(most, value);
    }
    return most;
  }
}
