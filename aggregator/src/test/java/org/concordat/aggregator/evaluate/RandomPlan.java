package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** A plan with nodes of every kind, from a seed, and rows that fit it. */
final class RandomPlan {
  /** Bits of arithmetic fields; leaves room for weights and sums below 2^62. */
  private static final int NUMBER_BITS = 40;

  private final Random random;
  private final List<ShareField> fields = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Integer> words = new ArrayList<>();
  private final List<Integer> bits = new ArrayList<>();
  private final List<Integer> codes = new ArrayList<>();
  private final List<Integer> codeWidths = new ArrayList<>();
  final Plan plan;

  RandomPlan(long seed) {
    this.random = new Random(seed);
    addInputs();
    addWords();
    addComparisons();
    for (int i = 0; i < 6; i++) {
      addLogic();
    }
    this.plan =
        new Plan(
            "random",
            1,
            new byte[32],
            "random",
            1,
            new byte[32],
            new ShareLayout(fields),
            List.copyOf(nodes),
            outputs());
  }

  private int add(Node node) {
    nodes.add(node);
    return nodes.size() - 1;
  }

  private void addInputs() {
    for (int i = 0; i < 8; i++) {
      if (i % 2 == 0) {
        fields.add(ShareField.arithmetic());
        words.add(add(new Node.Input(i, Domain.ARITHMETIC, 64)));
      } else {
        int width = new int[] {1, 5, 10, 64}[i / 2];
        fields.add(ShareField.bits(width));
        codes.add(add(new Node.Input(i, Domain.BOOLEAN, width)));
        codeWidths.add(width);
      }
    }
    fields.add(ShareField.bits(3)); // no node reads it
    bits.add(codes.getFirst());
  }

  private void addWords() {
    for (int i = 0; i < 3; i++) {
      words.add(add(new Node.ToArithmetic(codes.get(i))));
    }
    for (int i = 0; i < 4; i++) {
      var inputs = new ArrayList<Integer>();
      var weights = new ArrayList<Long>();
      for (int n = random.nextInt(1, 6); n > 0; n--) {
        inputs.add(words.get(random.nextInt(7)));
        weights.add((long) random.nextInt(-1000, 1000));
      }
      words.add(add(new Node.Linear(inputs, weights, random.nextInt())));
    }
    words.add(add(new Node.Extreme(random.nextBoolean(), List.copyOf(words.subList(0, 3)), 62)));
    words.add(add(new Node.Extreme(random.nextBoolean(), List.copyOf(words.subList(4, 6)), 62)));
  }

  private void addComparisons() {
    for (int i = 7; i < words.size(); i++) {
      bits.add(add(new Node.Negative(words.get(i), new int[] {56, 62, 64}[i % 3])));
    }
    for (int i = 0; i < codes.size(); i++) {
      long mask = -1L >>> (64 - codeWidths.get(i));
      bits.add(add(new Node.CodeAtLeast(codes.get(i), random.nextLong() & mask)));
      var set = new TreeSet<Long>();
      for (int n = random.nextInt(1, 8); n > 0; n--) {
        set.add(random.nextLong() & mask & 0xFF);
      }
      bits.add(add(new Node.CodeIn(codes.get(i), List.copyOf(set))));
    }
    bits.add(add(new Node.Zero(words.get(4), 2)));
    bits.add(add(new Node.Zero(words.get(5), 6)));
    bits.add(add(new Node.Zero(words.get(6), 11)));
    bits.add(add(new Node.CodeNotBelow(codes.get(1), codes.get(2))));
    bits.add(add(new Node.CodeNotBelow(codes.get(3), codes.get(0))));
  }

  private void addLogic() {
    int kind = random.nextInt(5);
    var inputs = new ArrayList<Integer>();
    for (int n = random.nextInt(3, 8); n > 0; n--) {
      inputs.add(bits.get(random.nextInt(bits.size())));
    }
    bits.add(
        switch (kind) {
          case 0 -> add(new Node.Not(inputs.getFirst()));
          case 1 -> add(new Node.And(inputs.subList(0, 2)));
          case 2 -> add(new Node.Or(inputs));
          case 3 -> forest(inputs);
          default -> add(new Node.AtLeast(random.nextInt(2, inputs.size()), inputs));
        });
  }

  /** Whether a few random trees' sum is at least half of the most that it can be. */
  private int forest(List<Integer> tests) {
    var trees = new ArrayList<Node.Tree>();
    for (int tree = 0; tree < 3; tree++) {
      var nodeTests = new ArrayList<Integer>();
      var left = new ArrayList<Integer>();
      var right = new ArrayList<Integer>();
      var leaves = new ArrayList<>(List.of(random.nextLong(1 << 20)));
      // A comb: each node's one child is a leaf, on a side at random.
      for (int node = 0; node < tree * 3; node++) {
        boolean isLast = node + 1 == tree * 3;
        boolean goesLeft = random.nextBoolean();
        nodeTests.add(random.nextInt(tests.size()));
        (goesLeft ? left : right).add(isLast ? -1 : node + 1);
        leaves.add(random.nextLong(1 << 20));
        (goesLeft ? right : left).add(-leaves.size());
      }
      trees.add(new Node.Tree(nodeTests, left, right, leaves));
    }
    int sum = add(new Node.Forest(tests, trees, 22));
    words.add(add(new Node.ToArithmetic(sum)));
    return add(new Node.CodeAtLeast(sum, 3 << 19));
  }

  private List<RuleOutput> outputs() {
    var outputs = new ArrayList<RuleOutput>();
    for (int i = 0; i < 6; i++) {
      var reasons = new ArrayList<ReasonOutput>();
      for (int n = i % 3 == 0 ? 0 : random.nextInt(1, 65); n > 0; n--) {
        reasons.add(new ReasonOutput("r" + n, "reason", bits.get(random.nextInt(bits.size()))));
      }
      OptionalInt score =
          i % 2 == 0
              ? OptionalInt.of(words.get(random.nextInt(words.size())))
              : OptionalInt.empty();
      int flag = bits.get(bits.size() - 1 - i);
      outputs.add(new RuleOutput("rule-" + i, "Rule", i != 3, flag, score, 1, 0, reasons));
    }
    return outputs;
  }

  /** Values by field of one row. */
  long[] row() {
    long[] row = new long[fields.size()];
    for (int field = 0; field < row.length; field++) {
      ShareField shape = fields.get(field);
      row[field] =
          shape.domain() == Domain.ARITHMETIC
              ? random.nextLong() >> (64 - NUMBER_BITS)
              : random.nextLong() >>> (64 - shape.widthBits());
      if (random.nextInt(4) == 0) {
        row[field] = shape.widthBits() == 1 ? 1 : random.nextInt(2);
      }
    }
    return row;
  }
}
