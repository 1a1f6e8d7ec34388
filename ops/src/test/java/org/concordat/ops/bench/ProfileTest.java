package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process records is summed up by phase, and the recordings are named. */
class ProfileTest {
  @TempDir private Path temp;

  /** Works for two seconds. */
  static final class Busy {
    private static final long NANOS = 2_000_000_000L;

    private Busy() {}

    public static void main(String[] args) {
      System.out.println(spin(System.nanoTime() + NANOS));
    }

    private static long spin(long end) {
      long sum = 1;
      while (System.nanoTime() < end) {
        sum = 31 * sum + 1;
      }
      return sum;
    }
  }

  @Test
  void theSummaryTellsWhereAProcessWasInEachPhase() throws Exception {
    Path folder = temp.resolve("profile");
    var profile = new Profile(folder);
    long begin = System.currentTimeMillis();
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Busy.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("busy.log").toFile());
    builder.environment().putAll(profile.environment());
    Process process = builder.start();
    assertThat(process.waitFor()).as("its status").isZero();
    long end = System.currentTimeMillis();
    Map<String, Long> pids = Map.of("agg-1", process.pid());
    Path summary =
        profile.write(
            List.of(
                phase("while it ran", new Window(begin, end), pids),
                phase("later", new Window(end, end + 1_000), pids)));
    String text = Files.readString(summary);
    assertThat(text)
        .contains("while it ran: agg-1: 1.5 CPU seconds")
        .contains("later: agg-1: 1.5 CPU seconds, 0.0 of them in Java threads; 0 stacks")
        .contains("%  " + Busy.class.getName() + ".spin")
        .contains("%  main");
    assertThat(folder.resolve("agg-1-" + process.pid() + ".jfr")).exists();
  }

  @Test
  void aProcessWithoutARecordingIsNamedAllTheSame() throws Exception {
    var profile = new Profile(temp);
    Phase phase = phase("a phase", new Window(0, 1_000), Map.of("agg-1", 0L));
    assertThat(Files.readString(profile.write(List.of(phase))))
        .isEqualTo("a phase: agg-1: 1.5 CPU seconds; no whole recording\n\n");
  }

  private static Phase phase(String title, Window window, Map<String, Long> pids) {
    return new Phase(title, 0, window, 1, new Latencies(), Map.of("agg-1", 1.5), Map.of(), pids);
  }
}
