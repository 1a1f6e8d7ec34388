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
 * The benchmark runs, finds equal alerts and ends with its figures; says nothing of speed, so its
 * phases are of 3 s: enough for some alerts at the rate. With {@code -Plong} it records profiles
 * too.
 */
class BenchIT {
  private static final List<String> FIGURES =
      List.of("perSecond", "plaintextPerSecond", "priceOfPrivacy", "p50Millis", "p99Millis");
  private static final boolean FULL = "full".equals(System.getProperty("concordat.it.load"));

  /** Each row is a block of its own: more of them would be what the processes' starts wait for. */
  private static final int RATE = 300;

  @TempDir private Path temp;

  @Test
  void endsWithFiveFigures() throws Exception {
    Path profile = temp.resolve("profile");
    List<String> args =
        new ArrayList<>(
            List.of(
                "bench",
                "pipeline",
                "--json",
                "--warm-up",
                "0",
                "--seconds",
                "3",
                "--rate",
                Integer.toString(RATE)));
    if (FULL) {
      args.addAll(List.of("--profile", profile.toString()));
    }
    List<String> lines =
        Runs.command(temp.resolve("bench.log"), Concordat.DONE, args.toArray(new String[0]));
    JsonNode figures = new ObjectMapper().readTree(lines.getLast());
    assertThat(figures.fieldNames()).toIterable().containsExactlyElementsOf(FIGURES);
    assertThat(figures).allMatch(figure -> figure.asDouble() > 0);
    assertThat(lines).contains("Every alert is the oracle's.");
    if (FULL) {
      assertThat(Files.readString(profile.resolve("profile.txt")))
          .contains(
              "shares, as fast as they go: agg-1",
              "plaintext, " + RATE + " a second due: plain-scorer");
    }
  }
}
