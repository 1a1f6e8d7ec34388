package org.concordat.ops.simulate;

import java.util.SplittableRandom;

/** A payment in the making. */
final class Draft {
  private static final double AMOUNT_MAX = 250_000;

  final Account debtor;
  private final SplittableRandom random;
  double amount;
  String currency = "EUR";
  String channel = "";
  String type = "";
  String country = "";
  int hour;
  int ageDays;
  int failedLogins;
  int daysSinceLast;
  boolean payeeKnown;
  boolean deviceNew;

  Draft(Account debtor, SplittableRandom random) {
    this.debtor = debtor;
    this.random = random;
  }

  /** What the account's owner does on any day. */
  void honest(String[] channels, String[] types, String[] countries) {
    type = types[random.nextInt(types.length)];
    channel =
        type.equals("card")
            ? "api"
            : channels[(debtor.channel() + random.nextInt(2)) % channels.length];
    double size = type.equals("card") || type.equals("cash") ? 0.7 : 3.0;
    amount = bounded(debtor.medianAmount() * size * StrictMath.exp(0.9 * random.nextGaussian()));
    double draw = random.nextDouble();
    currency = draw < 0.94 ? "EUR" : draw < 0.96 ? "USD" : draw < 0.98 ? "GBP" : "SEK";
    country = countries[random.nextInt(countries.length)];
    hour = Math.floorMod(debtor.homeHour() + (int) (3 * random.nextGaussian()), 24);
    ageDays = debtor.ageDays();
    payeeKnown = random.nextInt(10) < 7;
    deviceNew = random.nextInt(40) == 0;
    failedLogins = random.nextInt(30) == 0 ? 1 + random.nextInt(3) : 0;
    daysSinceLast =
        random.nextInt(1 + debtor.activity()) > 0
            ? 0
            : (int) Math.min(5_000, Math.abs(random.nextGaussian()) * 12);
  }

  void amount(double value) {
    amount = bounded(value);
  }

  private static double bounded(double value) {
    return Math.clamp(value, 0.01, AMOUNT_MAX);
  }
}
