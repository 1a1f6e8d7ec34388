package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Banks of different sizes end together, and each gets its rows in order. */
class FeederTest {
  @TempDir private Path temp;

  private Path source(String name, int rows) throws Exception {
    List<String> lines = new ArrayList<>(List.of("id"));
    for (int i = 0; i < rows; i++) {
      lines.add(name + "-" + i);
    }
    return Files.write(temp.resolve(name), lines);
  }

  @Test
  void givesEveryBankAllOfItsPayments() throws Exception {
    List<Path> sources = List.of(source("large", 500), source("small", 7), source("none", 0));
    List<Path> targets = List.of(temp.resolve("l"), temp.resolve("s"), temp.resolve("n"));
    try (var feeder = new Feeder(sources, targets, 10_000)) {
      assertThat(targets.get(1)).hasContent("id");
      feeder.start();
      while (feeder.written() < 507) {
        Thread.onSpinWait();
      }
      assertThat(List.of(feeder.written(0), feeder.written(1), feeder.written(2)))
          .containsExactly(500L, 7L, 0L);
    }
    for (int i = 0; i < sources.size(); i++) {
      assertThat(targets.get(i)).hasSameTextualContentAs(sources.get(i));
    }
  }
}
