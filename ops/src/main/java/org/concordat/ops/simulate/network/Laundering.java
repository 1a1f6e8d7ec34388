package org.concordat.ops.simulate.network;

import static org.concordat.ops.simulate.network.Scheme.DAY;
import static org.concordat.ops.simulate.network.Scheme.HOUR;

import java.util.SplittableRandom;

/** The schemes of people who hide where money comes from, and of those who steal it. */
final class Laundering {
  /** What has to be reported, in cents. */
  static final int LIMIT_CENTS = 1_000_000;

  private final Population population;
  private final SplittableRandom random;

  Laundering(Population population, SplittableRandom random) {
    this.population = population;
    this.random = random;
  }

  private int from(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** In cents; some pay amounts that nobody looks at twice. */
  private double amount() {
    return 100 * StrictMath.exp(7.6 + 0.7 * random.nextGaussian());
  }

  Scheme scheme(Typology typology, int pattern, long start) {
    var scheme = new Scheme(population, random, typology.label(), pattern, start);
    return switch (typology) {
      case PASS_THROUGH -> scheme.chain(2, amount(), 0.1, 20 * HOUR);
      case CHAIN -> scheme.chain(from(4, 6), amount(), 0.1, 30 * HOUR);
      case CYCLE -> scheme.cycle(hops(), amount(), 0.1, 30 * HOUR);
      case SCATTER_GATHER ->
          scheme.scatterGather(
              population.person(random),
              population.person(random),
              from(3, 6),
              amount() / 2,
              0.1,
              DAY);
      case GATHER_SCATTER -> scheme.gatherScatter(from(3, 5), from(3, 5), amount() / 3, 16 * HOUR);
      case BIPARTITE -> scheme.bipartite(from(2, 4), from(3, 4), amount() / 3, 14 * HOUR);
      case STACK ->
          scheme.stack(new int[] {from(2, 3), from(2, 3), from(2, 3)}, amount() / 2, 14 * HOUR);
      case FAN_IN -> scheme.fanIn(population.person(random), from(6, 10), amount() / 3, 16 * HOUR);
      case FAN_OUT ->
          scheme.fanOut(population.person(random), from(6, 10), amount() / 3, 16 * HOUR);
      case STRUCTURING -> scheme.structuring(from(4, 7), from(1, 2), LIMIT_CENTS, 30 * HOUR);
      case DORMANT_AWAKENED -> scheme.awakened(from(2, 4), 2 * amount(), 12 * HOUR);
      case CARD_TESTING -> scheme.cardPayments(from(8, 14), from(3, 6), 500, 60);
      case DEVICE_SHARED -> scheme.deviceShared(from(5, 7), from(1, 3), amount() / 2, 12 * HOUR);
      case BUST_OUT -> scheme.bustOut(from(6, 9), amount(), 7 * HOUR);
      case MIRRORING -> scheme.mirror(3, population.person(random), amount(), 18 * HOUR);
    };
  }

  /** Seldom there and back at once. */
  private int hops() {
    int draw = random.nextInt(10);
    return draw == 0 ? 2 : 3 + draw % 3;
  }
}
