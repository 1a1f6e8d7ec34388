package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.concordat.schemas.share.Domain;

/**
 * Collects the nodes of a plan: equal ones once, and none for what is known without a row. Two
 * rules that compare alike therefore share the comparison.
 */
final class PlanBuilder {
  /** Nodes of one plan. */
  static final int NODES_MAX = 100_000;

  /** A sum of more bits may wrap around. One is the sign, one is slack. */
  static final int SUM_BITS_MAX = 63;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<Node, Integer> indexes = new HashMap<>();

  /** A sum that can't be proved to stay within a word. */
  static final class OverflowException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int bits;

    OverflowException(int bits) {
      super("a sum is too wide");
      this.bits = bits;
    }

    int bits() {
      return bits;
    }
  }

  private int add(Node node) {
    return indexes.computeIfAbsent(
        node,
        n -> {
          nodes.add(n);
          return nodes.size() - 1;
        });
  }

  int size() {
    return nodes.size();
  }

  int input(int field, Domain domain, int widthBits) {
    return add(new Node.Input(field, domain, widthBits));
  }

  int secretSum(SecretModel model, List<Integer> inputs) {
    return add(new Node.SecretSum(model, List.copyOf(inputs)));
  }

  int secretForest(SecretModel model, TreeTables tables, List<Integer> inputs, int widthBits) {
    return add(new Node.SecretForest(model, tables, List.copyOf(inputs), widthBits));
  }

  int toCode(int word, int widthBits) {
    return add(new Node.ToCode(word, widthBits));
  }

  int toArithmetic(int bits) {
    return add(new Node.ToArithmetic(bits));
  }

  /** A sum as a node of its own. */
  int sum(LinearForm form) throws OverflowException {
    if (form.widthBits() > SUM_BITS_MAX) {
      throw new OverflowException(form.widthBits());
    }
    boolean isPlain =
        form.weights().size() == 1
            && form.constant().signum() == 0
            && form.weights().firstEntry().getValue().equals(BigInteger.ONE);
    if (isPlain) {
      return form.weights().firstKey();
    }
    // Modulo 2^64 throughout: only the whole sum has to stay within a word, and that is proved.
    List<Long> weights = form.weights().values().stream().map(BigInteger::longValue).toList();
    return add(
        new Node.Linear(
            List.copyOf(form.weights().keySet()), weights, form.constant().longValue()));
  }

  /** The largest or smallest of at least two nodes from 0 to a bound. */
  int extreme(boolean isLargest, List<Integer> nodes, BigInteger max) {
    return add(new Node.Extreme(isLargest, List.copyOf(nodes), max.bitLength() + 1));
  }

  /** Whether a sum is 0. */
  Bit zero(LinearForm form) throws OverflowException {
    if (form.min().signum() > 0 || form.max().signum() < 0) {
      return new Bit.Known(false);
    }
    return form.weights().isEmpty()
        ? new Bit.Known(true)
        : new Bit.Of(add(new Node.Zero(sum(form), form.widthBits())));
  }

  /**
   * Whether a sum is below 0. One of a single {@link Node.Extreme} is where all that it is the
   * extreme of are, or any of them: compared side by side, not one after the other. A number of
   * bits is counted, not added up.
   */
  Bit negative(LinearForm form) throws OverflowException {
    if (form.max().signum() < 0) {
      return new Bit.Known(true);
    }
    if (form.min().signum() >= 0) {
      return new Bit.Known(false);
    }
    List<Integer> extremes =
        form.weights().keySet().stream()
            .filter(node -> nodes.get(node) instanceof Node.Extreme)
            .toList();
    if (extremes.size() == 1) {
      return negativeOfExtreme(form, extremes.getFirst());
    }
    LinearForm reduced = form.reducedForSign();
    if (reduced.weights().size() == 1) {
      Map.Entry<Integer, BigInteger> term = reduced.weights().firstEntry();
      List<Bit> counted = counted(term.getKey());
      if (!counted.isEmpty()) {
        // Below 0: a count below the constant's opposite; of a count that is taken off, above it.
        return term.getValue().signum() > 0
            ? not(atLeast(reduced.constant().negate().intValueExact(), counted))
            : atLeast(reduced.constant().intValueExact() + 1, counted);
      }
    }
    return new Bit.Of(add(new Node.Negative(sum(reduced), reduced.widthBits())));
  }

  private Bit negativeOfExtreme(LinearForm form, int node) throws OverflowException {
    if (!(nodes.get(node) instanceof Node.Extreme extreme)) {
      throw new IllegalArgumentException("no extreme");
    }
    List<Bit> bits = new ArrayList<>();
    for (int input : extreme.inputs()) {
      bits.add(negative(form.replaced(node, input)));
    }
    boolean isAdded = Objects.requireNonNull(form.weights().get(node)).signum() > 0;
    // The largest of what is added, or the smallest of what is taken off, is the largest sum.
    return extreme.isLargest() == isAdded ? and(bits) : or(bits);
  }

  /** The bits that a node is the number of; none for any other node. */
  private List<Bit> counted(int node) {
    if (!(nodes.get(node) instanceof Node.Linear(var inputs, var weights, long constant))
        || constant != 0
        || weights.stream().anyMatch(weight -> weight != 1)) {
      return List.of();
    }
    List<Bit> bits = new ArrayList<>();
    for (int input : inputs) {
      if (nodes.get(input) instanceof Node.ToArithmetic(int bit) && isBit(bit)) {
        bits.add(new Bit.Of(bit));
      }
    }
    return bits.size() == inputs.size() ? bits : List.of();
  }

  private boolean isBit(int node) {
    return switch (nodes.get(node)) {
      case Node.Input input -> input.widthBits() == 1;
      case Node.Forest forest -> forest.widthBits() == 1;
      default -> true;
    };
  }

  Bit atLeast(int code, BigInteger bound, BigInteger codeMin, BigInteger codeMax) {
    if (bound.compareTo(codeMin) <= 0) {
      return new Bit.Known(true);
    }
    if (bound.compareTo(codeMax) > 0) {
      return new Bit.Known(false);
    }
    return new Bit.Of(add(new Node.CodeAtLeast(code, bound.longValue())));
  }

  /** Whether a code is one of some, which are distinct, unsigned and ascending. */
  Bit in(int code, List<Long> values) {
    return new Bit.Of(add(new Node.CodeIn(code, List.copyOf(values))));
  }

  int forest(List<Integer> tests, List<Node.Tree> trees, int widthBits) {
    return add(new Node.Forest(List.copyOf(tests), List.copyOf(trees), widthBits));
  }

  Bit notBelow(int left, int right) {
    return left == right
        ? new Bit.Known(true)
        : new Bit.Of(add(new Node.CodeNotBelow(left, right)));
  }

  Bit not(Bit bit) {
    return switch (bit) {
      case Bit.Known(boolean value) -> new Bit.Known(!value);
      case Bit.Of(int node) ->
          nodes.get(node) instanceof Node.Not(int inner)
              ? new Bit.Of(inner)
              : new Bit.Of(add(new Node.Not(node)));
    };
  }

  Bit and(List<Bit> bits) {
    var open = new TreeSet<Integer>();
    for (Bit bit : bits) {
      switch (bit) {
        case Bit.Known(boolean value) -> {
          if (!value) {
            return bit;
          }
        }
        case Bit.Of(int node) -> open.add(node);
      }
    }
    if (open.isEmpty()) {
      return new Bit.Known(true);
    }
    return open.size() == 1
        ? new Bit.Of(open.first())
        : new Bit.Of(add(new Node.And(List.copyOf(open))));
  }

  Bit or(List<Bit> bits) {
    var open = new TreeSet<Integer>();
    for (Bit bit : bits) {
      switch (bit) {
        case Bit.Known(boolean value) -> {
          if (value) {
            return bit;
          }
        }
        case Bit.Of(int node) -> open.add(node);
      }
    }
    if (open.isEmpty()) {
      return new Bit.Known(false);
    }
    return open.size() == 1
        ? new Bit.Of(open.first())
        : new Bit.Of(add(new Node.Or(List.copyOf(open))));
  }

  /** Whether at least some of the bits are set; a bit that is listed twice counts twice. */
  Bit atLeast(int count, List<Bit> bits) {
    int left = count;
    List<Integer> open = new ArrayList<>();
    for (Bit bit : bits) {
      switch (bit) {
        case Bit.Known(boolean value) -> left -= value ? 1 : 0;
        case Bit.Of(int node) -> open.add(node);
      }
    }
    if (left <= 0) {
      return new Bit.Known(true);
    }
    if (left > open.size()) {
      return new Bit.Known(false);
    }
    List<Bit> rest = open.stream().map(node -> (Bit) new Bit.Of(node)).toList();
    if (left == 1) {
      return or(rest);
    }
    if (left == open.size()) {
      return and(rest);
    }
    return new Bit.Of(add(new Node.AtLeast(left, open.stream().sorted().toList())));
  }

  /** The nodes that something needs, in order, and where each old one went (-1: left out). */
  Pruned pruned(List<Integer> needed) {
    boolean[] kept = new boolean[nodes.size()];
    needed.forEach(node -> kept[node] = true);
    for (int node = kept.length - 1; node >= 0; node--) {
      if (kept[node]) {
        nodes.get(node).operands().forEach(operand -> kept[operand] = true);
      }
    }
    int[] places = new int[kept.length];
    Arrays.fill(places, -1);
    List<Node> rest = new ArrayList<>();
    for (int node = 0; node < kept.length; node++) {
      if (kept[node]) {
        places[node] = rest.size();
        rest.add(nodes.get(node).renumbered(old -> places[old]));
      }
    }
    return new Pruned(List.copyOf(rest), old -> places[old]);
  }

  /** What is left of the nodes. */
  record Pruned(List<Node> nodes, IntUnaryOperator placeOf) {}
}
