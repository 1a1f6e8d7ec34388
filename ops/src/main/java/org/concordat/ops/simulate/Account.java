package org.concordat.ops.simulate;

import java.util.SplittableRandom;

/** A customer's account and habits, all of them a function of bank, number and seed. */
record Account(
    String iban, int ageDays, double medianAmount, int activity, int channel, int homeHour) {
  private static final int REGULAR_PAYEES = 4;

  static Account of(long seed, int bank, int number) {
    var random = new SplittableRandom(seed ^ (bank * 1_000_003L + number) * 0x9E3779B97F4A7C15L);
    return new Account(
        Iban.of(bank, number),
        (int) Math.min(20_000, 30 + Math.abs(random.nextGaussian()) * 2_500),
        StrictMath.exp(3.4 + 0.8 * random.nextGaussian()),
        1 + random.nextInt(8),
        random.nextInt(10),
        7 + random.nextInt(14));
  }

  /** The number of one of the few whom the account pays again and again; of any bank. */
  int regularPayee(SplittableRandom random, int accounts) {
    long payee = iban.hashCode() * 31L + random.nextInt(REGULAR_PAYEES);
    return (int) new SplittableRandom(payee).nextLong(accounts);
  }
}
