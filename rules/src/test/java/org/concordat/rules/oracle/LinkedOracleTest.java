package org.concordat.rules.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.link.LinkRows;
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
  record Payment(int bank, int payer, int payee, int minute, long amount, int listed, long id) {}

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
    int tooLate = 701 * DAY + LinkRows.LEAD_MINUTES;
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
    long before = oracle.totals().late();
    Payment late = payment(5, 6, START - DAY, 700_00);
    flagged(oracle, List.of(payment(1, 6, START, 100_00), late), 700);
    assertThat(oracle.totals().late()).isGreaterThan(before + 1);
    assertThat(flagged(oracle, List.of(payment(6, 7, START, 1_00)), 700).getFirst())
        .doesNotContain("much-in");
    // Scored all the same, by what was before it.
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
}
