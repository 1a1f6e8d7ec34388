package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertNumbersTest {
  private final Map<String, byte[]> stored = new HashMap<>();

  private AlertNumbers open() {
    return new AlertNumbers(name -> Optional.ofNullable(stored.get(name)));
  }

  @Test
  void numbersGoOnFromZero() {
    AlertNumbers numbers = open();
    for (long number = 0; number < 5; number++) {
      assertThat(numbers.missingBefore("agg-1", 0, number)).isZero();
    }
    assertThat(numbers.missingBefore("agg-1", 0, 8)).isEqualTo(3);
    assertThat(numbers.missingBefore("agg-1", 0, 9)).isZero();
  }

  @Test
  void theFirstOnesCanBeMissingToo() {
    assertThat(open().missingBefore("agg-1", 0, 2)).isEqualTo(2);
  }

  @Test
  void aggregatorsAndPartitionsCountForThemselves() {
    AlertNumbers numbers = open();
    assertThat(numbers.missingBefore("agg-1", 0, 0)).isZero();
    assertThat(numbers.missingBefore("agg-2", 0, 0)).isZero();
    assertThat(numbers.missingBefore("agg-1", 1, 0)).isZero();
    assertThat(numbers.missingBefore("agg-1", 1, 2)).isEqualTo(1);
    assertThat(numbers.missingBefore("agg-1", 0, 1)).isZero();
  }

  @Test
  void readingAgainIsNoGapAndHidesNone() {
    AlertNumbers numbers = open();
    numbers.missingBefore("agg-1", 0, 0);
    numbers.missingBefore("agg-1", 0, 1);
    stored.putAll(numbers.progress());
    AlertNumbers later = open();
    assertThat(later.missingBefore("agg-1", 0, 0)).isZero();
    assertThat(later.missingBefore("agg-1", 0, 1)).isZero();
    assertThat(later.missingBefore("agg-1", 0, 4)).isEqualTo(2);
  }

  @Test
  void theGreatestNumberIsCountedRight() {
    AlertNumbers numbers = open();
    assertThat(numbers.missingBefore("agg-1", 0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(numbers.missingBefore("agg-1", 0, Long.MAX_VALUE)).isZero();
    assertThat(numbers.missingBefore("agg-1", 0, Long.MIN_VALUE)).isZero();
  }
}
