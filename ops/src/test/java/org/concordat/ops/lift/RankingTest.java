package org.concordat.ops.lift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.concordat.ops.lift.LiftReport.Interval;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static Ranking ranking(int findingsMax) {
    var ranking = new Ranking(findingsMax);
    ranking.add(new Ranking.Finding(10, 2, new int[] {3, 8}));
    ranking.add(new Ranking.Finding(11, 5, new int[] {10, 2}));
    ranking.add(new Ranking.Finding(12, 2, new int[] {9}));
    return ranking;
  }

  @Test
  void alertsTheHighestNumberFirstThenTheEarliestRow() {
    assertThat(ranking(9).alerts(2, false, 0)).containsExactly(11, 10);
    assertThat(ranking(9).alerts(9, false, 0)).containsExactly(11, 10, 12);
  }

  @Test
  void earlierRecordsAreAlertsToo() {
    assertThat(ranking(9).alerts(4, true, 0)).containsExactly(11, 10, 2, 3);
    assertThat(ranking(9).alerts(9, true, 5)).containsExactly(11, 10, 8, 12, 9);
  }

  @Test
  void theLimitIsTheLastNumberThatAlerts() {
    assertThat(ranking(9).limit(1, true)).isEqualTo(5);
    assertThat(ranking(9).limit(4, true)).isEqualTo(2);
    assertThat(new Ranking(1).limit(4, true)).isZero();
  }

  @Test
  void keepsTheHighest() {
    assertThat(ranking(2).alerts(9, false, 0)).containsExactly(11, 10);
    assertThat(ranking(2).takes(2)).isFalse();
    assertThat(ranking(2).takes(3)).isTrue();
    assertThat(ranking(9).takes(0)).isTrue();
  }

  @Test
  void intervalsHoldWhatWasSeen() {
    var bootstrap = new Bootstrap(10, 500, 7);
    boolean[] all = {true, true, true, true, true, true, true, true, true, true};
    boolean[] half = {true, false, true, false, true, false, true, false, true, false};
    assertThat(bootstrap.recall(all)).isEqualTo(new Interval(1.0, 1.0));
    Interval interval = bootstrap.recall(half);
    assertThat(interval.from()).isBetween(0.1, 0.4);
    assertThat(interval.to()).isBetween(0.6, 0.9);
    assertThat(new Bootstrap(10, 500, 7).recall(half)).isEqualTo(interval);
    assertThat(bootstrap.ratio(all, List.of(new boolean[10]))).isEqualTo(new Interval(null, null));
    assertThat(bootstrap.ratio(half, List.of(half, new boolean[10])))
        .isEqualTo(new Interval(1.0, 1.0));
  }
}
