package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.evaluate.RoundSizes;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.junit.jupiter.api.Test;

/**
 * The shipped pack on shares: each rule flags what it does on plaintext, which is what lift runs.
 */
class NetworkPackTest {
  private static final Plan PLAN =
      RuleSet.load(Path.of("../rules/src/main/rulesets/network")).plan();
  private static final int DAY = 20_000;
  private static final int ROWS = 900;
  private static final int BATCH_ROWS = 300;
  private static final int ACCOUNTS = 30;

  /** Of a batch, with the padding of as many blocks as it has rows. */
  private static final int SLOTS_MAX = BATCH_ROWS * Long.SIZE;

  /** Payer, payee, device and card, two words each; then the amount. */
  private static final int ENTITIES = 4;

  private static final int AMOUNT = 2 * ENTITIES;

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @Test
  void flagsOnSharesAreTheOracles() {
    var sizes = new RoundSizes();
    var parties = new LinkedParties(PLAN, seed, sizes);
    long wordsMax =
        Math.max(
            new PlanEvaluator(PLAN).roundWordsMax(SLOTS_MAX),
            new TokenStage(PLAN.link().orElseThrow(), PLAN.layout()).roundWordsMax(SLOTS_MAX));
    List<Payment> payments = payments();
    Set<String> fired = new HashSet<>();
    int members = 0;
    for (int from = 0; from < ROWS; from += BATCH_ROWS) {
      CutRecord cut = LinkedParties.cut(from / BATCH_ROWS, 0, DAY);
      List<Payment> batch = payments.subList(from, from + BATCH_ROWS);
      sizes.clear();
      Computed computed = parties.compute(cut, batch);
      assertThat(sizes.largest()).as("words of a round").isBetween(1L, wordsMax);
      LinkedParties.Expected expected = parties.expected(cut, batch);
      assertThat(computed.flags()).as("seed %d", seed).isEqualTo(expected.flags());
      assertThat(computed.members()).as("seed %d", seed).isEqualTo(expected.members());
      members += computed.members().size();
      parties.commit(computed);
      computed.flags().forEach(flag -> fired.add(flag.split("/")[0]));
    }
    assertThat(fired).as("rules that fire").hasSizeGreaterThan(PLAN.outputs().size() - 3);
    assertThat(members).as("earlier payments that are alerted").isGreaterThan(0);
  }

  private static void word(long[] fields, int entity, long name) {
    fields[2 * entity] = name;
    fields[2 * entity + 1] = ~name;
  }

  /** Half of them hand on what came in. */
  private List<Payment> payments() {
    List<Payment> payments = new ArrayList<>();
    List<long[]> open = new ArrayList<>();
    int minute = DAY * 24 * 60 - 12 * ROWS;
    for (int i = 0; i < ROWS; i++) {
      minute += random.nextInt(20);
      long payer = random.nextInt(ACCOUNTS);
      long payee = (payer + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      long amount = random.nextInt(5) == 0 ? 850_000 + random.nextInt(150_000) : 100_000;
      long origin = payer;
      if (!open.isEmpty() && random.nextBoolean()) {
        long[] earlier = open.remove(Math.max(0, open.size() - 1 - random.nextInt(10)));
        payer = earlier[1];
        origin = earlier[0];
        payee = random.nextInt(3) == 0 && origin != payer ? origin : (payer + 1 + i) % ACCOUNTS;
        amount = earlier[2] - earlier[2] / 100 * random.nextInt(12);
      }
      if (payee == payer) {
        payee = (payer + 1) % ACCOUNTS;
      }
      open.add(new long[] {origin, payee, amount});
      payments.add(new Payment(i / 40 % 4, minute, i, true, fields(payer, payee, amount)));
    }
    return payments;
  }

  private long[] fields(long payer, long payee, long amount) {
    List<ShareField> shapes = PLAN.layout().fields();
    long[] fields =
        IntStream.range(0, shapes.size()).mapToLong(field -> any(shapes.get(field))).toArray();
    boolean isCard = random.nextInt(8) == 0;
    word(fields, 0, 1_000 + payer);
    word(fields, 1, 1_000 + payee);
    word(fields, 2, 100 + random.nextInt(20));
    word(fields, 3, isCard ? 10 + random.nextInt(2) : random.nextLong());
    fields[AMOUNT] = isCard ? random.nextInt(1_500) : amount;
    return fields;
  }

  /** What the payer's agent adds: small, or anything that the field holds. */
  private long any(ShareField shape) {
    if (shape.domain() == Domain.ARITHMETIC || random.nextBoolean()) {
      return random.nextInt(shape.widthBits() == 1 ? 2 : 4);
    }
    return random.nextLong() >>> (Long.SIZE - shape.widthBits());
  }
}
