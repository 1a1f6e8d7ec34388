package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.ops.demo.Role;

/**
 * What a process took of the machine beside CPU time, as Linux counts it in {@code /proc}; zeros
 * elsewhere.
 *
 * @param peakBytes of memory, resident, since its start
 * @param readBytes from files and sockets together
 * @param writtenBytes to files and sockets together
 * @param storedBytes written for the disk
 */
record Footprint(long peakBytes, long readBytes, long writtenBytes, long storedBytes) {
  private static final long KIBIBYTE = 1_024;

  /** Of each process since its start, by name. */
  static Map<String, Footprint> of(List<Role> roles) {
    Map<String, Footprint> footprints = new LinkedHashMap<>();
    roles.forEach(role -> footprints.put(role.name(), of(Path.of("/proc", "" + role.pid()))));
    return footprints;
  }

  /**
   * @param folder of a process, as Linux has it
   */
  static Footprint of(Path folder) {
    Map<String, Long> io = numbers(folder.resolve("io"));
    Map<String, Long> status = numbers(folder.resolve("status"));
    return new Footprint(
        status.getOrDefault("VmHWM", 0L) * KIBIBYTE,
        io.getOrDefault("rchar", 0L),
        io.getOrDefault("wchar", 0L),
        io.getOrDefault("write_bytes", 0L));
  }

  private static Map<String, Long> numbers(Path file) {
    Map<String, Long> numbers = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(":\\s*|\\s+", 3);
        if (parts.length > 1 && parts[1].matches("\\d{1,18}")) {
          numbers.put(parts[0], Long.parseLong(parts[1]));
        }
      }
    } catch (IOException e) {
      // Another system, or a process that has just ended.
      return Map.of();
    }
    return numbers;
  }

  /** What was read and written since an earlier look. */
  Footprint since(Footprint before) {
    return new Footprint(
        peakBytes,
        readBytes - before.readBytes,
        writtenBytes - before.writtenBytes,
        storedBytes - before.storedBytes);
  }
}
