package org.concordat.ops.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a process had on its disk, and what it may have.
 *
 * @param mostBytes at any look
 * @param boundBytes that its configuration names
 */
record DiskUse(long mostBytes, long boundBytes) {
  private static final long MEBIBYTE = 1 << 20;

  boolean isWithin() {
    return mostBytes <= boundBytes;
  }

  /** Of two looks at the same process. */
  DiskUse most(DiskUse other) {
    return new DiskUse(Math.max(mostBytes, other.mostBytes), boundBytes);
  }

  /** Rounded up, so that what is beyond a bound looks so. */
  private long mostMebibytes() {
    return Math.ceilDiv(mostBytes, MEBIBYTE);
  }

  private long boundMebibytes() {
    return boundBytes / MEBIBYTE;
  }

  /** Of processes by name, for people. */
  static String describe(Map<String, DiskUse> processes) {
    return processes.entrySet().stream()
        .map(process -> process.getKey() + " " + process.getValue().describe())
        .collect(Collectors.joining(", "));
  }

  private String describe() {
    return String.format(Locale.ROOT, "%,d of %,d MiB", mostMebibytes(), boundMebibytes());
  }

  /** Of processes by name, for machines. */
  static Map<String, Map<String, Long>> mebibytes(Map<String, DiskUse> processes) {
    Map<String, Map<String, Long>> mebibytes = new LinkedHashMap<>();
    processes.forEach((name, use) -> mebibytes.put(name, use.mebibytes()));
    return mebibytes;
  }

  private Map<String, Long> mebibytes() {
    Map<String, Long> mebibytes = new LinkedHashMap<>();
    mebibytes.put("most", mostMebibytes());
    mebibytes.put("bound", boundMebibytes());
    return mebibytes;
  }
}
