package org.concordat.ops.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics that the generated page lists, and those that Prometheus makes itself. */
final class KnownMetrics {
  private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\| (\\w+) \\|");
  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern LABELS =
      Pattern.compile("\\{[^}]*}|\\b(?:by|on|group_left) *\\([^)]*\\)");
  private static final Pattern NAME =
      Pattern.compile(
          "\\b(?:(?:concordat|jvm|process|system|disk)[_:][a-zA-Z0-9_:]+|up|ALERTS)\\b");

  private KnownMetrics() {}

  static Set<String> read() throws IOException {
    Set<String> names =
        new TreeSet<>(
            List.of("up", "ALERTS", "jvm_gc_pause_seconds_sum", "jvm_gc_pause_seconds_count"));
    for (String line : Files.readAllLines(Path.of("docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        names.add(row.group(1));
        if (row.group(2).equals("histogram")) {
          List.of("_bucket", "_sum", "_count").forEach(end -> names.add(row.group(1) + end));
        }
      }
    }
    return names;
  }

  /** The metrics that a query asks for. */
  static Set<String> namedIn(String expr) {
    String bare = LABELS.matcher(STRING.matcher(expr).replaceAll("\"\"")).replaceAll("");
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }
}
