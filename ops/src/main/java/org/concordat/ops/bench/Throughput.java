package org.concordat.ops.bench;

import java.util.List;
import org.concordat.ops.check.CommittedCuts.Commit;

/**
 * Committed rows a second. Counted from one commit to another: a window's ends fall into the middle
 * of a batch, and a batch too many or too few would be some per cent.
 */
final class Throughput {
  private Throughput() {}

  /**
   * From the first commit in or after a window to the first after its end.
   *
   * @throws IllegalArgumentException no two commits are that late
   */
  static double perSecond(List<Commit> commits, Window window) {
    long begin = 0;
    long rows = 0;
    for (Commit commit : commits) {
      if (begin > 0 && commit.millis() > begin) {
        rows += commit.rows();
        if (commit.millis() >= window.end()) {
          return rows * 1000.0 / (commit.millis() - begin);
        }
      } else if (begin == 0 && commit.millis() >= window.begin()) {
        begin = commit.millis();
      }
    }
    throw new IllegalArgumentException("no commit after the window's end");
  }
}
