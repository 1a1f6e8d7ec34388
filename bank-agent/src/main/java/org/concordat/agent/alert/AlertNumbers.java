package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Notices alerts that are missing: each aggregator numbers a bank's alerts per partition from 0
 * without gaps. What was read is remembered across restarts, and reading it again is no gap.
 */
final class AlertNumbers {
  private static final long NONE = -1;

  private final Function<String, Optional<byte[]>> stored;
  private final Map<String, Long> lasts = new HashMap<>();

  /**
   * @param stored what {@link #progress} gave, by name
   */
  AlertNumbers(Function<String, Optional<byte[]>> stored) {
    this.stored = stored;
  }

  /** How many numbers were left out before this one. */
  long missingBefore(String aggregator, int partition, long number) {
    String name = "number/" + aggregator + "/" + partition;
    long last =
        lasts.computeIfAbsent(
            name, n -> stored.apply(n).map(b -> ByteBuffer.wrap(b).getLong()).orElse(NONE));
    if (number <= last) {
      return 0;
    }
    lasts.put(name, number);
    return number - last - 1;
  }

  /** Names and values to store together with the position. */
  Map<String, byte[]> progress() {
    Map<String, byte[]> values = new HashMap<>();
    lasts.forEach(
        (name, last) -> values.put(name, ByteBuffer.allocate(Long.BYTES).putLong(last).array()));
    return values;
  }
}
