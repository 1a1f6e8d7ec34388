package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.PublicNodes;
import org.concordat.schemas.share.Domain;

/**
 * Counts the products and rounds of some nodes of a plan as the engine spends them: a carry tree
 * over m positions takes 2(m-1) - ceil(log2 m) products and ceil(log2 m) rounds, bits are combined
 * in the order in which they are there.
 */
final class CostModel {
  private final Plan plan;
  private final int[] readyAfter;
  private final int[] widths;
  private final boolean[] isPublic;
  private final Map<Integer, ThresholdCost> thresholds = new HashMap<>();
  private final Map<Integer, MembershipCost> memberships = new HashMap<>();
  private final List<Integer> operations = new ArrayList<>();
  private int andGates;
  private int conversions;
  private int wordsSent;
  private int rounds;

  CostModel(Plan plan) {
    this.plan = plan;
    this.readyAfter = new int[plan.nodes().size()];
    this.widths = new int[plan.nodes().size()];
    this.isPublic = PublicNodes.of(plan);
  }

  /**
   * The cost of all that some nodes need.
   *
   * @param flags opened for each row
   */
  Cost of(Collection<Integer> needed, int flags) {
    boolean[] kept = new boolean[plan.nodes().size()];
    needed.forEach(node -> kept[node] = true);
    for (int node = kept.length - 1; node >= 0; node--) {
      if (kept[node]) {
        plan.nodes().get(node).operands().forEach(operand -> kept[operand] = true);
      }
    }
    for (int node = 0; node < kept.length; node++) {
      if (kept[node]) {
        add(node, plan.nodes().get(node));
        if (!isPublic[node] && !(plan.nodes().get(node) instanceof Node.Input)) {
          operations.add(node);
        }
      }
    }
    double bytes = (andGates + flags) / 8.0 + 8.0 * wordsSent;
    return new Cost(rounds, andGates, conversions, bytes);
  }

  /** The nodes counted, inputs not among them. */
  List<Integer> operations() {
    return operations;
  }

  int andGates() {
    return andGates;
  }

  int widthBits(int node) {
    return widths[node];
  }

  /** The operations that take rounds, of which each waits for the one before. */
  List<Latency.Part> longestChain(Collection<Integer> needed) {
    List<Latency.Part> chain = new ArrayList<>();
    int at = latest(needed);
    while (at >= 0) {
      Node node = plan.nodes().get(at);
      int before = latest(node.operands());
      int added = readyAfter[at] - (before < 0 ? 0 : readyAfter[before]);
      if (added > 0) {
        chain.addFirst(new Latency.Part(describe(node), added));
      }
      at = before;
    }
    return chain;
  }

  /** The node that is there last; -1 of none. */
  private int latest(Collection<Integer> nodes) {
    int latest = -1;
    for (int node : nodes) {
      latest = latest < 0 || readyAfter[node] > readyAfter[latest] ? node : latest;
    }
    return latest;
  }

  private String describe(Node node) {
    return switch (node) {
      case Node.Input unused -> "input";
      case Node.Linear unused -> "weighted sum";
      case Node.SecretSum sum -> "sum of " + sum.inputs().size() + " under secret weights";
      case Node.ToArithmetic(int input) ->
          "code of " + widths[input] + " bits to an arithmetic value";
      case Node.ToCode converted -> "bits of a value of " + converted.widthBits();
      case Node.Negative negative -> "sign of a sum of " + negative.widthBits() + " bits";
      case Node.Zero zero -> "whether a sum of " + zero.widthBits() + " bits is 0";
      case Node.Extreme extreme ->
          (extreme.isLargest() ? "largest of " : "smallest of ") + extreme.inputs().size();
      case Node.CodeAtLeast(int input, long unused) ->
          "code of " + widths[input] + " bits against a bound";
      case Node.CodeIn member ->
          "code of " + widths[member.input()] + " bits in a set of " + member.values().size();
      case Node.CodeNotBelow(int left, int right) ->
          "code of " + Math.max(widths[left], widths[right]) + " bits against another";
      case Node.Not unused -> "not";
      case Node.And and -> "all of " + and.inputs().size();
      case Node.Or or -> "any of " + or.inputs().size();
      case Node.AtLeast counted -> "at least " + counted.count() + " of " + counted.inputs().size();
      case Node.Forest forest ->
          forest.trees().size() + " trees, a sum of " + forest.widthBits() + " bits";
      case Node.SecretForest forest ->
          forest.tables().trees()
              + " secret trees of depth "
              + forest.tables().depth()
              + ", a sum of "
              + forest.widthBits()
              + " bits";
    };
  }

  private void add(int index, Node node) {
    if (isPublic[index]) {
      // Computed in the clear: there before the first round.
      widths[index] = node instanceof Node.Forest forest ? forest.widthBits() : 1;
      return;
    }
    int ready = node.operands().stream().mapToInt(o -> readyAfter[o]).max().orElse(0);
    int done =
        switch (node) {
          case Node.Input input -> {
            widths[index] = input.domain() == Domain.BOOLEAN ? input.widthBits() : 0;
            yield 0;
          }
          case Node.Linear unused -> ready;
          case Node.SecretSum unused -> {
            // A word a row, however many weights there are.
            wordsSent++;
            yield ready + 1;
          }
          case Node.ToArithmetic(int input) -> {
            conversions++;
            wordsSent += widths[input] + 1;
            yield ready + 2;
          }
          case Node.ToCode converted -> {
            widths[index] = converted.widthBits();
            yield ready + bitsOf(converted.widthBits());
          }
          case Node.Negative negative -> ready + negative(negative.widthBits());
          case Node.Zero zero -> ready + zero(zero.widthBits());
          case Node.Extreme extreme -> extreme(extreme);
          case Node.CodeAtLeast(int input, long bound) -> atLeast(input, bound);
          case Node.CodeIn member ->
              memberships
                      .computeIfAbsent(member.input(), _ -> new MembershipCost())
                      .of(widths[member.input()], member.values())
                  + ready;
          case Node.CodeNotBelow(int left, int right) -> {
            andGates += Math.min(widths[left], widths[right]);
            yield ready + 1 + tree(Math.max(widths[left], widths[right]));
          }
          case Node.Not unused -> ready;
          case Node.And and -> combined(and.inputs());
          case Node.Or or -> combined(or.inputs());
          case Node.AtLeast counted -> counted(counted.inputs(), counted.count());
          case Node.Forest forest -> {
            widths[index] = forest.widthBits();
            var cost = new ForestCost(forest, readyAfter);
            int last = cost.rounds();
            andGates += cost.ands();
            yield last;
          }
          case Node.SecretForest forest -> {
            widths[index] = forest.widthBits();
            var cost = new SecretForestCost(forest, readyAfter);
            int last = cost.rounds();
            andGates += cost.ands();
            yield last;
          }
        };
    widths[index] = widths[index] == 0 ? 1 : widths[index];
    readyAfter[index] = done;
    rounds = Math.max(rounds, done);
  }

  /** Bounds of the same code share what they have in common. */
  private int atLeast(int code, long bound) {
    ThresholdCost cost =
        thresholds.computeIfAbsent(
            code,
            input -> {
              int[] bits = new int[widths[input]];
              Arrays.fill(bits, readyAfter[input]);
              return new ThresholdCost(bits);
            });
    int before = cost.ands();
    int ready = cost.readyAfter(bound);
    andGates += cost.ands() - before;
    return ready;
  }

  /** Sign of a sum of three components: carries, products for generate, then the tree. */
  private int negative(int width) {
    if (width == 1) {
      return 0;
    }
    andGates += width - 1;
    if (width == 2) {
      return 1;
    }
    andGates += width - 2;
    return 2 + tree(width - 2);
  }

  /** The bits of a sum of three components: carries, then an addition. */
  private int bitsOf(int width) {
    andGates += width - 1;
    if (width <= 2) {
      return width - 1;
    }
    var sum = new SumCost();
    int rounds = sum.add(width - 2, 1, 1);
    andGates += sum.ands();
    return rounds;
  }

  /** Carries, products that tell two summands of 0, and all of the bits. */
  private int zero(int width) {
    if (width == 1) {
      return 0;
    }
    andGates += 3 * width - 4;
    return (width == 2 ? 1 : 2) + log2(width);
  }

  /** Pairs, then pairs of the winners: a sign, the bit as a number, a product. */
  private int extreme(Node.Extreme node) {
    List<Integer> left = node.inputs().stream().map(input -> readyAfter[input]).toList();
    while (left.size() > 1) {
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i + 1 < left.size(); i += 2) {
        int ready = Math.max(left.get(i), left.get(i + 1));
        winners.add(ready + negative(node.widthBits()) + 3);
        conversions++;
        wordsSent += 3;
      }
      if (left.size() % 2 == 1) {
        winners.add(left.getLast());
      }
      left = winners;
    }
    return left.getFirst();
  }

  private int tree(int positions) {
    int depth = log2(positions);
    andGates += 2 * (positions - 1) - depth;
    return depth;
  }

  /** ceil(log2 n). */
  private static int log2(int n) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(n - 1);
  }

  private PriorityQueue<Integer> readyTimes(List<Integer> inputs) {
    return inputs.stream()
        .map(i -> readyAfter[i])
        .collect(Collectors.toCollection(PriorityQueue::new));
  }

  private int combined(List<Integer> inputs) {
    PriorityQueue<Integer> waiting = readyTimes(inputs);
    while (waiting.size() > 1) {
      int first = waiting.remove();
      andGates++;
      waiting.add(Math.max(first, waiting.remove()) + 1);
    }
    return waiting.remove();
  }

  /** Full adders down to one bit of each weight, then a comparison of the few bits. */
  private int counted(List<Integer> inputs, int count) {
    List<PriorityQueue<Integer>> byWeight = new ArrayList<>();
    byWeight.add(readyTimes(inputs));
    List<Integer> sum = new ArrayList<>();
    for (int weight = 0; weight < byWeight.size(); weight++) {
      PriorityQueue<Integer> addends = byWeight.get(weight);
      while (addends.size() > 1) {
        int latest = Math.max(addends.remove(), addends.remove());
        if (!addends.isEmpty()) {
          latest = Math.max(latest, addends.remove());
        }
        andGates++;
        addends.add(latest);
        if (byWeight.size() == weight + 1) {
          byWeight.add(new PriorityQueue<>());
        }
        byWeight.get(weight + 1).add(latest + 1);
      }
      sum.add(addends.remove());
    }
    var cost = new ThresholdCost(sum.stream().mapToInt(Integer::intValue).toArray());
    int ready = cost.readyAfter(count);
    andGates += cost.ands();
    return ready;
  }

  /** Sets are looked up in halves of a code; equal halves once. */
  private final class MembershipCost {
    private record Part(int from, int to, List<Long> codes) {}

    private final Map<Part, Integer> found = new HashMap<>();

    int of(int width, List<Long> values) {
      var whole = new Part(0, width, values.stream().sorted().toList());
      return isFull(whole) ? 0 : in(whole);
    }

    private boolean isFull(Part part) {
      int width = part.to - part.from;
      return width < 31 && part.codes.size() == 1 << width;
    }

    private int in(Part part) {
      Integer known = found.get(part);
      if (known != null) {
        return known;
      }
      int done = part.to - part.from == 1 ? 0 : inHalves(part);
      found.put(part, done);
      return done;
    }

    private int inHalves(Part part) {
      int middle = (part.from + part.to) / 2;
      int lowerWidth = middle - part.from;
      Map<Long, List<Long>> lowerByUpper =
          part.codes.stream()
              .collect(
                  Collectors.groupingBy(
                      code -> code >>> lowerWidth,
                      Collectors.mapping(
                          code -> code & ((1L << lowerWidth) - 1),
                          Collectors.collectingAndThen(
                              Collectors.toList(), l -> l.stream().sorted().toList()))));
      Map<List<Long>, List<Long>> upperByLower = new HashMap<>();
      lowerByUpper.forEach(
          (upper, lower) -> upperByLower.computeIfAbsent(lower, l -> new ArrayList<>()).add(upper));
      int done = 0;
      for (var pair : upperByLower.entrySet()) {
        var lower = new Part(part.from, middle, pair.getKey());
        var upper = new Part(middle, part.to, pair.getValue().stream().sorted().toList());
        int ready;
        if (isFull(lower)) {
          ready = in(upper);
        } else if (isFull(upper)) {
          ready = in(lower);
        } else {
          andGates++;
          ready = Math.max(in(upper), in(lower)) + 1;
        }
        done = Math.max(done, ready);
      }
      return done;
    }
  }
}
