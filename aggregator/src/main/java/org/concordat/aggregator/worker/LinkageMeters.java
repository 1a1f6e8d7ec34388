package org.concordat.aggregator.worker;

import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Shows what a partition's linkage counts, over all banks: how many of one bank's records share an
 * entity with others' is not for everybody. All are there where nothing is linked too, with 0.
 */
final class LinkageMeters {
  private static final Map<String, ToLongFunction<LinkageCounts>> LEFT_OUT =
      Map.of(
          "late", LinkageCounts::late,
          "full", LinkageCounts::full,
          "untracked", LinkageCounts::untracked,
          "repeated", LinkageCounts::repeated,
          "ahead", LinkageCounts::ahead,
          "cut-short", LinkageCounts::cutShort);

  private LinkageMeters() {}

  static void register(AggregatorMetrics metrics, int number, Supplier<@Nullable Linkage> linked) {
    Tags partition = Tags.of("partition", Integer.toString(number));
    metrics.gauge(
        "linkage.entities",
        "Accounts, cards and other entities that windows and paths remember; where entities are"
            + " hidden, records.",
        partition,
        () -> counts(linked.get()).entities());
    metrics.gauge(
        "linkage.entities.max",
        "How many entities the rule set lets it remember; 0 if it links nothing.",
        partition,
        () -> entitiesMax(linked.get()));
    metrics.gauge(
        "linkage.snapshot.rows.since",
        "Rows that a start remembers again, one by one: since the latest snapshot, or the epoch's.",
        partition,
        () -> counts(linked.get()).rowsSince());
    metrics.count(
        "linkage.compared",
        "Pairs of records that were compared on shares, where entities are hidden: what windows"
            + " cost.",
        partition,
        () -> compared(linked.get()));
    LEFT_OUT.forEach(
        (reason, count) ->
            metrics.count(
                "linkage.left.out",
                "What windows and paths didn't take: records that are repeated or ahead of time, a"
                    + " record's entities that are late, beyond a window's events or untracked for"
                    + " want of room, and searches cut short.",
                partition.and("reason", reason),
                () -> count.applyAsLong(counts(linked.get()))));
  }

  private static int entitiesMax(@Nullable Linkage linkage) {
    return linkage == null ? 0 : linkage.entitiesMax();
  }

  private static long compared(@Nullable Linkage linkage) {
    return linkage == null ? 0 : linkage.compared();
  }

  private static LinkageCounts counts(@Nullable Linkage linkage) {
    return linkage == null ? LinkageCounts.NONE : linkage.counts();
  }
}
