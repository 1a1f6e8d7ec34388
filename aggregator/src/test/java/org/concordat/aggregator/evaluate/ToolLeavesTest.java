package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.SharedData;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.plan.LeafPlans;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaves found on shares are those of the tool that trained the trees. */
class ToolLeavesTest {
  private static final int DECIMALS = 6;

  private final long seed = Seeds.seed();

  @TempDir Path folder;

  @Test
  void areLightgbms() throws IOException {
    var problems = new Problems();
    TreeModel model =
        TreeFile.read(SharedData.require("models/lg_breast_cancer.txt"), problems).orElseThrow();
    FeatureContract contract = contract(model, problems);
    List<String> lines = Files.readAllLines(SharedData.require("models/lg_breast_cancer_data.txt"));
    List<String> leaves =
        Files.readAllLines(SharedData.require("models/lg_breast_cancer_data_pred_leaves.txt"));
    long[][] rows = lines.stream().map(line -> row(line, model, contract)).toArray(long[][]::new);
    LeafPlans.Part part = LeafPlans.of(contract, model).getFirst();
    OpenedScores scores = scores(part, rows);
    for (int row = 0; row < rows.length; row++) {
      int[] expected =
          Arrays.stream(leaves.get(row).trim().split("\\s+"))
              .limit(part.trees().size())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertThat(part.leafIds(scores.score(0, 0, row))).as("row %d", row).isEqualTo(expected);
    }
  }

  private FeatureContract contract(TreeModel model, Problems problems) throws IOException {
    var text =
        new StringBuilder("format: 1\ncontract: tool\nversion: 1\ncurrency: EUR\nfeatures:\n");
    for (String name : model.features()) {
      text.append("  ").append(name);
      text.append(": {type: decimal, decimals: 6, min: 0, max: 10_000, domain: boolean}\n");
    }
    Path file = Files.writeString(folder.resolve("contract.yaml"), text);
    return FeatureContract.read(file, problems).orElseThrow();
  }

  private static long[] row(String line, TreeModel model, FeatureContract contract) {
    String[] cells = line.trim().split("\\s+");
    long[] fields = new long[contract.layout().fields().size()];
    for (int i = 0; i < cells.length; i++) {
      Feature feature = contract.feature(model.features().get(i)).orElseThrow();
      long value = new BigDecimal(cells[i]).setScale(DECIMALS).unscaledValue().longValueExact();
      fields[contract.fieldOf(feature.name())] = feature.fieldValue(value);
    }
    return fields;
  }

  private OpenedScores scores(LeafPlans.Part part, long[][] rows) {
    Batch batch = Batch.share(part.plan().layout(), List.<long[][]>of(rows));
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(Rep3Parties.PARTIES);
    List<Outcome> outcomes =
        network.run(
            party ->
                () ->
                    PlanEvaluator.openingEveryScore(part.plan())
                        .evaluate(
                            parties.suite(network, party),
                            batch.byParty().get(party),
                            FlagBudget.unlimited(1, 1)));
    return Objects.requireNonNull(outcomes.getFirst().scores());
  }
}
