package org.concordat.rules.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules over windows and paths, from their text to flags, against plain lists of payments. */
class LinkedOracleTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: linked
      version: 1
      currency: EUR
      entitySalt: "000102030405060708090a0b0c0d0e0f"
      features:
        payer: {type: entity, kind: account}
        payee: {type: entity, kind: account}
        amount: {type: amount, min: 0, max: 1000.00}
        listed: {type: flag, domain: arithmetic}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: links
      version: 1
      contract: linked@1
      linkage: 64
      edgesMax: 64
      windows:
        payer_in: {entity: payer, as: payee, window: 24h, sum: amount, events: 1000}
        payee_count: {entity: payee, as: payee, window: 8h, count: true}
        payee_banks: {entity: payee, as: payee, window: 24h, distinct: banks}
        payee_payers: {entity: payee, as: payee, window: 24h, distinct: payer}
        payee_known: {entity: payee, as: payee, window: 90d, minutesSince: first}
        payer_last: {entity: payer, as: payer, window: 24h, minutesSince: last}
        payee_in_min: {entity: payee, as: payee, window: 24h, min: amount, latest: 4}
        payee_in_max: {entity: payee, as: payee, window: 24h, max: amount, latest: 4}
        repeats: {entity: payer, as: payer, window: 24h, equal: amount, latest: 5}
        near: {entity: payee, as: payee, window: 24h, countOf: amount, between: [108.00, 112.00]}
        mule: {entity: payee, as: payee, window: 90d, sum: listed}
      paths:
        ring: {shape: cycle, from: payer, to: payee, value: amount, hops: [2, 4], within: 6h, kept: [0.80, 1.00], slots: 16}
        passed: {shape: chain, from: payer, to: payee, value: amount, hops: [3, 3], within: 8h, kept: [0.9, 1], slots: 16}
        gather: {shape: scatter-gather, from: payer, to: payee, within: 2d}
      rules:
        - {rule: kept-little, condition: {sum: {amount: 1, payer_in: -0.9}, atLeast: 0}}
        - {rule: much-in, condition: {feature: payer_in, atLeast: 500.00}}
        - {rule: often, condition: {feature: payee_count, atLeast: 3}}
        - {rule: banks, condition: {feature: payee_banks, between: [2, 3]}}
        - {rule: payers, condition: {feature: payee_payers, atLeast: 3}}
        - {rule: known, condition: {all: [{feature: payee_known, below: 600}, {feature: amount, above: 500.00}]}}
        - {rule: quick, condition: {feature: payer_last, atMost: 60}}
        - {rule: listed, condition: {feature: mule, above: 0}}
        - {rule: ring, condition: {feature: ring, is: true}}
        - {rule: passed, condition: {all: [{feature: passed, is: true}, {not: {feature: ring, is: true}}]}}
        - {rule: gather, condition: {feature: gather, atLeast: 2}}
        - {rule: all-small, condition: {all: [{feature: payee_count, atLeast: 1}, {feature: payee_in_max, atMost: 115.00}]}}
        - {rule: none-small, condition: {feature: payee_in_min, above: 110.00}}
        - {rule: tops-all, condition: {sum: {amount: 1, payee_in_max: -1.1}, atLeast: 0}}
        - {rule: below-all, condition: {sum: {payee_in_min: 1, amount: -1}, above: 0}}
        - {rule: spread, condition: {sum: {payee_in_max: 1, payee_in_min: -1}, atLeast: 4.00}}
        - {rule: repeated, condition: {feature: repeats, atLeast: 1}}
        - {rule: repeated-little, condition: {sum: {repeats: 100, amount: 1}, atMost: 212.00}}
        - {rule: near-limit, condition: {feature: near, between: [2, 3]}}
      """;

  private static final int DAY = 24 * 60;

  /** A payment in cents. */
  private record Payment(
      int bank, int payer, int payee, int minute, long amount, int listed, long id) {}

  @TempDir Path folder;

  private RuleSet ruleSet;
  private Plan plan;

  @BeforeEach
  void compile() throws IOException {
    ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, RULES));
    plan = ruleSet.plan();
  }

  private static Payment payment(int payer, int payee, int minute, long amount) {
    return new Payment(
        0, payer, payee, minute, amount, 0, 1_000_000L * minute + payer * 97 + payee);
  }

  /** Names of the rules that flag each payment; all are committed on one day. */
  private List<List<String>> flagged(List<Payment> payments, int batchRows) {
    var oracle = new LinkedOracle(plan, 35);
    List<List<String>> flagged = new ArrayList<>();
    for (int from = 0; from < payments.size(); from += batchRows) {
      List<Payment> batch = payments.subList(from, Math.min(from + batchRows, payments.size()));
      int day = batch.stream().mapToInt(Payment::minute).max().orElseThrow() / DAY;
      flagged.addAll(flagged(oracle, batch, Math.max(day, 700)));
    }
    return flagged;
  }

  private List<List<String>> flagged(LinkedOracle oracle, List<Payment> batch, int day) {
    int rows = batch.size();
    long[][] columns = new long[plan.layout().fields().size()][rows];
    for (int row = 0; row < rows; row++) {
      Payment payment = batch.get(row);
      columns[0][row] = 1_000 + payment.payer;
      columns[2][row] = 1_000 + payment.payee;
      columns[4][row] = payment.amount;
      columns[5][row] = payment.listed;
    }
    Oracle.Result result =
        oracle.evaluate(
            columns,
            batch.stream().mapToInt(Payment::bank).toArray(),
            batch.stream().mapToInt(Payment::minute).toArray(),
            batch.stream().mapToLong(Payment::id).toArray(),
            day);
    List<List<String>> flagged = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<String> names = new ArrayList<>();
      for (RuleOutput output : plan.outputs()) {
        if (result.flagged(plan.outputs().indexOf(output), row)) {
          names.add(output.rule());
        }
      }
      flagged.add(names);
    }
    return flagged;
  }

  @Test
  void agreesWithPlainListsWhereverBatchesEnd() {
    long seed = Seeds.seed();
    var random = new SplittableRandom(seed);
    var seen = new BitSet();
    for (int world = 0; world < 12; world++) {
      List<Payment> payments = world(random, 120);
      List<List<String>> expected = new PlainLinks().flagged(payments);
      for (int batch : new int[] {1, 7, 120}) {
        assertThat(flagged(payments, batch))
            .as("seed " + seed + " world " + world)
            .isEqualTo(expected);
      }
      expected.stream().flatMap(List::stream).forEach(rule -> seen.set(indexOf(rule)));
    }
    assertThat(seen.cardinality()).as("every rule flags something").isEqualTo(19);
  }

  private int indexOf(String rule) {
    return plan.outputs().stream().map(RuleOutput::rule).toList().indexOf(rule);
  }

  private static List<Payment> world(SplittableRandom random, int count) {
    List<Payment> payments = new ArrayList<>();
    int minute = 700 * DAY;
    for (int i = 0; i < count; i++) {
      minute += random.nextInt(90);
      int late = random.nextInt(8) == 0 ? random.nextInt(600) : 0;
      int payer = random.nextInt(7);
      int payee = (payer + 1 + random.nextInt(6)) % 7;
      long amount = 10_000 + random.nextInt(2_000) * (random.nextInt(4) == 0 ? 40L : 1L);
      int listed = random.nextInt(40) == 0 ? 1 : 0;
      payments.add(new Payment(random.nextInt(4), payer, payee, minute - late, amount, listed, i));
    }
    return payments;
  }

  private static final int START = 700 * DAY;

  @Test
  void aRingHasToKeepItsMoney() {
    List<Payment> ring =
        List.of(
            payment(1, 2, START, 100_00),
            payment(2, 3, START + 10, 90_00),
            payment(3, 1, START + 20, 80_00));
    assertThat(flagged(ring, 10).getLast()).contains("ring");
    List<Payment> tooLittle = new ArrayList<>(ring);
    tooLittle.set(2, payment(3, 1, START + 20, 71_99));
    assertThat(flagged(tooLittle, 10).getLast()).doesNotContain("ring");
    tooLittle.set(2, payment(3, 1, START + 20, 72_00));
    assertThat(flagged(tooLittle, 10).getLast()).contains("ring");
    tooLittle.set(2, payment(3, 1, START + 20, 90_01));
    assertThat(flagged(tooLittle, 10).getLast()).doesNotContain("ring");
    List<Payment> firstLater = new ArrayList<>(ring);
    firstLater.set(0, payment(1, 2, START + 11, 100_00));
    assertThat(flagged(firstLater, 10).getLast()).as("times in order").doesNotContain("ring");
    assertThat(flagged(ring.subList(1, 3), 10).getLast())
        .as("history missing")
        .doesNotContain("ring");
  }

  @Test
  void whatIsTooFarAheadIsScoredAndNotSeen() {
    var oracle = new LinkedOracle(plan, 35);
    int tooLate = 701 * DAY + 60;
    flagged(oracle, List.of(payment(1, 2, tooLate, 600_00)), 700);
    assertThat(oracle.totals().ahead()).isEqualTo(1);
    assertThat(flagged(oracle, List.of(payment(2, 3, tooLate, 600_00)), 701).getFirst())
        .doesNotContain("much-in");
    flagged(oracle, List.of(payment(1, 2, tooLate + DAY - 1, 600_00)), 701);
    assertThat(oracle.totals().ahead()).isEqualTo(1);
    assertThat(flagged(oracle, List.of(payment(2, 4, tooLate + DAY, 600_00)), 701).getFirst())
        .contains("much-in");
  }

  @Test
  void whatIsTooLateIsScoredAndCountedAndNotSeen() {
    var oracle = new LinkedOracle(plan, 35);
    flagged(oracle, List.of(payment(1, 2, START, 100_00)), 700);
    flagged(oracle, List.of(payment(3, 2, START - DAY + 180, 600_00)), 700);
    assertThat(oracle.totals().late()).as("in the payee's window of 8 hours").isEqualTo(1);
    assertThat(flagged(oracle, List.of(payment(2, 4, START, 600_00)), 700).getFirst())
        .contains("much-in");
    Payment late = payment(5, 6, START - DAY, 700_00);
    flagged(oracle, List.of(payment(1, 6, START, 100_00), late), 700);
    assertThat(oracle.totals().late()).isGreaterThan(2);
    assertThat(flagged(oracle, List.of(payment(6, 7, START, 1_00)), 700).getFirst())
        .doesNotContain("much-in");
    assertThat(flagged(oracle, List.of(payment(6, 7, START - DAY, 700_00)), 700).getFirst())
        .contains("kept-little");
  }

  @Test
  void aNewEpochKnowsNothingOfTheLast() {
    var oracle = new LinkedOracle(plan, 35);
    flagged(oracle, List.of(payment(1, 2, START, 600_00)), 734);
    assertThat(flagged(oracle, List.of(payment(2, 3, START + 1, 600_00)), 734).getFirst())
        .contains("much-in");
    assertThat(flagged(oracle, List.of(payment(2, 3, START + 2, 600_00)), 735).getFirst())
        .doesNotContain("much-in");
  }

  @Test
  void aLaterVersionAndAValueOutOfRangeAddNothing() {
    var oracle = new LinkedOracle(plan, 35);
    Payment first = payment(1, 2, START, 300_00);
    flagged(oracle, List.of(first, first), 700);
    assertThat(oracle.totals().repeated()).isEqualTo(1);
    assertThat(flagged(oracle, List.of(payment(2, 3, START + 1, 1_00)), 700).getFirst())
        .doesNotContain("much-in");
    // 300.00, then the most there is, from a bank that may send anything.
    flagged(oracle, List.of(payment(5, 2, START + 2, 1_000_01), payment(6, 2, START + 3, -1)), 700);
    assertThat(flagged(oracle, List.of(payment(2, 3, START + 4, 1_00)), 700).getFirst())
        .doesNotContain("much-in");
  }

  @Test
  void publicNumbersAreComparedWithoutShares() {
    boolean[] isPublic = org.concordat.rules.plan.PublicNodes.of(plan);
    for (String rule : List.of("often", "banks", "payers", "quick", "gather")) {
      assertThat(isPublic[plan.outputs().get(indexOf(rule)).flag()]).as(rule).isTrue();
    }
    for (String rule : List.of("kept-little", "much-in", "listed", "ring", "known")) {
      assertThat(isPublic[plan.outputs().get(indexOf(rule)).flag()]).as(rule).isFalse();
    }
  }

  @Test
  void evaluatesRulesThatLinkNothing() throws IOException {
    Path other = java.nio.file.Files.createDirectory(folder.resolve("other"));
    String rules =
        """
        format: 1
        ruleSet: plain
        version: 1
        contract: linked@1
        rules:
          - {rule: large, condition: {feature: amount, atLeast: 1.00}}
        """;
    Plan plain = RuleSet.load(Folders.write(other, CONTRACT, rules)).plan();
    assertThat(plain.link()).isEmpty();
    long[][] columns = new long[6][1];
    columns[4][0] = 100;
    var result =
        new LinkedOracle(plain, 35).evaluate(columns, new int[1], new int[1], new long[1], 0);
    assertThat(result.flagged(0, 0)).isTrue();
  }

  /** The rules of this test, computed from all earlier payments each time. */
  private static final class PlainLinks {
    private final List<Payment> before = new ArrayList<>();

    List<List<String>> flagged(List<Payment> payments) {
      List<List<String>> all = new ArrayList<>();
      for (Payment payment : payments) {
        all.add(flags(payment));
        before.add(payment);
      }
      return all;
    }

    private List<String> flags(Payment p) {
      List<String> names = new ArrayList<>();
      List<Payment> toPayer = seen(p.payer, 180, p);
      long in = toPayer.stream().mapToLong(Payment::amount).sum();
      List<Payment> toPayee = seen(p.payee, 180, p);
      boolean ring = cycle(p, p.amount, p.payer, p.minute, before.size(), List.of(p.payer), 1);
      boolean passed = chain(p, p.amount, p.payer, p.minute, before.size(), List.of(), 1);
      check(names, "kept-little", 10 * p.amount >= 9 * in);
      check(names, "much-in", in >= 500_00);
      check(names, "often", seen(p.payee, 60, p).size() >= 3);
      long banks = toPayee.stream().map(Payment::bank).distinct().count();
      check(names, "banks", banks >= 2 && banks <= 3);
      check(names, "payers", toPayee.stream().map(Payment::payer).distinct().count() >= 3);
      check(names, "known", known(p) < 600 && p.amount > 500_00);
      check(names, "quick", last(p) <= 60);
      check(names, "listed", seen(p.payee, 90 * 180, p).stream().anyMatch(e -> e.listed == 1));
      check(names, "ring", ring);
      check(names, "passed", passed && !ring);
      check(names, "gather", gather(p) >= 2);
      latest(names, p, toPayee);
      return names;
    }

    private void latest(List<String> names, Payment p, List<Payment> toPayee) {
      List<Long> in =
          last(4, kept(Payment::payee, p.payee, 180), toPayee).map(e -> e.amount).toList();
      long max = in.stream().mapToLong(Long::longValue).max().orElse(0);
      long min = in.stream().mapToLong(Long::longValue).min().orElse(1_000_00);
      long near = toPayee.stream().filter(e -> e.amount >= 108_00 && e.amount <= 112_00).count();
      List<Payment> out = seen(Payment::payer, p.payer, 180, p);
      Stream<Payment> sent = last(5, kept(Payment::payer, p.payer, 180), out);
      long repeats = sent.filter(e -> e.amount == p.amount).count();
      check(names, "all-small", !seen(p.payee, 60, p).isEmpty() && max <= 115_00);
      check(names, "none-small", min > 110_00);
      check(names, "tops-all", 10 * p.amount >= 11 * max);
      check(names, "below-all", min > p.amount);
      check(names, "spread", max - min >= 4_00);
      check(names, "repeated", repeats >= 1);
      check(names, "repeated-little", 100_00 * repeats + p.amount <= 212_00);
      check(names, "near-limit", near >= 2 && near <= 3);
    }

    /** Those of the last few payments that weren't late that are in the window. */
    private static Stream<Payment> last(int count, List<Payment> kept, List<Payment> in) {
      int from = Math.max(0, kept.size() - count);
      return kept.subList(from, kept.size()).stream().filter(in::contains);
    }

    private static void check(List<String> names, String name, boolean holds) {
      if (holds) {
        names.add(name);
      }
    }

    /**
     * Earlier payments to an account in the payment's pane or the seven before it, but for those
     * that were late when they came: more than seven panes behind the account's newest.
     */
    private List<Payment> seen(int payee, int pane, Payment p) {
      return seen(Payment::payee, payee, pane, p);
    }

    private List<Payment> seen(ToIntFunction<Payment> role, int account, int pane, Payment p) {
      int newest =
          before.stream()
              .filter(e -> role.applyAsInt(e) == account)
              .mapToInt(e -> e.minute / pane)
              .max()
              .orElse(Integer.MIN_VALUE);
      int last = p.minute / pane;
      return kept(role, account, pane).stream()
          .filter(e -> e.minute / pane <= last && e.minute / pane > Math.max(newest, last) - 8)
          .toList();
    }

    private List<Payment> kept(ToIntFunction<Payment> role, int account, int pane) {
      List<Payment> kept = new ArrayList<>();
      int newest = Integer.MIN_VALUE;
      for (Payment e : before) {
        if (role.applyAsInt(e) == account) {
          if (newest == Integer.MIN_VALUE || e.minute / pane > newest - 8) {
            kept.add(e);
          }
          newest = Math.max(newest, e.minute / pane);
        }
      }
      return kept;
    }

    private long known(Payment p) {
      long first =
          before.stream()
              .filter(e -> e.payee == p.payee)
              .mapToLong(Payment::minute)
              .min()
              .orElse(p.minute);
      return Math.clamp(p.minute - first, 0, 90 * DAY);
    }

    private long last(Payment p) {
      long latest =
          before.stream()
              .filter(e -> e.payer == p.payer)
              .mapToLong(Payment::minute)
              .max()
              .orElse(p.minute - DAY);
      return Math.clamp(p.minute - latest, 0, DAY);
    }

    /** Whether money leads from the payee round to {@code account}, who pays at {@code minute}. */
    private boolean cycle(
        Payment p, long amount, int account, int minute, int order, List<Integer> path, int hops) {
      for (int i = 0; i < order; i++) {
        Payment e = before.get(i);
        boolean kept = 5 * amount >= 4 * e.amount && amount <= e.amount;
        if (e.payee != account
            || !kept
            || e.minute > minute
            || e.minute < p.minute - DAY / 4
            || path.contains(e.payer)) {
          continue;
        }
        if (e.payer == p.payee) {
          return true;
        }
        List<Integer> longer = new ArrayList<>(path);
        longer.add(e.payer);
        if (hops + 1 < 4 && cycle(p, e.amount, e.payer, e.minute, i, longer, hops + 1)) {
          return true;
        }
      }
      return false;
    }

    /** Two earlier payments over accounts that all differ lead to the payer. */
    private boolean chain(
        Payment p, long amount, int account, int minute, int order, List<Integer> path, int hops) {
      for (int i = 0; i < order; i++) {
        Payment e = before.get(i);
        boolean kept = 10 * amount >= 9 * e.amount && amount <= e.amount;
        boolean fits =
            e.payee == account
                && kept
                && e.minute <= minute
                && e.minute >= p.minute - DAY / 3
                && e.payer != p.payer
                && e.payer != p.payee
                && !path.contains(e.payer);
        if (fits && hops == 2) {
          return true;
        }
        if (fits && chain(p, e.amount, e.payer, e.minute, i, List.of(e.payer), hops + 1)) {
          return true;
        }
      }
      return false;
    }

    /** The most payers of the payee, this one among them, that one source of this one had paid. */
    private long gather(Payment p) {
      int from = p.minute - 2 * DAY;
      long most = 0;
      for (int source = 0; source < 7; source++) {
        if (source != p.payee && latest(source, p.payer, from, p.minute, before.size()) >= 0) {
          long through = 0;
          for (int middle = 0; middle < 7; middle++) {
            through += middle != p.payer && leads(source, middle, p, from) ? 1 : 0;
          }
          most = Math.max(most, through);
        }
      }
      return most == 0 ? 0 : most + 1;
    }

    private boolean leads(int source, int middle, Payment p, int from) {
      int paid = latest(middle, p.payee, from, p.minute, before.size());
      return paid >= 0 && latest(source, middle, from, before.get(paid).minute, paid) >= 0;
    }

    /** Place of the latest payment from one account to another within minutes; -1 for none. */
    private int latest(int payer, int payee, int from, int to, int order) {
      for (int i = order - 1; i >= 0; i--) {
        Payment e = before.get(i);
        if (e.payer == payer && e.payee == payee && e.minute >= from && e.minute <= to) {
          return i;
        }
      }
      return -1;
    }
  }
}
