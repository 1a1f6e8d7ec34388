package org.concordat.ops.simulate.network;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/** What people and firms pay on any day: salaries, rents, shops, friends and households. */
final class EverydayPayments {
  private static final int MONTH_DAYS = 30;

  /** One in so many people gets its salary, or pays its rent, over these banks. */
  private static final int SALARY_EVERY = 3;

  private static final int RENT_EVERY = 6;
  private static final int FIRST_PAYDAY = 24;
  private static final int PAYDAYS = 5;

  /** Days on which even accounts that sleep later are used. */
  private static final int SLEEPERS_WAKE_DAYS = 12;

  private final Population population;
  private final SplittableRandom random;

  EverydayPayments(Population population, SplittableRandom random) {
    this.population = population;
    this.random = random;
  }

  private long at(int day, int firstHour, int lastHour) {
    int hours = random.nextInt(firstHour * 3_600, lastHour * 3_600);
    return (long) day * Scheme.DAY + hours;
  }

  private void transfer(long second, int payer, int payee, long cents, Consumer<Move> sink) {
    if (payer != payee) {
      String device = population.device(payer, random);
      sink.accept(new Move(second, payer, payee, Math.max(1, cents), device, "", "", -1));
    }
  }

  /** What falls due on a day. */
  void due(int day, Consumer<Move> sink) {
    int dayOfMonth = day % MONTH_DAYS;
    for (int person = population.firstWorker(); person < population.endOfWorkers(); person++) {
      int employer = population.employerOf(person);
      if (person % SALARY_EVERY == 0
          && dayOfMonth == (FIRST_PAYDAY + employer % PAYDAYS) % MONTH_DAYS) {
        transfer(at(day, 6, 9), employer, person, population.salary(person), sink);
      }
      if (person % RENT_EVERY == 1 && dayOfMonth == person / RENT_EVERY % 4) {
        int landlord = population.landlordOf(person);
        long rent = Math.round(population.salary(person) * 0.3);
        transfer(at(day, 7, 20), person, landlord, rent, sink);
        if (dayOfMonth == 3) {
          // Rents go on to who owns the house: a chain that is nobody's concern.
          transfer(at(day, 21, 23), landlord, population.ownerOf(landlord), rent * 4, sink);
        }
      }
    }
    if (day < SLEEPERS_WAKE_DAYS) {
      for (int account = population.firstOfSleepers() + day;
          account < population.accounts();
          account += SLEEPERS_WAKE_DAYS) {
        long cents = Math.round(population.usualCents(account));
        transfer(at(day, 8, 22), account, population.shop(random), cents, sink);
      }
    }
  }

  /** One payment that somebody makes on a day. */
  void any(int day, Consumer<Move> sink) {
    int person = population.busyPerson(random);
    double cents = population.usualCents(person) * StrictMath.exp(0.7 * random.nextGaussian());
    int draw = random.nextInt(100);
    long second = at(day, 7, 23);
    if (draw < 68) {
      boolean regular = random.nextInt(5) > 0;
      int shop = regular ? population.regularShop(person, random) : population.shop(random);
      String card = random.nextInt(4) > 0 ? population.card(person) : "";
      String device = population.device(person, random);
      sink.accept(
          new Move(second, person, shop, Math.max(1, Math.round(cents)), device, card, "", -1));
    } else if (draw < 80) {
      transfer(second, person, population.relative(person, random), Math.round(2 * cents), sink);
    } else if (draw < 91) {
      transfer(second, person, population.friend(person, random), Math.round(cents), sink);
    } else if (draw < 96) {
      transfer(second, person, population.person(random), Math.round(3 * cents), sink);
    } else if (draw < 98) {
      int shop = population.regularShop(person, random);
      transfer(second, shop, population.employerOf(shop), Math.round(20 * cents), sink);
    } else {
      transfer(second, population.regularShop(person, random), person, Math.round(cents), sink);
    }
  }
}
