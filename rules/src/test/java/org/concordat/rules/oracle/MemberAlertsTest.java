package org.concordat.rules.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which earlier payments of a pattern are alerted, from the rules' text. */
class MemberAlertsTest {
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
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: links
      version: 1
      contract: linked@1
      linkage: 64
      paths:
        ring: {shape: cycle, from: payer, to: payee, value: amount, hops: [2, 4], within: 6h, kept: [0.80, 1.00], slots: 8}
        gather: {shape: scatter-gather, from: payer, to: payee, within: 2d}
      rules:
        - {rule: ring, members: true, condition: {feature: ring, is: true}}
        - {rule: latest, members: true, membersMax: 1, condition: {all: [{feature: ring, is: true}, {feature: amount, below: 99.00}]}}
        - {rule: alone, condition: {feature: ring, is: true}}
        - {rule: gather, members: true, condition: {feature: gather, atLeast: 2}}
      """;

  private static final int START = 700 * 24 * 60;

  /** A payment in cents; its number in the test is its transaction id. */
  private record Payment(int bank, int payer, int payee, int minute, long amount, boolean live) {}

  @TempDir Path folder;

  private Plan plan;
  private LinkedOracle oracle;
  private long next;

  @BeforeEach
  void compile() throws IOException {
    plan = RuleSet.load(Folders.write(folder, CONTRACT, RULES)).plan();
    oracle = new LinkedOracle(plan, 35);
  }

  private static Payment payment(int payer, int payee, int minute, long amount) {
    return new Payment(payer % 3, payer, payee, START + minute, amount, true);
  }

  /** Rule, bank and number of each earlier payment that is alerted, in order. */
  private List<String> members(Payment... payments) {
    int rows = payments.length;
    long[][] columns = new long[plan.layout().fields().size()][rows];
    boolean[] live = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      columns[0][row] = 1_000 + payments[row].payer;
      columns[2][row] = 1_000 + payments[row].payee;
      columns[4][row] = payments[row].amount;
      live[row] = payments[row].live;
    }
    long first = next;
    long[] numbers = IntStream.range(0, rows).mapToLong(row -> first + row).toArray();
    next += rows;
    oracle.evaluate(
        columns,
        IntStream.range(0, rows).map(row -> payments[row].bank).toArray(),
        IntStream.range(0, rows).map(row -> payments[row].minute).toArray(),
        numbers,
        new long[][] {new long[rows], numbers},
        live,
        START + 24 * 60);
    List<String> found = new ArrayList<>();
    oracle
        .members()
        .forEach(
            chosen ->
                found.add(
                    "%s bank %d payment %d"
                        .formatted(
                            plan.outputs().get(chosen.output()).rule(),
                            chosen.member().bank(),
                            chosen.member().idLow())));
    return found;
  }

  @Test
  void theWholeRingIsAlertedAtTheBanksOfItsPayments() {
    assertThat(
            members(payment(1, 2, 0, 100_00), payment(2, 3, 10, 90_00), payment(3, 1, 20, 80_00)))
        .containsExactly(
            "ring bank 1 payment 0", "ring bank 2 payment 1", "latest bank 2 payment 1");
  }

  @Test
  void aCandidateThatDoesNotKeepEnoughIsLeftOut() {
    List<String> found =
        members(
            payment(1, 2, 0, 100_00),
            payment(1, 4, 1, 400_00),
            payment(2, 3, 10, 90_00),
            payment(4, 3, 11, 390_00),
            payment(3, 1, 20, 375_00));
    assertThat(found.stream().filter(alert -> alert.startsWith("ring")))
        .containsExactly("ring bank 1 payment 1", "ring bank 1 payment 3");
  }

  @Test
  void eachRecordIsAlertedOnceAndNotAgainWhereItWasFlaggedItself() {
    assertThat(members(payment(1, 2, 0, 100_00), payment(2, 1, 1, 99_00)))
        .containsExactly("ring bank 1 payment 0");
    // The flagged one is the first of the next ring.
    assertThat(members(payment(1, 3, 2, 99_00), payment(3, 2, 3, 99_00)))
        .containsExactly("ring bank 1 payment 2");
    assertThat(members(payment(2, 1, 4, 99_00))).isEmpty();
  }

  @Test
  void historyIsNotAlertedAndAlertsNothing() {
    Payment old = new Payment(1, 1, 2, START, 100_00, false);
    Payment closes = new Payment(1, 2, 1, START + 1, 100_00, false);
    assertThat(members(old, closes)).isEmpty();
    assertThat(members(payment(2, 1, 2, 100_00))).isEmpty();
  }

  @Test
  void aNumbersMembersAreAlertedToo() {
    List<String> found =
        members(
            payment(1, 2, 0, 500_00),
            payment(1, 3, 1, 1_00),
            payment(2, 4, 2, 700_00),
            payment(3, 4, 3, 3_00));
    assertThat(found)
        .containsExactly(
            "gather bank 1 payment 0", "gather bank 1 payment 1", "gather bank 2 payment 2");
  }

  @Test
  void slotsAreOpenedOnlyWhereMembersAreAskedFor() {
    assertThat(plan.outputs().stream().map(output -> output.slots().size()))
        .containsExactly(8, 8, 0, 0);
    assertThat(plan.outputs().stream().map(output -> output.members().isPresent()))
        .containsExactly(true, true, false, true);
  }
}
