package org.concordat.ops.demo;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.concordat.agent.store.StoreLimits;

/**
 * What a process took of the machine's memory, and what it may take.
 *
 * @param mostBytes resident at any time
 * @param boundBytes that it may have resident
 */
public record MemoryUse(long mostBytes, long boundBytes) {
  private static final long MEBIBYTE = 1 << 20;

  /**
   * For all that is neither heap nor an agent's store: metaspace, compiled code and its compilers,
   * stacks, direct buffers, native libraries, mapped files, and what allocators keep.
   */
  private static final long REST_MEBIBYTES = 320;

  /**
   * What a process may have resident.
   *
   * @param heapMegabytes the most that its heap may take
   * @param command that it runs; an agent's store may take what it may by default
   */
  public static long bound(int heapMegabytes, String command) {
    long store = command.equals("agent") ? StoreLimits.MEMORY_BYTES : 0;
    return (heapMegabytes + REST_MEBIBYTES) * MEBIBYTE + store;
  }

  public boolean isWithin() {
    return mostBytes <= boundBytes;
  }

  /** Of two looks at the same process. */
  public MemoryUse most(MemoryUse other) {
    return new MemoryUse(Math.max(mostBytes, other.mostBytes), boundBytes);
  }

  /** For machines; rounded up, so that what is beyond a bound looks so. */
  public Map<String, Long> mebibytes() {
    Map<String, Long> mebibytes = new LinkedHashMap<>();
    mebibytes.put("most", Math.ceilDiv(mostBytes, MEBIBYTE));
    mebibytes.put("bound", boundBytes / MEBIBYTE);
    return mebibytes;
  }

  /** For a terminal. */
  public String describe() {
    return String.format(
        Locale.ROOT, "%,d of %,d MiB", Math.ceilDiv(mostBytes, MEBIBYTE), boundBytes / MEBIBYTE);
  }

  /** Of processes by name, for a terminal. */
  public static String describe(Map<String, MemoryUse> processes) {
    return processes.entrySet().stream()
        .map(process -> process.getKey() + " " + process.getValue().describe())
        .collect(Collectors.joining(", "));
  }

  /** Of processes by name, for machines. */
  public static Map<String, Map<String, Long>> mebibytes(Map<String, MemoryUse> processes) {
    Map<String, Map<String, Long>> mebibytes = new LinkedHashMap<>();
    processes.forEach((name, use) -> mebibytes.put(name, use.mebibytes()));
    return mebibytes;
  }
}
