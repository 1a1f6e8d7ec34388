package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final int KILLED = 137;
  private static final int KILLS = 2;
  private static final long WAIT_SECONDS = 60;

  @TempDir Path temp;

  @Test
  void processesThatWereKilledLeaveNoCopies() throws Exception {
    Path data = temp.resolve("data");
    Path earlier = Files.createDirectories(data.resolve("native-1"));
    Files.writeString(earlier.resolve("librocksdbjni-linux64.so"), "half a librar");
    Path temporary = Files.createDirectory(temp.resolve("temporary"));
    for (int i = 0; i < KILLS; i++) {
      assertThat(openAndBeKilled(data, temporary)).isEqualTo(KILLED);
    }
    assertThat(temporary).isEmptyDirectory();
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).extracting(file -> file.getFileName().toString()).containsExactly("store");
    }
  }

  private int openAndBeKilled(Path data, Path temporary) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Killed.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("log.txt").toFile())
            .start();
    assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** Opens a store and ends as by SIGKILL: nothing that waits for an orderly end runs. */
  static final class Killed {
    private Killed() {}

    public static void main(String[] args) {
      TestStores.open(Path.of(args[0]));
      Runtime.getRuntime().halt(KILLED);
    }
  }
}
