package org.concordat.ops.simulate.network;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes the payments of one plan, honest or not, hop by hop: who passes how much on to whom, and
 * how soon. The same shapes serve laundering and its look-alikes; sizes and haste differ.
 */
final class Scheme {
  private static final int MINUTE = 60;
  static final int HOUR = 60 * MINUTE;
  static final int DAY = 24 * HOUR;

  private final Population population;
  private final SplittableRandom random;
  private final String typology;
  private final int pattern;
  private final List<Move> moves = new ArrayList<>();

  /** The latest end of what was written. */
  private long now;

  Scheme(Population population, SplittableRandom random, String typology, int pattern, long start) {
    this.population = population;
    this.random = random;
    this.typology = typology;
    this.pattern = pattern;
    this.now = start;
  }

  List<Move> moves() {
    return moves;
  }

  private void add(long second, int payer, int payee, double cents, String device, String card) {
    if (payer != payee) {
      long amount = Math.max(1, Math.round(cents));
      moves.add(new Move(second, payer, payee, amount, device, card, typology, pattern));
    }
  }

  private void transfer(long second, int payer, int payee, double cents) {
    add(second, payer, payee, cents, population.device(payer, random), "");
  }

  private long soon(long second, int secondsMax) {
    return second + MINUTE + random.nextInt(secondsMax);
  }

  private double between(double least, double most) {
    return least + (most - least) * random.nextDouble();
  }

  /** Different people, of any bank. */
  private List<Integer> people(int count) {
    List<Integer> people = new ArrayList<>();
    while (people.size() < count) {
      int person = population.person(random);
      if (!people.contains(person)) {
        people.add(person);
      }
    }
    return people;
  }

  /** Each hands on to the next what it got, less a part that it keeps. */
  Scheme chain(int hops, double cents, double keptMax, int gap) {
    return along(people(hops + 1), cents, keptMax, gap);
  }

  /** A chain that comes back to where it began. */
  Scheme cycle(int hops, double cents, double keptMax, int gap) {
    List<Integer> people = people(hops);
    people.add(people.getFirst());
    return along(people, cents, keptMax, gap);
  }

  private Scheme along(List<Integer> people, double cents, double keptMax, int gap) {
    double amount = cents;
    for (int hop = 1; hop < people.size(); hop++) {
      transfer(now, people.get(hop - 1), people.get(hop), amount);
      amount *= 1 - keptMax * random.nextDouble();
      now = soon(now, gap);
    }
    return this;
  }

  /** Several pay into one account. */
  Scheme fanIn(int hub, int payers, double cents, int gap) {
    double total = 0;
    for (int payer : people(payers)) {
      double amount = cents * between(0.6, 1.4);
      transfer(now, payer, hub, amount);
      total += amount;
      now = soon(now, gap);
    }
    collected = total;
    return this;
  }

  /** One account pays out to several. */
  Scheme fanOut(int hub, int payees, double cents, int gap) {
    for (int payee : people(payees)) {
      transfer(now, hub, payee, cents * between(0.6, 1.4));
      now = soon(now, gap);
    }
    return this;
  }

  private double collected;

  Scheme gatherScatter(int payers, int payees, double cents, int gap) {
    int hub = population.person(random);
    fanIn(hub, payers, cents, gap);
    return fanOut(hub, payees, collected * between(0.9, 1) / payees, gap);
  }

  /** One source reaches one target through several, who each pass on what they got. */
  Scheme scatterGather(int source, int target, int through, double cents, double keptMax, int gap) {
    long end = now;
    for (int middle : people(through)) {
      double amount = cents * between(0.7, 1.3);
      transfer(now, source, middle, amount);
      long passed = soon(now, 2 * gap);
      transfer(passed, middle, target, amount * (1 - keptMax * random.nextDouble()));
      end = Math.max(end, passed);
      now = soon(now, gap);
    }
    now = end;
    return this;
  }

  /** Nearly each of some accounts pays each of some others. */
  Scheme bipartite(List<Integer> payers, List<Integer> payees, double cents, int gap) {
    for (int payer : payers) {
      for (int payee : payees) {
        if (random.nextInt(8) > 0) {
          transfer(now, payer, payee, cents * between(0.6, 1.4));
          now = soon(now, gap);
        }
      }
    }
    return this;
  }

  Scheme bipartite(int payers, int payees, double cents, int gap) {
    List<Integer> people = people(payers + payees);
    return bipartite(people.subList(0, payers), people.subList(payers, people.size()), cents, gap);
  }

  /** Layer pays layer, each after the one before. */
  Scheme stack(int[] layers, double cents, int gap) {
    int count = 0;
    for (int layer : layers) {
      count += layer;
    }
    List<Integer> people = people(count);
    int from = 0;
    for (int layer = 1; layer < layers.length; layer++) {
      int middle = from + layers[layer - 1];
      int to = middle + layers[layer];
      bipartite(people.subList(from, middle), people.subList(middle, to), cents, gap);
      from = middle;
    }
    return this;
  }

  /** Payments a little below what would have to be reported. */
  Scheme structuring(int payments, int payees, double limitCents, int gap) {
    int payer = population.person(random);
    List<Integer> people = people(payees);
    for (int i = 0; i < payments; i++) {
      transfer(now, payer, people.get(i % payees), limitCents * between(0.9, 0.999));
      now = soon(now, gap);
    }
    return this;
  }

  /** An account that slept is fed and emptied. */
  Scheme awakened(int payments, double cents, int gap) {
    int sleeper = population.sleeper(random);
    transfer(now, population.person(random), sleeper, cents);
    for (int payee : people(payments)) {
      now = soon(now, gap);
      transfer(now, sleeper, payee, cents / payments * between(0.8, 1));
    }
    return this;
  }

  /** One card, many small payments. */
  Scheme cardPayments(int payments, int shops, double centsMax, int gap) {
    int payer = population.person(random);
    String device = population.device(-2L - random.nextInt(1 << 20));
    String card = population.card(payer);
    int[] at = new int[shops];
    for (int i = 0; i < shops; i++) {
      at[i] = population.shop(random);
    }
    for (int i = 0; i < payments; i++) {
      add(now, payer, at[random.nextInt(shops)], between(50, centsMax), device, card);
      now = soon(now, gap);
    }
    return this;
  }

  /** Several payers, one device. */
  Scheme deviceShared(int payers, int payees, double cents, int gap) {
    String device = population.device(-2L - (1 << 20) - random.nextInt(1 << 20));
    List<Integer> targets = people(payees);
    for (int payer : people(payers)) {
      int payee = targets.get(random.nextInt(payees));
      add(now, payer, payee, cents * between(0.5, 1.5), device, "");
      now = soon(now, gap);
    }
    return this;
  }

  /** An ordinary customer spends all that there is within a short time. */
  Scheme bustOut(int payments, double cents, int gap) {
    int payer = population.person(random);
    for (int i = 0; i < payments; i++) {
      int payee = i % 3 == 0 ? population.person(random) : population.shop(random);
      transfer(now, payer, payee, cents * between(0.5, 1.5));
      now = soon(now, gap);
    }
    return this;
  }

  /** What one pays the other comes back, nearly all of it, again and again. */
  Scheme mirror(int times, int other, double cents, int gap) {
    int one = population.person(random);
    for (int i = 0; i < times; i++) {
      double amount = cents * between(0.6, 1.4);
      transfer(now, one, other, amount);
      now = soon(now, gap);
      transfer(now, other, one, amount * between(0.985, 1));
      now = soon(now, 2 * gap);
    }
    return this;
  }
}
