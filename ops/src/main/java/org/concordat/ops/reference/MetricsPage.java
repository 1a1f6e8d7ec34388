package org.concordat.ops.reference;

import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.concordat.ops.reference.Exposition.Family;

/** Every metric with type, labels and meaning, as {@code ops/docs/metrics.md}. */
public final class MetricsPage {
  /**
   * Exported from the first garbage collection on: whether they are there depends on the moment.
   */
  private static final Predicate<String> LATER =
      name -> name.startsWith("jvm_gc_pause_") || name.startsWith("jvm_gc_concurrent_");

  private MetricsPage() {}

  /**
   * The page in Markdown.
   *
   * @param agent what an agent exports, in Prometheus's text format
   * @param aggregator what an aggregator exports
   */
  public static String render(String agent, String aggregator) {
    SortedMap<String, Family> ofAgent = Exposition.families(agent);
    SortedMap<String, Family> ofAggregator = Exposition.families(aggregator);
    ofAgent.keySet().removeIf(LATER);
    ofAggregator.keySet().removeIf(LATER);
    SortedMap<String, Family> both = new TreeMap<>(ofAgent);
    both.keySet().retainAll(ofAggregator.keySet());
    ofAgent.keySet().removeAll(both.keySet());
    ofAggregator.keySet().removeAll(both.keySet());
    var page = new StringBuilder("# Metrics\n\n");
    page.append(
        """
        What `/metrics` of an agent and of an aggregator export, in Prometheus's text format. Units are
        base units: seconds, bytes, ratios from 0 to 1. Counters end with `_total` and begin with 0 at
        a start, but those of an agent's rows and desk, which its store keeps; histograms have
        `_bucket`, `_sum` and `_count`, and beside them a gauge `_max` over some minutes. Every sample
        of an agent carries `bank` and `mode`, of an aggregator `aggregator`; `mode` is `test` under a
        test charter. No label and no value tells anything of a single row. Flags of one bank are
        exported by that bank's agent alone. Made from running processes by
        `concordat reference metrics --agent URL --aggregator URL`.
        """);
    section(page, "An agent", ofAgent.values());
    section(page, "An aggregator", ofAggregator.values());
    section(page, "Both", both.values());
    page.append(
        """

        Both export `jvm_gc_pause_seconds` and, with some collectors,
        `jvm_gc_concurrent_phase_time_seconds` (summaries, labels `action`, `cause`, `gc`) from the
        first garbage collection on. So does a broker that `concordat broker` runs with an
        `http.port`, and all of this table but `concordat_clock_doubted`; its samples carry its
        number as `broker`, and neither `bank`, `aggregator` nor `mode`.
        """);
    return page.toString();
  }

  private static void section(StringBuilder page, String title, Collection<Family> families) {
    page.append("\n## ").append(title).append('\n');
    page.append("\n| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for (Family family : families) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  family.name(),
                  family.type(),
                  String.join(", ", family.labels()),
                  ErrorsPage.cell(family.help())));
    }
  }
}
