package org.concordat.aggregator.evaluate;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.Plan;

/** What a plan with secret models tells: rule, row, and the bits of its band. */
final class ToldRows {
  private ToldRows() {}

  /**
   * Evaluates one batch by three parties.
   *
   * @param models by party
   * @param columns by field
   */
  static List<Outcome> evaluate(
      Plan plan, List<Map<String, ModelShares>> models, long[][] columns, int count, long seed) {
    long[][] rows = new long[count][columns.length];
    for (int row = 0; row < count; row++) {
      for (int field = 0; field < columns.length; field++) {
        rows[row][field] = columns[field][row];
      }
    }
    Batch batch = Batch.share(plan.layout(), List.<long[][]>of(rows));
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(3);
    return network.run(
        party ->
            () ->
                new PlanEvaluator(plan, models.get(party))
                    .evaluate(
                        parties.suite(network, party),
                        batch.byParty().get(party),
                        FlagBudget.unlimited(1, plan.outputs().size())));
  }

  static Set<String> of(List<Outcome> outcomes) {
    Set<String> told = new TreeSet<>();
    for (int i = 0; i < outcomes.getFirst().flagged().size(); i++) {
      FlaggedRow row = outcomes.getFirst().flagged().get(i);
      long bits = 0;
      for (Outcome outcome : outcomes) {
        long[] words = outcome.flagged().get(i).firstWords();
        bits ^= words.length == 0 ? 0 : words[0];
      }
      told.add(row.output() + "/" + row.row() + "/" + bits);
    }
    return told;
  }

  /**
   * The same by the oracle.
   *
   * @param models in plain, by rule
   */
  static Set<String> expected(Plan plan, Map<String, long[]> models, long[][] columns, int count) {
    Oracle.Result result = new Oracle(plan, models).evaluate(columns, count);
    Set<String> told = new TreeSet<>();
    for (int output = 0; output < plan.outputs().size(); output++) {
      for (int row = 0; row < count; row++) {
        if (result.flagged(output, row)) {
          told.add(output + "/" + row + "/" + result.reasonBits(output, row));
        }
      }
    }
    return told;
  }
}
