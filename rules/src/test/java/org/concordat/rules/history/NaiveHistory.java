package org.concordat.rules.history;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The features of {@link Payments#CONTRACT}, recomputed for each payment over the whole list. */
final class NaiveHistory {
  private static final long[][] WINDOWS = {
    {Duration.ofMinutes(5).toMillis(), 12},
    {Duration.ofHours(1).toMillis(), 24},
    {Duration.ofHours(6).toMillis(), 28},
    {Duration.ofDays(1).toMillis(), 30}
  };

  private final List<Payments.Payment> remembered = new ArrayList<>();
  private @Nullable Long clock;

  /** Counts and sums of the four windows, seconds since, missing, first, ratio, missing. */
  long[] take(Payments.Payment payment) {
    List<Payments.Payment> own =
        remembered.stream().filter(p -> p.account().equals(payment.account())).toList();
    long[] fields = new long[13];
    for (int w = 0; w < WINDOWS.length; w++) {
      long pane = WINDOWS[w][0];
      long panes = WINDOWS[w][1];
      long newest = own.stream().mapToLong(p -> Math.floorDiv(p.millis(), pane)).max().orElse(0);
      long last = Math.floorDiv(payment.millis(), pane);
      for (Payments.Payment earlier : own) {
        long at = Math.floorDiv(earlier.millis(), pane);
        if (at > last - panes && at <= last && at > newest - panes) {
          fields[2 * w]++;
          fields[2 * w + 1] += earlier.cents();
        }
      }
      fields[2 * w] = Math.min(fields[2 * w], Payments.COUNT_MAX);
      fields[2 * w + 1] = Math.min(fields[2 * w + 1], Payments.SUM_MAX);
    }
    long lastMillis = own.stream().mapToLong(Payments.Payment::millis).max().orElse(0);
    fields[8] = own.isEmpty() ? 0 : Math.max(0, payment.millis() - lastMillis) / 1000;
    fields[8] = Math.min(fields[8], Payments.SECONDS_MAX);
    fields[9] = own.isEmpty() ? 1 : 0;
    fields[10] =
        own.stream().noneMatch(p -> p.beneficiary().equals(payment.beneficiary()))
                && !payment.beneficiary().isEmpty()
            ? 1
            : 0;
    ratio(own, payment, fields);
    long latest = clock == null ? payment.millis() : clock + Duration.ofDays(31).toMillis();
    if (payment.millis() <= latest) {
      remembered.add(payment);
    }
    clock = Math.max(clock == null ? payment.millis() : clock, Math.min(payment.millis(), latest));
    return fields;
  }

  private static void ratio(List<Payments.Payment> own, Payments.Payment payment, long[] fields) {
    BigInteger total = BigInteger.ZERO;
    int payments = 0;
    for (Payments.Payment earlier : own) {
      BigInteger counted = BigInteger.valueOf(earlier.cents());
      if (payments >= 3 && total.signum() > 0) {
        BigInteger most = total.divide(BigInteger.valueOf(payments)).multiply(BigInteger.TEN);
        counted = counted.min(most.max(BigInteger.ONE));
      }
      if (payments == 16) {
        total = total.subtract(total.divide(BigInteger.valueOf(16)));
      }
      total = total.add(counted);
      payments = Math.min(16, payments + 1);
    }
    if (payments < 3 || total.signum() == 0) {
      fields[12] = 1;
      return;
    }
    BigInteger ratio =
        BigInteger.valueOf(payment.cents())
            .multiply(BigInteger.valueOf(100L * payments))
            .divide(total);
    fields[11] = ratio.min(BigInteger.valueOf(Payments.RATIO_MAX)).longValueExact();
  }
}
