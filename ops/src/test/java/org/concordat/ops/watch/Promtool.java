package org.concordat.ops.watch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Prometheus's own programs, where the machine has them. */
final class Promtool {
  private Promtool() {}

  /** The one that CONCORDAT_PROMTOOL names, or the first on the PATH. */
  static Optional<Path> find() {
    String named = System.getenv("CONCORDAT_PROMTOOL");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path candidate = Path.of(folder, "promtool");
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** What it printed, after its exit status. */
  static String run(Path promtool, List<String> args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(promtool.toString()));
    command.addAll(args);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes());
    return process.waitFor() + "\n" + printed;
  }
}
