package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContributionsTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: parts
      version: 1
      currency: EUR
      features:
        x: {type: integer, min: 0, max: 1000}
        amount: {type: amount, min: 0, max: 5000}
        y: {type: integer, min: -1000, max: 1000, optional: true, whenMissing: 7}
        code: {type: integer, min: -5, max: 1000, domain: boolean}
        known: {type: flag}
        kind: {type: category, values: [a, b, c, d], optional: true}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: parts
      version: 1
      contract: parts@1
      rules:
        - rule: coarse
          score:
            model: linear
            intercept: -1.37
            weights: {x: 0.3333, amount: 0.01, y: -1.25, code: 2.5, known: 3, kind: {a: 1.5, c: -2}}
            threshold: 2.5
            step: 0.1
        - rule: fine
          score:
            model: linear
            intercept: 4
            weights: {amount: 0.7, kind: {d: 0.00123}}
            threshold: 100
            step: 0.00001
      """;

  @TempDir Path folder;

  @Test
  void thePartsOfARowSumToItsScoreExactly() throws IOException {
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, RULES));
    FeatureContract contract = ruleSet.contract();
    var random = new SplittableRandom(Seeds.seed());
    int fields = contract.layout().fields().size();
    for (int i = 0; i < 500; i++) {
      long[] row = new long[fields];
      for (Feature feature : contract.features()) {
        int field = contract.fieldOf(feature.name());
        row[field] = feature.fieldValue(random.nextLong(feature.min(), feature.max() + 1));
        if (feature.optional() && random.nextBoolean()) {
          row[field] = feature.fieldValue(feature.whenMissing());
          row[field + 1] = 1;
        }
      }
      long[][] columns = new long[fields][];
      for (int f = 0; f < fields; f++) {
        columns[f] = new long[] {row[f]};
      }
      var result = new Oracle(ruleSet.plan()).evaluate(columns, 1);
      for (int output = 0; output < ruleSet.rules().size(); output++) {
        long scale = ruleSet.plan().outputs().get(output).scoreScale();
        var score = ((Rule.ByScore) ruleSet.rules().get(output).body()).score();
        List<Contributions.Part> parts = Contributions.of(score, scale, contract, row);
        assertThat(parts.stream().mapToLong(Contributions.Part::scaled).sum())
            .as("row %s of seed %s, output %s", i, Seeds.seed(), output)
            .isEqualTo(result.score(output, 0));
      }
    }
  }

  @Test
  void aPartIsTheFeaturesOwn() throws IOException {
    RuleSet ruleSet = RuleSet.load(Folders.write(folder, CONTRACT, RULES));
    long[] row = new long[ruleSet.contract().layout().fields().size()];
    row[ruleSet.contract().fieldOf("known")] = 1;
    var score = ((Rule.ByScore) ruleSet.rules().getFirst().body()).score();
    long scale = ruleSet.plan().outputs().getFirst().scoreScale();
    assertThat(Contributions.of(score, scale, ruleSet.contract(), row))
        .contains(new Contributions.Part("known", 3 * scale))
        .contains(new Contributions.Part("x", 0));
  }
}
