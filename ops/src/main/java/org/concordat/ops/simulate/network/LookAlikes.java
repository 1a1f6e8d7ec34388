package org.concordat.ops.simulate.network;

import static org.concordat.ops.simulate.network.Scheme.DAY;
import static org.concordat.ops.simulate.network.Scheme.HOUR;

import java.util.List;
import java.util.SplittableRandom;

/** What honest people do that looks like laundering, each as often as a day may hold. */
final class LookAlikes {
  private static final int KINDS = 16;

  /** Plans that begin on a day, for each 100,000 accounts. */
  private static final int PLANS = 24;

  private final Population population;
  private final SplittableRandom random;

  LookAlikes(Population population, SplittableRandom random) {
    this.population = population;
    this.random = random;
  }

  /** How many begin today. */
  int count() {
    double mean = PLANS * population.accounts() / 100_000.0;
    return (int) (mean * 2 * random.nextDouble() + random.nextDouble());
  }

  private int from(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  private double euros(double least, double most) {
    return 100 * (least + (most - least) * random.nextDouble());
  }

  Scheme plan(long start) {
    var plan = new Scheme(population, random, "", -1, start);
    return switch (random.nextInt(KINDS)) {
      // Savings clubs and presents go round.
      case 0 -> plan.cycle(from(3, 5), euros(20, 150), 0, 30 * HOUR);
      // Builders pay who works for them, who pay who works for them.
      case 1 -> plan.chain(from(3, 5), euros(2_000, 9_000), 0.5, 3 * DAY);
      // What came in is saved elsewhere.
      case 2 -> plan.chain(2, euros(300, 4_000), 0.6, DAY);
      // Parents give their children what these pay for school.
      case 3 ->
          plan.scatterGather(
              population.person(random),
              population.employer(random),
              from(2, 3),
              euros(200, 700),
              0.2,
              4 * DAY);
      // Clubs collect and spend.
      case 4 -> plan.gatherScatter(from(3, 6), from(1, 3), euros(15, 120), DAY);
      // Who moves in together pays the same landlord, agency and shop.
      case 5, 6 ->
          plan.bipartite(
              List.of(population.person(random), population.person(random)),
              List.of(
                  population.landlord(random), population.shop(random), population.shop(random)),
              euros(100, 900),
              2 * DAY);
      // Markets: shops pay wholesalers, who pay producers.
      case 7 -> plan.stack(new int[] {2, 2, 1}, euros(200, 3_000), 3 * DAY);
      case 8 -> plan.fanIn(population.person(random), from(4, 12), euros(10, 60), 20 * HOUR);
      case 9 -> plan.fanOut(population.person(random), from(4, 9), euros(20, 400), DAY);
      // Cars and kitchens cost a little less than what has to be reported.
      case 10 -> plan.structuring(from(1, 3), 1, Laundering.LIMIT_CENTS, 10 * DAY);
      case 11 -> plan.awakened(from(1, 2), euros(200, 3_000), 3 * DAY);
      // Parking, vending machines, games.
      case 12 -> plan.cardPayments(from(3, 7), from(1, 3), 600, 600);
      // A computer in a library or a shop.
      case 13 -> plan.deviceShared(from(2, 6), from(2, 4), euros(10, 200), 2 * DAY);
      // A household is set up.
      case 14 -> plan.bustOut(from(4, 8), euros(200, 1_500), 20 * HOUR);
      // A purchase is sent back.
      default -> plan.mirror(from(1, 2), population.shop(random), euros(20, 400), 4 * DAY);
    };
  }
}
