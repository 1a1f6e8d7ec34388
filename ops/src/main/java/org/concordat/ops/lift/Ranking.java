package org.concordat.ops.lift;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/** The rows that a rule ranks highest, the earlier one first among equals. */
final class Ranking {
  private static final Comparator<Finding> WORST_FIRST =
      Comparator.comparingLong(Finding::number)
          .thenComparing(Comparator.comparingInt(Finding::row).reversed());

  /**
   * A row that a rule flags.
   *
   * @param members earlier rows that it flags with it
   */
  record Finding(int row, long number, int[] members) {}

  private final int findingsMax;
  private final PriorityQueue<Finding> best = new PriorityQueue<>(WORST_FIRST);

  Ranking(int findingsMax) {
    this.findingsMax = findingsMax;
  }

  /** Whether a number would be among the highest. */
  boolean takes(long number) {
    return best.size() < findingsMax || best.peek().number() < number;
  }

  void add(Finding finding) {
    best.add(finding);
    if (best.size() > findingsMax) {
      best.poll();
    }
  }

  private List<Finding> bestFirst() {
    List<Finding> ordered = new ArrayList<>(best);
    ordered.sort(WORST_FIRST.reversed());
    return ordered;
  }

  /**
   * The rows that are alerted.
   *
   * @param traced whether a finding alerts the earlier rows of its pattern too, after itself
   * @param from rows before this one are not alerted any more
   */
  Set<Integer> alerts(int most, boolean traced, int from) {
    Set<Integer> alerts = new LinkedHashSet<>();
    for (Finding finding : bestFirst()) {
      add(alerts, finding.row(), most);
      if (traced) {
        for (int member : finding.members()) {
          if (member >= from) {
            add(alerts, member, most);
          }
        }
      }
    }
    return alerts;
  }

  /** The lowest number of a finding that alerts something at a volume; 0 if there is none. */
  long limit(int most, boolean traced) {
    long limit = 0;
    Set<Integer> alerts = new LinkedHashSet<>();
    for (Finding finding : bestFirst()) {
      if (alerts.size() < most) {
        limit = finding.number();
      }
      add(alerts, finding.row(), most);
      for (int member : traced ? finding.members() : new int[0]) {
        add(alerts, member, most);
      }
    }
    return limit;
  }

  private static void add(Set<Integer> alerts, int row, int most) {
    if (alerts.size() < most) {
      alerts.add(row);
    }
  }
}
