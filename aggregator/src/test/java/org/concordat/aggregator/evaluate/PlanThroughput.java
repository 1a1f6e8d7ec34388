package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/**
 * Rows a second of a plan like a bank's, three parties in one process: 24 numbers and 8 codes of 10
 * bits; three weighted sums over all, a 3-of-8, a set. {@code main [blocks [seconds]]}. A figure to
 * work with, not a test.
 */
final class PlanThroughput {
  private PlanThroughput() {}

  public static void main(String[] arguments) {
    int blocks = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 16;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    Plan plan = plan();
    var evaluator = new PlanEvaluator(plan);
    System.out.printf("rounds %d, products %d%n", evaluator.rounds(), evaluator.ands());
    List<BlockShares> shares = new ArrayList<>();
    var random = new Random(1);
    for (int i = 0; i < blocks; i++) {
      long[] words = random.longs(plan.layout().words(BlockShares.ROWS_MAX)).toArray();
      shares.add(new BlockShares(BlockShares.ROWS_MAX, words, words));
    }
    long start = System.nanoTime();
    long rows = 0;
    for (long run = 0; System.nanoTime() < start + seconds * 1_000_000_000L; run++) {
      var parties = new Rep3Parties(run);
      var network = new MemoryNetwork(Rep3Parties.PARTIES);
      // The same array as every component: three equal holders, whose hashes agree.
      network.run(
          party ->
              () ->
                  evaluator.evaluate(
                      parties.suite(network, party),
                      shares,
                      FlagBudget.unlimited(blocks, plan.outputs().size())));
      rows += (long) blocks * BlockShares.ROWS_MAX;
    }
    System.out.printf("%.0f rows/s%n", rows * 1e9 / (System.nanoTime() - start));
  }

  private static Plan plan() {
    var fields = new ArrayList<ShareField>();
    var nodes = new ArrayList<Node>();
    var words = new ArrayList<Integer>();
    var codes = new ArrayList<Integer>();
    for (int i = 0; i < 32; i++) {
      boolean isNumber = i < 24;
      fields.add(isNumber ? ShareField.arithmetic() : ShareField.bits(10));
      var domain = isNumber ? Domain.ARITHMETIC : Domain.BOOLEAN;
      nodes.add(new Node.Input(i, domain, isNumber ? 64 : 10));
      (isNumber ? words : codes).add(i);
    }
    for (int code : codes) {
      words.add(nodes.size());
      nodes.add(new Node.ToArithmetic(code));
    }
    var flags = new ArrayList<Integer>();
    for (int i = 0; i < 3; i++) {
      long weight = 3 + i;
      nodes.add(new Node.Linear(words, words.stream().map(_ -> weight).toList(), 0));
      nodes.add(new Node.Negative(nodes.size() - 1, 64));
      flags.add(nodes.size() - 1);
    }
    for (int code : codes) {
      nodes.add(new Node.CodeAtLeast(code, 700));
    }
    List<Integer> bits = IntStream.range(nodes.size() - 8, nodes.size()).boxed().toList();
    nodes.add(new Node.AtLeast(3, bits));
    int count = nodes.size() - 1;
    nodes.add(new Node.CodeIn(codes.getFirst(), List.of(3L, 17L, 400L, 401L, 1000L)));
    int member = nodes.size() - 1;
    // Few rows have all of them, so that flagged rows don't rule the figure.
    nodes.add(new Node.And(List.of(flags.get(0), flags.get(1), flags.get(2), count, member)));
    var output =
        new RuleOutput(
            "rule", "Rule", true, nodes.size() - 1, OptionalInt.empty(), 1, 0, List.of());
    byte[] hash = new byte[32];
    var layout = new ShareLayout(fields);
    return new Plan("figure", 1, hash, "figure", 1, hash, layout, nodes, List.of(output));
  }
}
