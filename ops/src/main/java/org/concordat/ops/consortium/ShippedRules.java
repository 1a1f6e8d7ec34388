package org.concordat.ops.consortium;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the rule sets are that come with the project. */
public final class ShippedRules {
  /** Set by the launcher: the folder of the checkout or of the installation. */
  public static final String HOME_PROPERTY = "concordat.home";

  private ShippedRules() {}

  /** The folder of the project. */
  public static Path home() {
    return Path.of(System.getProperty(HOME_PROPERTY, "")).toAbsolutePath();
  }

  /** A shipped rule set's folder, by name. */
  public static Path folder(String name) {
    Path released = home().resolve("rulesets");
    Path sets = Files.isDirectory(released) ? released : home().resolve("rules/src/main/rulesets");
    return sets.resolve(name);
  }
}
