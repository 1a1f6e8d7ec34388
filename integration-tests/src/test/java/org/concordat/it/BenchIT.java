package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.concordat.ops.Concordat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The benchmark runs, finds the oracle's alerts on shares and on plaintext, and ends with its
 * figures; says nothing of speed, so its phases are of seconds. It comes with {@code -Plong} alone:
 * processes take some twenty seconds to start for each phase.
 */
class BenchIT {
  private static final List<String> FIGURES =
      List.of("perSecond", "plaintextPerSecond", "priceOfPrivacy", "p50Millis", "p99Millis");

  /** Each row is a block of its own: more of them would be what the processes' starts wait for. */
  private static final int RATE = 300;

  /**
   * Of a phase. As fast as rows go, 3,000 are written ahead for each second, and have to be scored
   * and checked in the end; at a rate it takes some seconds for a few alerts.
   */
  private static final String SECONDS = "3";

  @TempDir private Path temp;

  @Test
  void endsWithFiveFigures() throws Exception {
    Path profile = temp.resolve("profile");
    List<String> lines =
        bench("--json", "--rate", Integer.toString(RATE), "--profile", profile.toString());
    JsonNode figures = new ObjectMapper().readTree(lines.getLast());
    assertThat(figures.fieldNames()).toIterable().containsExactlyElementsOf(FIGURES);
    assertThat(figures).allMatch(figure -> figure.asDouble() > 0);
    assertThat(lines).contains("Every alert is the oracle's.");
    assertThat(Files.readString(profile.resolve("profile.txt")))
        .contains(
            "shares, as fast as they go: agg-1",
            "plaintext, " + RATE + " a second due: plain-scorer");
  }

  private List<String> bench(String... more) throws Exception {
    List<String> args =
        new ArrayList<>(List.of("bench", "pipeline", "--warm-up", "0", "--seconds", SECONDS));
    args.addAll(List.of(more));
    return Runs.command(temp.resolve("bench.log"), Concordat.DONE, args.toArray(new String[0]));
  }
}
