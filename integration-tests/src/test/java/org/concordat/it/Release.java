package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.concordat.ops.consortium.FreePorts;

/** What was built for operators, unpacked, and commands run as they would run them. */
final class Release {
  /** Where the build leaves the archive. */
  static final Path BUILT =
      Path.of(System.getProperty("concordat.home", "..")).resolve("ops/target");

  private final Path home;
  final Path folder;

  private Release(Path home, Path folder) {
    this.home = home;
    this.folder = folder;
  }

  /**
   * @param home empty; the commands' home too
   */
  static Release unpack(Path home) throws Exception {
    try (Stream<Path> files = Files.list(BUILT)) {
      Path archive =
          files
              .filter(f -> f.getFileName().toString().matches("concordat-.*\\.tar\\.gz"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("./mvnw verify makes the release"));
      Ended tar =
          run(home, home, Map.of(), List.of("tar", "xzf", archive.toAbsolutePath().toString()));
      if (tar.status() != 0) {
        throw new AssertionError(tar.text());
      }
      String name = archive.getFileName().toString().replace(".tar.gz", "");
      return new Release(home, home.resolve(name));
    }
  }

  /** How a command ended, and what it printed. */
  record Ended(int status, List<String> lines) {
    String text() {
      return String.join("\n", lines);
    }
  }

  /**
   * What commands' virtual machines are told: a demo that runs elsewhere is none of theirs.
   *
   * @param ports the part of the ports in which they look for free ones
   */
  static String options(Path home, String ports) throws IOException {
    Path temporary = Files.createDirectories(home.resolve("tmp"));
    return "-Djava.io.tmpdir=%s -D%s=%s".formatted(temporary, FreePorts.PART_PROPERTY, ports);
  }

  /** Runs a command with hardly any environment. */
  Ended run(Path where, Map<String, String> environment, String... command) throws Exception {
    return run(home, where, environment, List.of(command));
  }

  private static Ended run(
      Path home, Path where, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(home, "output", ".txt");
    var builder = new ProcessBuilder(new ArrayList<>(command)).directory(where.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", home.toString());
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("CONCORDAT_TIER", System.getProperty("concordat.tier", "4"));
    builder.environment().put("CONCORDAT_JAVA_OPTS", options(home, FreePorts.part()));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    int status = process.waitFor();
    return new Ended(status, Files.readAllLines(output));
  }
}
