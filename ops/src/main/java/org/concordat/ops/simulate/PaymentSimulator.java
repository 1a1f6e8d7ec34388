package org.concordat.ops.simulate;

import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Writes simulated payments in the order of booking, a day at a time and so in constant memory; the
 * same seed gives the same bytes.
 *
 * <p>Amounts are log-normal around each account's own median; hours follow the account's habits,
 * days the week. Some accounts pay often, most seldom, each has a few payees that it pays again and
 * again. About 0.3 % of payments are fraud of five kinds, each of which overlaps with honest
 * behaviour, so that every rule has false alarms and misses.
 */
public final class PaymentSimulator {
  public static final List<String> COLUMNS =
      List.of(
          "payment_id",
          "booked_at",
          "bank",
          "debtor_account",
          "creditor_account",
          "creditor_bank",
          "amount",
          "currency",
          "channel",
          "payment_type",
          "creditor_country",
          "account_age_days",
          "payee_known",
          "device_new",
          "failed_logins_24h",
          "days_since_last_payment",
          "merchant_category",
          "is_fraud",
          "fraud_type");

  /** As many as a consortium of the command may have. */
  public static final int BANKS_MAX = 100;

  /** Of payments that begin a fraud; some go on with more. */
  private static final double FRAUD_RATE = 0.0021;

  private static final int ACCOUNTS_PER_BANK = 5_000;

  /** Payments of a day, all banks together, from Monday on: all that is ever held in memory. */
  private static final int[] PAYMENTS_BY_WEEKDAY = {
    24_000, 23_000, 23_000, 24_000, 26_000, 15_000, 9_000
  };

  private static final LocalDate START = LocalDate.of(2026, 1, 5);
  private static final ZoneOffset OFFSET = ZoneOffset.ofHours(1);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);
  private static final String[] CHANNELS = {"web", "app", "app", "app", "branch", "phone", "api"};
  private static final String[] TYPES = {
    "credit-transfer",
    "credit-transfer",
    "instant",
    "standing-order",
    "card",
    "card",
    "card",
    "cash"
  };
  private static final String[] COUNTRIES = {
    "DE", "DE", "DE", "DE", "DE", "FR", "NL", "AT", "ES", "IT", "PL", "GB", "US", "CH"
  };
  private static final String[] FAR_COUNTRIES = {"LT", "NG", "HK", "AE", "CY", "PA"};
  private static final String[] MERCHANTS = {
    "5411", "5812", "5541", "5999", "4111", "5732", "7995", "6051", "5944"
  };

  /** A payment without its id, which follows the order of booking. */
  private record Payment(LocalDateTime bookedAt, int bank, String otherCells) {}

  private final long seed;
  private final int banks;
  private final SplittableRandom random;

  /**
   * @param banks 1 to {@link #BANKS_MAX}; named bank-a, bank-b and so on
   */
  public PaymentSimulator(long seed, int banks) {
    if (banks < 1 || banks > BANKS_MAX) {
      throw new IllegalArgumentException("banks");
    }
    this.seed = seed;
    this.banks = banks;
    this.random = new SplittableRandom(seed);
  }

  /** Writes one file for each bank. */
  public static void writeFiles(long seed, int banks, long payments, Function<String, Path> fileOf)
      throws IOException {
    var simulator = new PaymentSimulator(seed, banks);
    List<Writer> writers = new ArrayList<>();
    try {
      for (int bank = 0; bank < banks; bank++) {
        Writer writer =
            Files.newBufferedWriter(fileOf.apply(bankName(bank)), StandardCharsets.UTF_8);
        writers.add(writer);
        writer.write(String.join(",", COLUMNS) + "\n");
      }
      simulator.write(payments, writers::get);
    } finally {
      for (Writer writer : writers) {
        writer.close();
      }
    }
  }

  /** Writes payments of all banks to one target, headed by the columns' names. */
  public void writeAll(long payments, Appendable target) throws IOException {
    target.append(String.join(",", COLUMNS)).append('\n');
    write(payments, bank -> target);
  }

  private void write(long payments, IntFunction<? extends Appendable> targetOf) throws IOException {
    long number = 0;
    for (LocalDate day = START; number < payments; day = day.plusDays(1)) {
      int most = PAYMENTS_BY_WEEKDAY[day.getDayOfWeek().ordinal()];
      List<Payment> booked = new ArrayList<>(most);
      long count = Math.min(most, payments - number);
      while (booked.size() < count) {
        addPayments(day, booked, (int) (count - booked.size()));
      }
      booked.sort(Comparator.comparing(Payment::bookedAt));
      for (Payment payment : booked) {
        number++;
        targetOf
            .apply(payment.bank())
            .append("P" + Long.toString(seed, 36) + "-" + number + ",")
            .append(TIME.format(payment.bookedAt().atOffset(OFFSET)))
            .append(payment.otherCells())
            .append("\n");
      }
    }
  }

  private static String bankName(int bank) {
    return bank < 26 ? "bank-" + (char) ('a' + bank) : "bank-" + (bank + 1);
  }

  /** One payment; of a fraud that takes several, all. */
  private void addPayments(LocalDate day, List<Payment> booked, int countMax) {
    // Banks differ in size, as in life: the first has the most customers.
    int bank = Math.min(random.nextInt(banks), random.nextInt(banks));
    Account debtor = Account.of(seed, bank, busyAccount());
    Fraud fraud = random.nextDouble() < FRAUD_RATE ? Fraud.pick(random) : Fraud.NONE;
    LocalDateTime bookedAt = null;
    for (int i = 0; i < Math.min(fraud.payments(), countMax); i++) {
      var p = new Draft(debtor, random);
      p.honest(CHANNELS, TYPES, COUNTRIES);
      fraud.commit(p, random, FAR_COUNTRIES);
      bookedAt =
          bookedAt == null
              ? day.atTime(p.hour, random.nextInt(60), random.nextInt(60))
              : later(bookedAt);
      booked.add(payment(bookedAt, bank, p, fraud));
    }
  }

  /** Some accounts pay often, most seldom. */
  private int busyAccount() {
    double draw = random.nextDouble();
    return (int) (ACCOUNTS_PER_BANK * draw * Math.sqrt(draw));
  }

  /** A minute or two later, on the same day. */
  private LocalDateTime later(LocalDateTime time) {
    LocalDateTime next = time.plusSeconds(30 + random.nextInt(90));
    return next.toLocalDate().equals(time.toLocalDate()) ? next : time;
  }

  private Payment payment(LocalDateTime bookedAt, int bank, Draft p, Fraud fraud) {
    Account debtor = p.debtor;
    int payee =
        p.payeeKnown
            ? debtor.regularPayee(random, banks * ACCOUNTS_PER_BANK)
            : random.nextInt(banks * ACCOUNTS_PER_BANK);
    int otherBank = payee / ACCOUNTS_PER_BANK;
    Account creditor = Account.of(seed, otherBank, payee % ACCOUNTS_PER_BANK);
    String[] cells = {
      bankName(bank),
      debtor.iban(),
      creditor.iban(),
      bankName(otherBank),
      cents(p.amount),
      p.currency,
      p.channel,
      p.type,
      p.country,
      Integer.toString(p.ageDays),
      p.payeeKnown ? "1" : "0",
      p.deviceNew ? "1" : "0",
      Integer.toString(p.failedLogins),
      Integer.toString(p.daysSinceLast),
      p.type.equals("card") ? MERCHANTS[random.nextInt(MERCHANTS.length)] : "",
      fraud == Fraud.NONE ? "0" : "1",
      fraud == Fraud.NONE ? "" : fraud.label()
    };
    return new Payment(bookedAt, bank, "," + String.join(",", cells));
  }

  private static String cents(double amount) {
    return BigDecimal.valueOf(Math.round(amount * 100), 2).toPlainString();
  }
}
