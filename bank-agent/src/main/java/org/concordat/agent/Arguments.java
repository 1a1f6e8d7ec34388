package org.concordat.agent;

import java.nio.file.Path;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param check print what would be read and publish nothing
 * @param sample read instead of the configured file; with {@code --check} only
 */
record Arguments(Path config, boolean check, Optional<Path> sample) {
  static final String USAGE = "usage: agent --config FILE [--check [--sample FILE]]";

  /** Reads the command line; what is wrong goes to {@code problems}. */
  static Arguments read(String[] args, Problems problems) {
    String config = null;
    String sample = null;
    boolean check = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--config" -> config = value(args, i++, problems);
        case "--sample" -> sample = value(args, i++, problems);
        case "--check" -> check = true;
        default ->
            problems.add(
                Code.CDT_103,
                Place.of("command line"),
                "The option '" + args[i] + "' is not known.",
                USAGE);
      }
    }
    if (config == null) {
      problems.add(
          Code.CDT_104, Place.of("command line"), "The option --config is missing.", USAGE);
    }
    if (sample != null && !check) {
      problems.add(
          Code.CDT_104, Place.of("command line"), "--sample goes with --check only.", USAGE);
    }
    return new Arguments(
        Path.of(config == null ? "" : config), check, Optional.ofNullable(sample).map(Path::of));
  }

  private static @Nullable String value(String[] args, int index, Problems problems) {
    if (index + 1 < args.length) {
      return args[index + 1];
    }
    problems.add(Code.CDT_104, Place.of("command line"), args[index] + " needs a file.", USAGE);
    return null;
  }
}
