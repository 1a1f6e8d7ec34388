package org.concordat.ops.simulate.network;

import java.util.Locale;
import java.util.SplittableRandom;
import org.concordat.ops.simulate.Iban;

/**
 * Who has an account where, and with whom it has to do: a function of the seed. Accounts are
 * numbered: employers first, then landlords, shops, and people, of whom the last few hardly use
 * theirs.
 */
final class Population {
  private static final double EMPLOYERS = 0.006;
  private static final double LANDLORDS = 0.004;
  private static final double SHOPS = 0.03;
  private static final double SLEEPERS = 0.01;

  /** People of a household; they pay each other, and one device is everybody's. */
  private static final int HOUSEHOLD = 3;

  private final long seed;
  private final int accounts;
  private final byte[] bankOf;
  private final String[] ibans;

  Population(long seed, int banks, int accounts) {
    this.seed = seed;
    this.accounts = accounts;
    this.bankOf = new byte[accounts];
    this.ibans = new String[accounts];
    var random = new SplittableRandom(seed);
    for (int account = 0; account < accounts; account++) {
      // Banks differ in size, as in life: the first has the most customers.
      int bank = Math.min(random.nextInt(banks), random.nextInt(banks));
      bankOf[account] = (byte) bank;
      ibans[account] = Iban.of(bank, account);
    }
  }

  int bank(int account) {
    return bankOf[account];
  }

  String iban(int account) {
    return ibans[account];
  }

  private int employers() {
    return Math.max(1, (int) (accounts * EMPLOYERS));
  }

  private int landlords() {
    return Math.max(1, (int) (accounts * LANDLORDS));
  }

  private int shops() {
    return Math.max(8, (int) (accounts * SHOPS));
  }

  private int firstPerson() {
    return employers() + landlords() + shops();
  }

  private int firstSleeper() {
    return accounts - Math.max(1, (int) (accounts * SLEEPERS));
  }

  int firstWorker() {
    return firstPerson();
  }

  int endOfWorkers() {
    return firstSleeper();
  }

  int employer(SplittableRandom random) {
    return random.nextInt(employers());
  }

  int landlord(SplittableRandom random) {
    return employers() + random.nextInt(landlords());
  }

  /** Some shops have many customers, most have few. */
  int shop(SplittableRandom random) {
    double draw = random.nextDouble();
    return employers() + landlords() + (int) (shops() * draw * draw);
  }

  int person(SplittableRandom random) {
    return random.nextInt(firstPerson(), firstSleeper());
  }

  /** Some pay often, most seldom. */
  int busyPerson(SplittableRandom random) {
    double draw = random.nextDouble();
    return firstPerson() + (int) ((firstSleeper() - firstPerson()) * draw * Math.sqrt(draw));
  }

  /** An account that was used at first and then no more. */
  int sleeper(SplittableRandom random) {
    return random.nextInt(firstSleeper(), accounts);
  }

  int firstOfSleepers() {
    return firstSleeper();
  }

  int accounts() {
    return accounts;
  }

  /** What never changes of an account and a habit of its. */
  private SplittableRandom facts(int account, int habit) {
    return new SplittableRandom(
        seed ^ (account * 64L + habit) * 0x9E3779B97F4A7C15L ^ 0x2545F4914F6CDD1DL);
  }

  int employerOf(int person) {
    return employer(facts(person, 0));
  }

  int landlordOf(int person) {
    return landlord(facts(person, 1));
  }

  /** To whom a landlord passes rents on. */
  int ownerOf(int landlord) {
    return employer(facts(landlord, 2));
  }

  /** In cents. */
  long salary(int person) {
    SplittableRandom random = facts(person, 3);
    return Math.round(100 * StrictMath.exp(7.7 + 0.35 * random.nextGaussian()));
  }

  /** In cents; what an ordinary payment of the account comes to. */
  double usualCents(int person) {
    return 100 * StrictMath.exp(3.3 + 0.6 * facts(person, 4).nextGaussian());
  }

  /** One of the shops that a person goes to again and again. */
  int regularShop(int person, SplittableRandom random) {
    return shop(facts(person, 8 + random.nextInt(6)));
  }

  /** A friend to whom a person pays again and again. */
  int friend(int person, SplittableRandom random) {
    return person(facts(person, 16 + random.nextInt(4)));
  }

  /** Another person of the same household. */
  int relative(int person, SplittableRandom random) {
    int first = person - Math.floorMod(person - firstPerson(), HOUSEHOLD);
    int other = first + random.nextInt(HOUSEHOLD);
    return other == person || other >= firstSleeper() ? Math.max(firstPerson(), first - 1) : other;
  }

  /** A person's own device; sometimes the one that the household shares. */
  String device(int account, SplittableRandom random) {
    boolean shared = account >= firstPerson() && random.nextInt(12) == 0;
    int owner = shared ? account - Math.floorMod(account - firstPerson(), HOUSEHOLD) : account;
    return device((shared ? 1L << 40 : 0) + owner);
  }

  /** A device by number, of accounts' own or others. */
  String device(long number) {
    long mixed = (seed + number) * 0x9E3779B97F4A7C15L;
    return String.format(Locale.ROOT, "d%016x", mixed ^ mixed >>> 29);
  }

  /** A card number with its Luhn digit. */
  String card(int account) {
    String digits = String.format(Locale.ROOT, "4%04d%010d", 1_000 + bankOf[account], account);
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int doubled = i % 2 == 0 ? 2 * digit : digit;
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return digits + (10 - sum % 10) % 10;
  }
}
