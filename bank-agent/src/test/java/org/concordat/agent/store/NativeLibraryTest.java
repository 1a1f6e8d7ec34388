package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final int KILLED = 137;
  private static final int KILLS = 2;

  @TempDir Path temp;

  @Test
  void processesThatWereKilledLeaveOneCopyInTheDataFolderAndNoneElsewhere() throws Exception {
    Path data = temp.resolve("data");
    Path temporary = Files.createDirectory(temp.resolve("temporary"));
    for (int i = 0; i < KILLS; i++) {
      assertThat(openAndBeKilled(data, temporary)).isEqualTo(KILLED);
    }
    assertThat(libraries(temporary)).isZero();
    assertThat(libraries(data)).isEqualTo(1);
  }

  private int openAndBeKilled(Path data, Path temporary) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
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
        .start()
        .waitFor();
  }

  private static long libraries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().contains("rocksdbjni")).count();
    }
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
