package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What was recorded is within the bounds, and what a process that deletes nothing has is not. */
class DiskBoundsTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final Map<String, Double> EQUAL =
      Map.of("bank-a", 1.0 / 3, "bank-b", 1.0 / 3, "bank-c", 1.0 / 3);

  private static SoakOptions options(
      int rate, int minutes, int overloadRate, int overloadMinutes, int maximum, int retention) {
    return new SoakOptions(
        Path.of("bench"),
        rate,
        3,
        minutes,
        overloadRate,
        overloadMinutes,
        maximum,
        retention,
        Optional.empty());
  }

  /** {@code soak-two-hours.html}: 7,427 MiB of topics at most, 8,905 of a bank's store. */
  @Test
  void twoHoursAreWithin() {
    DiskBounds bounds = DiskBounds.of(options(10_840, 120, 0, 0, 0, 10), EQUAL, false);
    assertThat(bounds.bytes()).containsOnlyKeys("bank-a", "bank-b", "bank-c", "broker");
    // Without deletion it would have been 5.6 MiB a second of 7,500.
    assertThat(bounds.bound("broker")).isBetween(2 * 7_427 * MEBIBYTE, 24_000 * MEBIBYTE);
    assertThat(bounds.bound("bank-a")).isBetween(10_000 * MEBIBYTE, 15_000 * MEBIBYTE);
    assertThat(bounds.bound("agg-1")).isZero();
  }

  /** {@code overload.html}: 6,094 MiB of topics, 1,529 of a store. */
  @Test
  void anOverloadIsWithin() {
    DiskBounds bounds = DiskBounds.of(options(1_000, 5, 34_750, 5, 6_950, 60), EQUAL, false);
    assertThat(bounds.bound("broker")).isBetween(2 * 6_094 * MEBIBYTE, 4 * 6_094 * MEBIBYTE);
    assertThat(bounds.bound("bank-b")).isBetween(2 * 1_529 * MEBIBYTE, 4_096 * MEBIBYTE);
  }

  @Test
  void theLargestBanksPartOfTheBrokerIsLargeEnough() {
    SoakOptions options = options(1_000, 60, 0, 0, 0, 60);
    DiskBounds equal = DiskBounds.of(options, EQUAL, true);
    DiskBounds unequal =
        DiskBounds.of(options, Map.of("bank-a", 0.5, "bank-b", 0.25, "bank-c", 0.25), true);
    assertThat(unequal.bound("broker") / (double) equal.bound("broker")).isBetween(1.49, 1.51);
    assertThat(unequal.bound("bank-a")).isGreaterThan(unequal.bound("bank-b"));
  }

  /** A configuration has to take it. */
  @Test
  void nothingIsBeyondWhatCanBeConfigured() {
    DiskBounds least = DiskBounds.of(options(3, 1, 0, 0, 0, 1), EQUAL, false);
    assertThat(least.bound("broker")).isGreaterThanOrEqualTo(64 * MEBIBYTE);
    assertThat(least.bound("bank-a")).isGreaterThanOrEqualTo(1_024 * MEBIBYTE);
    DiskBounds most = DiskBounds.of(options(1_000_000, 10_080, 0, 0, 0, 10_080), EQUAL, false);
    assertThat(most.bound("broker")).isEqualTo(1L << 44);
    assertThat(most.bound("bank-a")).isEqualTo(1L << 44);
  }
}
