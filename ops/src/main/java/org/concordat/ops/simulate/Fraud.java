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

  private static final Fraud[] OTHERS = {
    ACCOUNT_TAKEOVER, MULE_PASS_THROUGH, APP_SCAM, STRUCTURING
  };

  private static final int TESTED_CARDS = 14;

  /** Cards are tested seldom, but then with many payments. */
  static Fraud pick(SplittableRandom random) {
    int draw = random.nextInt(21);
    return draw == 0 ? CARD_TESTING : OTHERS[draw % OTHERS.length];
  }

  /** How many payments of one account belong together. */
  int payments() {
    return this == CARD_TESTING ? TESTED_CARDS : 1;
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
      }
      case CARD_TESTING -> {
        p.type = "card";
        p.channel = "api";
        p.amount(0.5 + 4 * random.nextDouble());
        p.daysSinceLast = 0;
      }
      case APP_SCAM -> {
        p.type = "credit-transfer";
        p.channel = random.nextBoolean() ? "phone" : "app";
        p.payeeKnown = false;
        p.daysSinceLast = 20 + random.nextInt(400);
        p.amount(4_000 + 30_000 * random.nextDouble());
      }
      case STRUCTURING -> {
        p.type = "cash";
        p.channel = "branch";
        p.amount(9_000 + 990 * random.nextDouble());
      }
    }
  }
}
