package org.concordat.ops.reference;

import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What one process exports in Prometheus's text format 0.0.4: families of samples, no values. */
public final class Exposition {
  /**
   * One metric.
   *
   * @param labels that any of its samples has, {@code le} left out
   */
  public record Family(String name, String type, String help, SortedSet<String> labels) {}

  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"(?:[^\"\\\\]|\\\\.)*\"");

  private Exposition() {}

  /** The families by name. */
  public static SortedMap<String, Family> families(String text) {
    SortedMap<String, Family> families = new TreeMap<>();
    TreeMap<String, String> help = new TreeMap<>();
    Family current = null;
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words.length > 3 ? words[3].strip() : "");
      } else if (line.startsWith("# TYPE ")) {
        current = new Family(words[2], words[3], help.getOrDefault(words[2], ""), new TreeSet<>());
        families.put(words[2], current);
      } else if (current != null && line.indexOf('{') > 0) {
        Matcher labels = LABEL.matcher(line);
        while (labels.find()) {
          if (!labels.group(1).equals("le")) {
            current.labels().add(labels.group(1));
          }
        }
      }
    }
    return families;
  }
}
