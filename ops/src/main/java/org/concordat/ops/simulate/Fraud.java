package org.concordat.ops.simulate;

import java.util.Locale;
import java.util.SplittableRandom;

/** Kinds of fraud, each as what it changes of an ordinary payment. */
enum Fraud {
  NONE,
  ACCOUNT_TAKEOVER,
  MULE_PASS_THROUGH,
  CARD_TESTING,
  APP_SCAM,
  STRUCTURING;

  static Fraud pick(SplittableRandom random) {
    return values()[1 + random.nextInt(values().length - 1)];
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  void commit(Draft p, SplittableRandom random, String[] farCountries) {
    switch (this) {
      case NONE -> {}
      case ACCOUNT_TAKEOVER -> {
        p.type = "instant";
        p.channel = random.nextBoolean() ? "web" : "app";
        p.deviceNew = random.nextInt(10) < 8;
        p.failedLogins = random.nextInt(12);
        p.payeeKnown = false;
        p.hour = random.nextInt(10) < 6 ? random.nextInt(6) : p.hour;
        p.amount(p.debtor.medianAmount() * (5 + random.nextInt(40)));
      }
      case MULE_PASS_THROUGH -> {
        p.type = random.nextBoolean() ? "instant" : "credit-transfer";
        p.ageDays = 3 + random.nextInt(120);
        p.payeeKnown = false;
        p.country = farCountries[random.nextInt(farCountries.length)];
        p.amount(1_500 + 9_000 * random.nextDouble());
        p.payments24h = 3 + random.nextInt(12);
        p.amount24h(p.amount * (1 + random.nextInt(4)));
      }
      case CARD_TESTING -> {
        p.type = "card";
        p.channel = "api";
        p.amount(0.5 + 4 * random.nextDouble());
        p.payments24h = 15 + random.nextInt(120);
        p.amount24h(p.payments24h * 2.5);
        p.daysSinceLast = 0;
      }
      case APP_SCAM -> {
        p.type = "credit-transfer";
        p.channel = random.nextBoolean() ? "phone" : "app";
        p.payeeKnown = false;
        p.daysSinceLast = 20 + random.nextInt(400);
        p.payments24h = 0;
        p.amount24h(0.01);
        p.amount(4_000 + 30_000 * random.nextDouble());
      }
      case STRUCTURING -> {
        p.type = "cash";
        p.channel = "branch";
        p.amount(9_000 + 990 * random.nextDouble());
        p.payments24h = 2 + random.nextInt(6);
        p.amount24h(p.payments24h * 9_400.0);
      }
    }
  }
}
