package org.concordat.it;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;

/**
 * What the aggregators count of one bank's records and rows, by aggregator index, as soon as all of
 * them answer.
 */
final class BankCounters {
  private final Consortium consortium;
  private final String bank;

  BankCounters(Consortium consortium, String bank) {
    this.consortium = consortium;
    this.bank = "bank=\"" + bank + "\"";
  }

  private double[] aggregators(ToDoubleFunction<Metrics> value) {
    return Consortium.AGGREGATORS.stream()
        .map(a -> Runs.metrics(() -> consortium.aggregatorMetrics(a)))
        .mapToDouble(value)
        .toArray();
  }

  double[] refused(String code) {
    return records("refused", code);
  }

  double[] records(String outcome) {
    return records(outcome, "none");
  }

  private double[] records(String outcome, String reason) {
    return aggregators(
        m ->
            m.sum(
                "concordat_aggregator_records_total",
                "outcome=\"" + outcome + "\"",
                "reason=\"" + reason + "\"",
                bank));
  }

  /** Rows that all have scored. */
  double scored() {
    return Arrays.stream(aggregators(m -> m.sum("concordat_aggregator_rows_scored_total", bank)))
        .min()
        .orElse(0);
  }

  static boolean grew(double[] before, double[] after, int parties) {
    return grew(before, after, 1, parties);
  }

  /** Whether so many aggregators count so many more, at least. */
  static boolean grew(double[] before, double[] after, int by, int parties) {
    int grown = 0;
    for (int i = 0; i < before.length; i++) {
      grown += after[i] >= before[i] + by ? 1 : 0;
    }
    return grown >= parties;
  }
}
