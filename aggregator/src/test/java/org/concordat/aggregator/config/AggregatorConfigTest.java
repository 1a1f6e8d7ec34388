package org.concordat.aggregator.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;

class AggregatorConfigTest {
  /** What is said of {@code keptHours} in a file that has nothing but these keys. */
  private static List<String> reasons(String keys) {
    var problems = new Problems();
    Document top = Document.parse("aggregator.yaml", "keys: " + keys, problems);
    AggregatorConfig.read(top, Path.of(""));
    return problems.list().stream()
        .map(Problem::reason)
        .filter(reason -> reason.startsWith("[keys.keptHours]"))
        .toList();
  }

  @Test
  void noMoreSealingKeysAreLiveThanAFolderMayHold() {
    assertThat(reasons("{}")).isEmpty();
    assertThat(reasons("{inUseHours: 1}")).isEmpty();
    assertThat(reasons("{inUseHours: 1, keptHours: 900}")).isEmpty();
    assertThat(reasons("{inUseHours: 1, keptHours: 901}"))
        .containsExactly(
            "[keys.keptHours] 901 is more than 900 times inUseHours, 1: there would be too many"
                + " keys at a time.");
    assertThat(reasons("{inUseHours: 9, keptHours: 8760}")).hasSize(1);
    assertThat(reasons("{inUseHours: 10, keptHours: 8760}")).isEmpty();
  }
}
