package org.concordat.ops.simulate.network;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Writes simulated payments in the order of booking, a day at a time; the same seed gives the same
 * bytes. Memory holds the accounts, a day's payments and those of plans under way.
 *
 * <p>At most {@link #FRAUD_SHARE_MAX} of the payments are fraud, of {@link Typology} kinds; each
 * payment of a scheme names the scheme. Each payment is a row of the payer's bank.
 */
public final class NetworkSimulator {
  public static final List<String> COLUMNS =
      List.of(
          "payment_id",
          "booked_at",
          "bank",
          "payer_account",
          "payee_account",
          "payee_bank",
          "amount",
          "device",
          "card",
          "is_fraud",
          "typology",
          "pattern_id");

  public static final int BANKS_MAX = 64;
  public static final int ACCOUNTS_MIN = 500;
  public static final int ACCOUNTS_MAX = 5_000_000;
  public static final int DAYS_MIN = 30;
  public static final int DAYS_MAX = 3_650;

  /** Of all payments. */
  static final double FRAUD_SHARE_MAX = 0.0009;

  /** Days at the beginning and end in which no scheme begins, so that none is cut off. */
  private static final int QUIET_DAYS = 12;

  private static final LocalDateTime START = LocalDateTime.of(2026, 1, 5, 0, 0);
  private static final ZoneOffset OFFSET = ZoneOffset.ofHours(1);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

  /** What a day holds, from Monday on, in hundredths of an average one. */
  private static final int[] WEEKDAY_PERCENT = {112, 108, 108, 112, 122, 82, 56};

  /** Before this day nobody's account has slept for long. */
  private static final int SLEPT_DAYS = 75;

  /** A scheme that begins at a time. */
  private record Planned(Typology typology, int pattern, long start) {}

  private final long seed;
  private final int banks;
  private final int days;
  private final long payments;
  private final Population population;
  private final SplittableRandom random;
  private final EverydayPayments everyday;
  private final LookAlikes lookAlikes;
  private final Laundering laundering;

  /** Payments of plans under way, by time and then as they were planned. */
  private final PriorityQueue<Queued> queue =
      new PriorityQueue<>(
          Comparator.comparingLong((Queued q) -> q.move().second()).thenComparing(Queued::number));

  private long queued;

  private record Queued(Move move, long number) {}

  /**
   * A simulation.
   *
   * @param payments in all, over {@code days}
   */
  public NetworkSimulator(long seed, int banks, int accounts, int days, long payments) {
    if (banks < 1
        || banks > BANKS_MAX
        || accounts < ACCOUNTS_MIN
        || accounts > ACCOUNTS_MAX
        || days < DAYS_MIN
        || days > DAYS_MAX
        || payments < 1) {
      throw new IllegalArgumentException("size");
    }
    this.seed = seed;
    this.banks = banks;
    this.days = days;
    this.payments = payments;
    this.population = new Population(seed, banks, accounts);
    this.random = new SplittableRandom(seed ^ 0x5DEECE66DL);
    this.everyday = new EverydayPayments(population, random);
    this.lookAlikes = new LookAlikes(population, random);
    this.laundering = new Laundering(population, random);
  }

  /** Writes all payments, headed by the columns' names. */
  public void write(Appendable target) throws IOException {
    target.append(String.join(",", COLUMNS)).append('\n');
    List<Planned> schemes = schemes();
    int nextScheme = 0;
    long number = 0;
    for (int day = 0; day < days; day++) {
      long end = (day + 1L) * Scheme.DAY;
      while (nextScheme < schemes.size() && schemes.get(nextScheme).start() < end) {
        Planned planned = schemes.get(nextScheme++);
        enqueue(laundering.scheme(planned.typology(), planned.pattern(), planned.start()));
      }
      for (int plan = lookAlikes.count(); plan > 0; plan--) {
        enqueue(lookAlikes.plan(end - Scheme.DAY + random.nextInt(Scheme.DAY)));
      }
      long count = number;
      for (Move move : day(day, end, quotaUntil(day) - number)) {
        if (count < payments) {
          line(target, ++count, move);
        }
      }
      number = count;
    }
  }

  /** Payments until the end of a day. */
  private long quotaUntil(int day) {
    if (day == days - 1) {
      return payments;
    }
    long percent = 0;
    for (int d = 0; d <= day; d++) {
      percent += WEEKDAY_PERCENT[d % WEEKDAY_PERCENT.length];
    }
    return Math.min(payments, Math.round((double) payments * percent / (100.0 * days)));
  }

  /** A day's payments by time: what was planned, what is due, and others up to a number. */
  private List<Move> day(int day, long end, long count) {
    List<Move> moves = new ArrayList<>();
    while (!queue.isEmpty() && queue.peek().move().second() < end) {
      moves.add(queue.poll().move());
    }
    everyday.due(day, moves::add);
    while (moves.size() < count) {
      everyday.any(day, moves::add);
    }
    moves.sort(Comparator.comparingLong(Move::second));
    return moves;
  }

  private void enqueue(Scheme scheme) {
    for (Move move : scheme.moves()) {
      queue.add(new Queued(move, queued++));
    }
  }

  /** When which scheme begins; as many as the share of fraud allows. */
  private List<Planned> schemes() {
    var draws = new SplittableRandom(seed ^ 0x123456789L);
    var trial = new Laundering(population, new SplittableRandom(seed));
    int weights = 0;
    for (Typology typology : Typology.values()) {
      weights += typology.weight();
    }
    List<Planned> schemes = new ArrayList<>();
    double left = payments * FRAUD_SHARE_MAX;
    long first = (long) QUIET_DAYS * Scheme.DAY;
    long last = (days - (long) QUIET_DAYS) * Scheme.DAY;
    for (int number = 0; ; number++) {
      Typology typology = typology(draws.nextInt(weights));
      // Schemes are of random size; what one comes to on average is seen from another like it.
      left -= trial.scheme(typology, number, 0).moves().size();
      if (left < 0) {
        break;
      }
      long slept = typology == Typology.DORMANT_AWAKENED ? (long) SLEPT_DAYS * Scheme.DAY : 0;
      long from = Math.min(Math.max(first, slept), last - Scheme.DAY);
      schemes.add(new Planned(typology, number, draws.nextLong(from, last)));
    }
    schemes.sort(Comparator.comparingLong(Planned::start));
    return schemes;
  }

  private static Typology typology(int draw) {
    int left = draw;
    for (Typology typology : Typology.values()) {
      left -= typology.weight();
      if (left < 0) {
        return typology;
      }
    }
    throw new IllegalArgumentException("draw");
  }

  private void line(Appendable target, long number, Move move) throws IOException {
    boolean isFraud = move.pattern() >= 0;
    target
        .append("N")
        .append(Long.toString(seed, 36))
        .append("-")
        .append(Long.toString(number))
        .append(",")
        .append(TIME.format(START.plusSeconds(move.second()).atOffset(OFFSET)))
        .append(",")
        .append(bankName(population.bank(move.payer())))
        .append(",")
        .append(population.iban(move.payer()))
        .append(",")
        .append(population.iban(move.payee()))
        .append(",")
        .append(bankName(population.bank(move.payee())))
        .append(",")
        .append(BigDecimal.valueOf(move.cents(), 2).toPlainString())
        .append(",")
        .append(move.device())
        .append(",")
        .append(move.card())
        .append(isFraud ? ",1," : ",0,")
        .append(move.typology())
        .append(",")
        .append(isFraud ? Integer.toString(move.pattern()) : "")
        .append("\n");
  }

  private String bankName(int bank) {
    return banks <= 26 ? "bank-" + (char) ('a' + bank) : "bank-" + (bank + 1);
  }
}
