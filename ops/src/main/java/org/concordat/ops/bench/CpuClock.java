package org.concordat.ops.bench;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.ops.demo.Role;

/** CPU time of processes, as the operating system counts it. */
final class CpuClock {
  private CpuClock() {}

  /** Seconds of each process since its start, by name. */
  static Map<String, Double> seconds(List<Role> roles) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Role role : roles) {
      seconds.put(role.name(), seconds(ProcessHandle.of(role.pid()).orElse(null)));
    }
    seconds.put("bench", seconds(ProcessHandle.current()));
    return seconds;
  }

  private static double seconds(@org.jspecify.annotations.Nullable ProcessHandle process) {
    return process == null
        ? 0
        : process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
  }

  /** What was used between two readings. */
  static Map<String, Double> between(Map<String, Double> before, Map<String, Double> after) {
    Map<String, Double> used = new LinkedHashMap<>();
    after.forEach((name, end) -> used.put(name, end - before.getOrDefault(name, 0.0)));
    return used;
  }
}
