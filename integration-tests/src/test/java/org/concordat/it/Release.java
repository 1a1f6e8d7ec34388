package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.demo.StartCaches;

/** What was built for operators, unpacked; runs commands as they would. */
final class Release {
  /** Where the build leaves the archive. */
  static final Path BUILT =
      Path.of(System.getProperty("concordat.home", "..")).resolve("ops/target");

  /** Where it is unpacked, once for all tests: their own processes run its jars too. */
  private static final Path UNPACKED = Path.of(System.getProperty("concordat.released", ""));

  private static final String SUMS = "SHA256SUMS";

  private final Path home;
  final Path folder = UNPACKED;

  /**
   * @param home empty; the commands' home
   */
  Release(Path home) {
    this.home = home;
  }

  /**
   * Unpacks what was built, unless that is what is there.
   *
   * @param caches that its processes start from; those of what was there before are removed
   */
  static void unpack(StartCaches caches) throws IOException, InterruptedException {
    Path place = UNPACKED.resolveSibling("");
    Path present = place.resolve(SUMS);
    String built = Files.readString(BUILT.resolve(SUMS));
    if (Files.exists(present) && Files.readString(present).equals(built)) {
      return;
    }
    // Jars of a release all bear one time, and two of one size would pass for the same.
    caches.remove();
    Files.deleteIfExists(present);
    Files.createDirectories(place);
    run(List.of("rm", "-rf", UNPACKED.toString()));
    run(List.of("tar", "xzf", archive().toString(), "-C", place.toString()));
    Files.createSymbolicLink(UNPACKED.resolve("start"), caches.folder());
    Files.writeString(present, built);
  }

  private static Path archive() throws IOException {
    try (Stream<Path> files = Files.list(BUILT)) {
      return files
          .filter(f -> f.getFileName().toString().matches("concordat-.*\\.tar\\.gz"))
          .findFirst()
          .orElseThrow(() -> new IOException("./mvnw verify makes the release"));
    }
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.waitFor() != 0) {
      throw new IOException(command + " ended with " + process.exitValue());
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
    Path output = Files.createTempFile(home, "output", ".txt");
    var builder = new ProcessBuilder(command).directory(where.toFile());
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
