package org.concordat.ops;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.concordat.ops.consortium.ShippedRules;

/** One run of the command in this process, and what it printed. */
record Command(int status, String out, String err) {
  static Command run(Object... args) {
    System.setProperty(ShippedRules.HOME_PROPERTY, home().toString());
    var out = new StringWriter();
    var err = new StringWriter();
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    int status = Concordat.run(new PrintWriter(out), new PrintWriter(err), texts);
    return new Command(status, out.toString(), err.toString());
  }

  /** The project's folder; tests run in that of their module. */
  static Path home() {
    return Path.of("").toAbsolutePath().getParent();
  }

  /** A file of a shipped rule set. */
  static Path shipped(String ruleSet, String file) {
    return home().resolve("rules/src/main/rulesets").resolve(ruleSet).resolve(file);
  }
}
