package org.concordat.it;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds public data sets that aren't part of the project; skips the test where there are none. */
final class SharedData {
  private SharedData() {}

  static Path file(String name) {
    String given = System.getProperty("concordat.shared", "");
    Path start = Path.of(System.getProperty("concordat.home", ".")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      Path candidate =
          given.isEmpty() || given.startsWith("$")
              ? folder.resolve("shared/data").resolve(name)
              : Path.of(given).resolve("data").resolve(name);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    Assumptions.abort("there is no shared/data/" + name + " beside the checkout");
    throw new IllegalStateException("unreachable");
  }
}
