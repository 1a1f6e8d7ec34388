package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EqualRowsTest {
  @TempDir private Path folder;

  @Test
  void aBankThatWasKeptAheadDoesNotWaitForTheOthers() throws Exception {
    Files.createDirectories(folder.resolve("a"));
    Files.createDirectories(folder.resolve("b"));
    try (EqualRows rows = EqualRows.create(folder, List.of("a", "b"), "rows.csv")) {
      Map<String, Long> scored = Map.of("a", 5_000L, "b", 0L);
      rows.keepAhead(bank -> scored.getOrDefault(bank, 0L), 1_000);
      assertThat(rows.written("a")).isEqualTo(6_000);
      assertThat(rows.written("b")).isEqualTo(1_000);

      rows.writeUpTo(rows.written() + 10);

      assertThat(rows.written("a")).isEqualTo(6_005);
      assertThat(rows.written("b")).isEqualTo(1_005);
      rows.writeUpTo(rows.written() - 1);
      assertThat(rows.written()).isEqualTo(7_010);
    }
  }
}
