package org.concordat.agent.desk;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How often a rule was right at this bank, as far as its items are kept.
 *
 * @param open items without a verdict
 */
public record Precision(String rule, long fraud, long falseAlarm, long unsure, long open) {
  /** {@code fraud / (fraud + falseAlarm)}; nothing where there is neither. */
  public OptionalDouble ratio() {
    long judged = fraud + falseAlarm;
    return judged == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) fraud / judged);
  }

  /** Of each rule, by name. */
  static List<Precision> of(Collection<Entry> entries) {
    Map<String, Map<Verdict.Finding, Long>> findings = new TreeMap<>();
    Map<String, Long> open = new TreeMap<>();
    for (Entry entry : entries) {
      for (Entry.Mark mark : entry.marks) {
        var counts =
            findings.computeIfAbsent(
                mark.rule(), rule -> new EnumMap<Verdict.Finding, Long>(Verdict.Finding.class));
        if (entry.finding.isPresent()) {
          counts.merge(entry.finding.get(), 1L, Long::sum);
        } else {
          open.merge(mark.rule(), 1L, Long::sum);
        }
      }
    }
    List<Precision> precisions = new ArrayList<>();
    findings.forEach(
        (rule, counts) ->
            precisions.add(
                new Precision(
                    rule,
                    counts.getOrDefault(Verdict.Finding.FRAUD, 0L),
                    counts.getOrDefault(Verdict.Finding.FALSE_ALARM, 0L),
                    counts.getOrDefault(Verdict.Finding.UNSURE, 0L),
                    open.getOrDefault(rule, 0L))));
    return precisions;
  }
}
