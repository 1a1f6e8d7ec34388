package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Cost;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.SecretModel;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.ModelSealing;
import org.junit.jupiter.api.Test;

/** From a publisher's file over sealed bytes to flags that equal the oracle's. */
class SecretModelTest {
  private static final int ROWS = 500;

  private final long seed = Seeds.seed();
  private final SecretModels models = new SecretModels();
  private final RuleSet ruleSet = models.ruleSet;
  private final Plan plan = ruleSet.plan();

  private List<Map<String, ModelShares>> published() {
    List<Map<String, ModelShares>> byParty =
        List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());
    for (SecretModel model : plan.secretModels()) {
      List<ModelShare> shares = models.published(model, 1);
      for (int i = 0; i < 3; i++) {
        int party = i;
        ModelSealing.Opening opened =
            ModelSealing.open(
                RecordCodec.encode(shares.get(party)),
                models.charter,
                SecretModels.aggregator(party),
                models.purpose(model),
                0,
                id -> models.sealingKey(party));
        assertThat(opened).isInstanceOf(ModelSealing.Opened.class);
        ModelSealing.Part part = ((ModelSealing.Opened) opened).part();
        byParty.get(party).put(model.rule(), new ModelShares(part.first(), part.second()));
      }
    }
    return byParty;
  }

  @Test
  void flagsAndBandsEqualTheOracles() {
    long[][] columns = columns();
    Set<String> expected = ToldRows.expected(plan, models.values(), columns, ROWS);
    assertThat(ToldRows.of(evaluate(published(), columns))).as("seed %d", seed).isEqualTo(expected);
    assertThat(expected).hasSizeGreaterThan(50).hasSizeLessThan(2 * ROWS - 50);
  }

  private long[][] columns() {
    var random = new Random(seed);
    long[][] columns = new long[plan.layout().fields().size()][ROWS];
    for (Feature feature : ruleSet.contract().features()) {
      int field = ruleSet.contract().fieldOf(feature.name());
      for (int row = 0; row < ROWS; row++) {
        long value =
            row == 0
                ? feature.min()
                : row == 1 ? feature.max() : random.nextLong(feature.min(), feature.max() + 1);
        columns[field][row] = feature.fieldValue(value);
        if (feature.optional() && row % 3 == 0) {
          columns[field][row] = feature.fieldValue(feature.whenMissing());
          columns[ruleSet.contract().missingFieldOf(feature.name())][row] = 1;
        }
      }
    }
    return columns;
  }

  private List<Outcome> evaluate(List<Map<String, ModelShares>> shares, long[][] columns) {
    return ToldRows.evaluate(plan, shares, columns, ROWS, seed);
  }

  @Test
  void nothingIsEvaluatedWithoutTheModels() {
    assertThatIllegalStateException()
        .isThrownBy(() -> evaluate(List.of(Map.of(), Map.of(), Map.of()), columns()));
  }

  @Test
  void explainPromisesWhatTheEngineSpends() {
    Cost cost = Explanation.of(ruleSet, Optional.empty()).total();
    var evaluator = new PlanEvaluator(plan);
    assertThat(cost.rounds()).isEqualTo(evaluator.rounds());
    assertThat(cost.andGates()).isEqualTo(evaluator.ands());
  }
}
