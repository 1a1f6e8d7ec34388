package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is set in configurations that are there already. */
class ConsortiumTest {
  @TempDir private Path folder;

  private void configure(String text) throws Exception {
    for (String aggregator : Consortium.AGGREGATORS) {
      Path own = Files.createDirectories(folder.resolve(aggregator));
      Files.writeString(own.resolve("aggregator.yaml"), text);
    }
  }

  @Test
  void batchesInFlightAreSetWhereTheConfigurationHasThem() throws Exception {
    configure("batch:\n  inFlightMax: 1\nkafka:\n");
    Consortium.setBatchesInFlight(folder, 4);
    Consortium.setBatchesInFlight(folder, 4);
    for (String aggregator : Consortium.AGGREGATORS) {
      assertThat(folder.resolve(aggregator).resolve("aggregator.yaml"))
          .hasContent("batch:\n  inFlightMax: 4\nkafka:\n");
    }
  }

  @Test
  void batchesInFlightAreNotSetSilentlyWhereItHasNone() throws Exception {
    configure("batch:\n  intervalMillis: 5\n");
    assertThatThrownBy(() -> Consortium.setBatchesInFlight(folder, 4))
        .isInstanceOf(IllegalStateException.class);
  }
}
