package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapacityBenchTest {
  @TempDir private Path folder;

  /** 1,000 transactions in ten seconds: 500 for each of two banks, all for each aggregator. */
  @Test
  void anAgentMeetsItsOwnTransactionsAndAnAggregatorAll() {
    var phase =
        new Phase(
            "",
            100,
            new Window(0, 10_000),
            100,
            new Latencies(),
            Map.of("agg-1", 1.0, "agg-2", 3.0, "bank-a", 1.0, "bank-b", 1.0, "bench", 9.0),
            Map.of(
                "agg-1", new Footprint(10, 1_000, 2_000, 0),
                "agg-2", new Footprint(30, 3_000, 2_000, 0),
                "bank-a", new Footprint(5, 0, 0, 5_000),
                "bank-b", new Footprint(5, 0, 0, 10_000)),
            Map.of());
    assertThat(CapacityBench.needs(phase))
        .isEqualTo(
            List.of(
                new CapacityBench.Need("agent", 100, 2.0, 5, 0, 0, 15),
                new CapacityBench.Need("aggregator", 100, 2.0, 20, 2, 2, 0)));
  }

  @Test
  void aFootprintIsWhatLinuxCounts() throws IOException {
    Files.writeString(folder.resolve("io"), "rchar: 30\nwchar: 40\nsyscr: 1\nwrite_bytes: 4096\n");
    Files.writeString(folder.resolve("status"), "Name:\tjava x\nVmHWM:\t  12 kB\nThreads:\t9\n");
    Footprint now = Footprint.of(folder);
    assertThat(now).isEqualTo(new Footprint(12 * 1_024, 30, 40, 4_096));
    assertThat(now.since(new Footprint(1, 10, 10, 0)))
        .isEqualTo(new Footprint(12 * 1_024, 20, 30, 4_096));
    assertThat(Footprint.of(folder.resolve("none"))).isEqualTo(new Footprint(0, 0, 0, 0));
  }
}
