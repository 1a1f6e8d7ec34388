package org.concordat.ops.simulate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Writes simulated payments, row by row in constant memory; the same seed gives the same bytes.
 *
 * <p>Amounts are log-normal around each account's own median; hours follow a daily rhythm. About
 * 0.3 % of payments are fraud of five kinds, each of which overlaps with honest behaviour, so that
 * every rule has false alarms and misses.
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
          "payments_24h",
          "amount_24h",
          "days_since_last_payment",
          "merchant_category",
          "is_fraud",
          "fraud_type");

  private static final double FRAUD_RATE = 0.003;
  private static final int ACCOUNTS_PER_BANK = 5_000;
  private static final int SECONDS_BETWEEN = 4;
  private static final LocalDateTime START = LocalDateTime.of(2026, 1, 5, 0, 0);
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

  private final long seed;
  private final int banks;
  private final SplittableRandom random;
  private final StringBuilder row = new StringBuilder(256);

  /**
   * @param banks 1 or more; named bank-a, bank-b and so on
   */
  public PaymentSimulator(long seed, int banks) {
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

  private void write(long payments, Function<Integer, ? extends Appendable> targetOf) {
    try {
      for (long number = 0; number < payments; number++) {
        // Banks differ in size, as in life: the first has the most customers.
        int bank = Math.min(random.nextInt(banks), random.nextInt(banks));
        targetOf.apply(bank).append(payment(number, bank));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String bankName(int bank) {
    return bank < 26 ? "bank-" + (char) ('a' + bank) : "bank-" + (bank + 1);
  }

  private CharSequence payment(long number, int bank) {
    Account debtor = Account.of(seed, bank, random.nextInt(ACCOUNTS_PER_BANK));
    int otherBank = random.nextInt(banks);
    Account creditor = Account.of(seed, otherBank, random.nextInt(ACCOUNTS_PER_BANK));
    var p = new Draft(debtor, random);
    p.honest(CHANNELS, TYPES, COUNTRIES);
    Fraud fraud = random.nextDouble() < FRAUD_RATE ? Fraud.pick(random) : Fraud.NONE;
    fraud.commit(p, random, FAR_COUNTRIES);
    LocalDateTime day = START.plusSeconds(number * SECONDS_BETWEEN);
    LocalDateTime booked = day.toLocalDate().atTime(p.hour, random.nextInt(60), random.nextInt(60));
    row.setLength(0);
    row.append('P').append(Long.toString(seed, 36)).append('-').append(number + 1);
    cell(TIME.format(booked.atOffset(ZoneOffset.ofHours(1))));
    cell(bankName(bank));
    cell(debtor.iban());
    cell(creditor.iban());
    cell(bankName(otherBank));
    cell(cents(p.amount));
    cell(p.currency);
    cell(p.channel);
    cell(p.type);
    cell(p.country);
    cell(Integer.toString(p.ageDays));
    cell(p.payeeKnown ? "1" : "0");
    cell(p.deviceNew ? "1" : "0");
    cell(Integer.toString(p.failedLogins));
    cell(Integer.toString(p.payments24h));
    cell(cents(p.amount24h));
    cell(Integer.toString(p.daysSinceLast));
    cell(p.type.equals("card") ? MERCHANTS[random.nextInt(MERCHANTS.length)] : "");
    cell(fraud == Fraud.NONE ? "0" : "1");
    cell(fraud == Fraud.NONE ? "" : fraud.label());
    return row.append('\n');
  }

  private void cell(String text) {
    row.append(',').append(text);
  }

  private static String cents(double amount) {
    long cents = Math.round(amount * 100);
    return cents / 100 + "." + (cents % 100 < 10 ? "0" : "") + cents % 100;
  }
}
