package org.concordat.ops.lift;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.ops.lift.LiftReport.Interval;
import org.jspecify.annotations.Nullable;

/** Intervals by drawing instances again and again, with replacement. */
final class Bootstrap {
  private static final double TAIL = 0.025;

  private final int[][] draws;

  Bootstrap(int instances, int samples, long seed) {
    var random = new SplittableRandom(seed);
    this.draws = new int[samples][instances];
    for (int[] draw : draws) {
      for (int i = 0; i < draw.length; i++) {
        draw[i] = random.nextInt(instances);
      }
    }
  }

  private static int count(boolean[] found, int[] draw) {
    int count = 0;
    for (int instance : draw) {
      count += found[instance] ? 1 : 0;
    }
    return count;
  }

  Interval recall(boolean[] found) {
    double[] recalls = new double[draws.length];
    for (int i = 0; i < draws.length; i++) {
      recalls[i] = (double) count(found, draws[i]) / draws[i].length;
    }
    return interval(recalls);
  }

  /** Of what all find to what the best of several finds, who may be another one in each sample. */
  Interval ratio(boolean[] all, List<boolean[]> several) {
    double[] ratios = new double[draws.length];
    for (int i = 0; i < draws.length; i++) {
      int best = 0;
      for (boolean[] one : several) {
        best = Math.max(best, count(one, draws[i]));
      }
      int together = count(all, draws[i]);
      double none = together == 0 ? 1 : Double.POSITIVE_INFINITY;
      ratios[i] = best == 0 ? none : (double) together / best;
    }
    return interval(ratios);
  }

  private static Interval interval(double[] values) {
    Arrays.sort(values);
    int tail = (int) (TAIL * values.length);
    return new Interval(finite(values[tail]), finite(values[values.length - 1 - tail]));
  }

  private static @Nullable Double finite(double value) {
    return Double.isInfinite(value) ? null : value;
  }
}
