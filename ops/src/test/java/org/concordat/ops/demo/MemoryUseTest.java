package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process may take of the memory, and how it is told. */
class MemoryUseTest {
  private static final long MEBIBYTE = 1 << 20;

  @TempDir private Path folder;

  @Test
  void anAgentMayTakeItsStoresMemoryToo() {
    assertThat(MemoryUse.bound(512, "aggregator")).isEqualTo(832 * MEBIBYTE);
    assertThat(MemoryUse.bound(384, "broker")).isEqualTo(704 * MEBIBYTE);
    assertThat(MemoryUse.bound(256, "agent")).isEqualTo(704 * MEBIBYTE);
  }

  @Test
  void aByteBeyondTheBoundIsSeenAndLooksSo() {
    var at = new MemoryUse(704 * MEBIBYTE, 704 * MEBIBYTE);
    var beyond = new MemoryUse(704 * MEBIBYTE + 1, 704 * MEBIBYTE);
    assertThat(at.isWithin()).isTrue();
    assertThat(at.describe()).isEqualTo("704 of 704 MiB");
    assertThat(beyond.isWithin()).isFalse();
    assertThat(beyond.describe()).isEqualTo("705 of 704 MiB");
    assertThat(beyond.mebibytes())
        .containsExactly(Map.entry("most", 705L), Map.entry("bound", 704L));
    assertThat(beyond.most(at)).isEqualTo(beyond);
    assertThat(at.most(beyond)).isEqualTo(beyond);
  }

  @Test
  void processesAreToldByName() {
    var use = new MemoryUse(1_118 * MEBIBYTE, 1_344 * MEBIBYTE);
    assertThat(MemoryUse.describe(new TreeMap<>(Map.of("agg-1", use, "agg-2", use))))
        .isEqualTo("agg-1 1,118 of 1,344 MiB, agg-2 1,118 of 1,344 MiB");
  }

  @Test
  void residentMemoryIsWhatLinuxCounts() throws Exception {
    Path status = folder.resolve("status");
    Files.writeString(status, "Name:\tjava\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nThreads:\t9\n");
    assertThat(Role.bytes(status, "VmHWM:")).isEqualTo(300 * 1_024);
    assertThat(Role.bytes(status, "VmRSS:")).isEqualTo(200 * 1_024);
    assertThat(Role.bytes(status, "VmSwap:")).isZero();
    assertThat(Role.bytes(folder.resolve("none"), "VmHWM:")).isZero();
  }
}
