package org.concordat.ops.bench.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel has counted on the loopback interface since it started. */
final class Loopback {
  private static final Path DEVICES = Path.of("/proc/net/dev");
  private static final String NAME = "lo:";

  private Loopback() {}

  /** Bytes sent, packet heads included; 0 where the kernel doesn't tell. */
  static long bytes() throws IOException {
    if (!Files.exists(DEVICES)) {
      return 0;
    }
    for (String line : Files.readAllLines(DEVICES)) {
      String device = line.strip();
      if (device.startsWith(NAME)) {
        // What was received, in bytes, comes first; on this interface it is what was sent.
        return Long.parseLong(device.substring(NAME.length()).strip().split("\\s+")[0]);
      }
    }
    return 0;
  }
}
