package org.concordat.rules;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds public data that lies beside a checkout and is no part of the project: in {@code
 * -Dconcordat.shared=}, else in the first folder {@code shared} on the way up.
 */
public final class SharedData {
  private SharedData() {}

  /** A file below {@code shared/data}; skips the test, saying so, where it is absent. */
  public static Path require(String name) {
    Path found = root().resolve("data").resolve(name);
    Assumptions.assumeTrue(Files.exists(found), () -> "the shared data '" + name + "' is absent");
    return found;
  }

  private static Path root() {
    String declared = System.getProperty("concordat.shared", "");
    if (!declared.isEmpty() && !declared.startsWith("$")) {
      return Path.of(declared);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared").resolve("data"))) {
        return at.resolve("shared");
      }
    }
    return Path.of("shared");
  }
}
