package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code bench pipeline} takes and says of itself. */
class BenchCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--seconds, 0",
    "--seconds, 3601",
    "--warm-up, -1",
    "--warm-up, 3601",
    "--rate, 0",
    "--rate, 29",
    "--rate, 100001",
    "--seconds, ten",
    "--rules, payments",
    "--phases, rate",
    "--phases, FAST"
  })
  void refusesWhatItCantMeasure(String option, String value) {
    Command bench = Command.run("bench", "pipeline", option, value);
    assertThat(bench.status()).isEqualTo(Concordat.INVALID);
    assertThat(bench.err()).contains(option);
    assertThat(bench.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--kills, 0",
    "--brokers, 2",
    "--rate, 2",
    "--entities, 1000001",
    "--busy, -1",
    "--settle, 0",
    "--within, 0",
    "--aggregator-heap, 255"
  })
  void refusesRecoveryThatItCantMeasure(String option, String value) {
    Command bench = Command.run("bench", "recovery", option, value);
    assertThat(bench.status()).isEqualTo(Concordat.INVALID);
    assertThat(bench.err()).contains(option);
  }

  @Test
  void refusesAnOverloadWithoutAMaximum() {
    Command bench = overload();
    assertThat(bench.status()).isEqualTo(Concordat.INVALID);
    assertThat(bench.err()).contains("--overload-rate needs --maximum");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 7_000, 60_000, 1_000_001})
  void refusesAnOverloadThatNoBacklogCanBeJudgedBy(int maximum) {
    Command bench = overload("--maximum", "" + maximum);
    assertThat(bench.status()).isEqualTo(Concordat.INVALID);
    assertThat(bench.err()).contains("--maximum takes");
  }

  /** It would end for its rule set too, at once. */
  private static Command overload(String... more) {
    List<String> args = new ArrayList<>(List.of("bench", "soak", "--rules", "none"));
    args.addAll(List.of("--rate", "7000", "--overload-rate", "60000"));
    args.addAll(List.of(more));
    return Command.run(args.toArray());
  }

  @Test
  void helpNamesTheFigures() {
    Command help = Command.run("bench", "pipeline", "--help");
    assertThat(help.status()).isEqualTo(Concordat.DONE);
    assertThat(help.out())
        .contains("perSecond", "plaintextPerSecond", "priceOfPrivacy", "p50Millis", "p99Millis")
        .contains("--json", "--rate", "--rules", "--phases", "--profile", "open loop");
  }

  @Test
  void helpHidesTheBaselinesProcesses() {
    assertThat(Command.run("bench", "--help").out())
        .contains("pipeline")
        .doesNotContain("plain-bank", "plain-scorer");
  }
}
