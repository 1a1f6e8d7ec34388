package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.SecretModel;
import org.concordat.rules.plan.TreeTables;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Three parties in one process without links; a figure is for a row. A plan like a bank's, 24
 * numbers and 8 codes of 10 bits: three weighted sums over all, a 3-of-8, a set. And secret trees:
 * 20 of depth 4 over 16 codes of 16 bits.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class PlanBench {
  private static final int BLOCKS = 16;

  @Param({"bank", "secret-trees"})
  private String kind = "bank";

  private Plan plan = bank();
  private PlanEvaluator evaluator = new PlanEvaluator(plan);
  private final List<BlockShares> shares = new ArrayList<>();
  private long run;

  @Setup
  public void fill() {
    var random = new Random(1);
    if (kind.equals("secret-trees")) {
      plan = secretTrees();
      int words = plan.secretModels().getFirst().values();
      long[] model = random.longs(words).toArray();
      evaluator = new PlanEvaluator(plan, Map.of("rule", new ModelShares(model, model)));
    }
    for (int i = 0; i < BLOCKS; i++) {
      long[] words = random.longs(plan.layout().words(BlockShares.ROWS_MAX)).toArray();
      shares.add(new BlockShares(BlockShares.ROWS_MAX, words, words));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BLOCKS * BlockShares.ROWS_MAX)
  public Object evaluate() {
    var parties = new Rep3Parties(run++);
    var network = new MemoryNetwork(Rep3Parties.PARTIES);
    // The same array as every component: three equal holders, whose hashes agree.
    return network.run(
        party ->
            () ->
                evaluator.evaluate(
                    parties.suite(network, party),
                    shares,
                    FlagBudget.unlimited(BLOCKS, plan.outputs().size())));
  }

  private static Plan bank() {
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
    return plan(fields, nodes);
  }

  private static Plan secretTrees() {
    var fields = new ArrayList<ShareField>();
    var nodes = new ArrayList<Node>();
    var codes = new ArrayList<TreeTables.Code>();
    for (int i = 0; i < 16; i++) {
      fields.add(ShareField.bits(16));
      nodes.add(new Node.Input(i, Domain.BOOLEAN, 16));
      codes.add(new TreeTables.Code(16, false));
    }
    var tables = new TreeTables(20, 4, 16, 6, codes);
    var model = new SecretModel("rule", "bank", Domain.BOOLEAN, tables.words(), List.of());
    List<Integer> inputs = IntStream.range(0, 16).boxed().toList();
    nodes.add(new Node.SecretForest(model, tables, inputs, 21));
    // Hardly a sum of 20 leaves is so large.
    nodes.add(new Node.CodeAtLeast(nodes.size() - 1, 19L << 16));
    return plan(fields, nodes);
  }

  /** A plan whose last node flags. */
  private static Plan plan(List<ShareField> fields, List<Node> nodes) {
    var output =
        new RuleOutput(
            "rule", "Rule", true, nodes.size() - 1, OptionalInt.empty(), 1, 0, List.of());
    byte[] hash = new byte[32];
    var layout = new ShareLayout(fields);
    return new Plan("figure", 1, hash, "figure", 1, hash, layout, nodes, List.of(output));
  }
}
