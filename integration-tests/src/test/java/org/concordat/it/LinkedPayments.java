package org.concordat.it;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Payments of one bank among the accounts that other banks' payments run among too, some of them in
 * rings: rows of a CSV file for the rule set {@code linked}.
 */
final class LinkedPayments {
  static final String COLUMNS = "id,booked_at,payer,payee,amount,hundreds,uetr";

  private static final Duration AGE = Duration.ofDays(4);

  private final String bank;
  private final int accounts;
  private final int secondsMax;
  private final Random random;

  /** Payer, payee and cents of what may go on, or back. */
  private final List<int[]> open = new ArrayList<>();

  private Instant time = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(AGE);
  private int made;

  /**
   * @param accounts of all banks together
   * @param secondsMax from one payment to the next
   */
  LinkedPayments(String bank, long seed, int accounts, int secondsMax) {
    this.bank = bank;
    this.accounts = accounts;
    this.secondsMax = secondsMax;
    this.random = new Random(seed + bank.hashCode());
  }

  List<String> next(int rows) {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      lines.add(next());
    }
    return lines;
  }

  private String next() {
    time = time.plusSeconds(random.nextInt(secondsMax));
    int payer = random.nextInt(accounts);
    int payee = (payer + 1 + random.nextInt(accounts - 1)) % accounts;
    int cents = 5_000 + random.nextInt(200_000);
    if (!open.isEmpty() && random.nextInt(3) == 0) {
      // Money that came goes on, or back to where it was.
      int[] earlier = open.remove(random.nextInt(open.size()));
      payer = earlier[1];
      payee = random.nextBoolean() ? earlier[0] : (payer + 1) % accounts;
      cents = Math.max(1, earlier[2] - earlier[2] / (10 + random.nextInt(30)));
    } else {
      open.add(new int[] {payer, payee, cents});
    }
    int number = made++;
    return "%s-%d,%s,ACCT%06d,ACCT%06d,%d.%02d,%d,%s-%d"
        .formatted(
            bank,
            number,
            time,
            payer,
            payee,
            cents / 100,
            cents % 100,
            cents / 10_000,
            bank,
            number);
  }
}
