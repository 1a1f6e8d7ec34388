package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Complete decision trees whose tests and leaves are secret bits, the same for every row.
 *
 * <p>Every code is cut into digits of a few bits and each digit decoded once, whatever the number
 * of nodes ({@link OneHot}). A node is a row of secret bits over all values of a digit of all
 * codes: the dot product over Z_2 of both, which costs one bit a row however long it is (Araki et
 * al. 2016/768; PROTOCOLS 2.1), chooses the feature and compares its digit at once. Two of them,
 * whether the digit decides for the left and whether it leaves that open, combine over the digits
 * as generated and passed carries do ({@link Comparison}). So a test of an l-bit code in digits of
 * d bits takes about 4l/d products, where a chosen arithmetic value would take 64 and its sign 4l
 * more. Choosing by shared unit vectors is known from Tsuchida, Nishide, Maeda (ProvSec 2020);
 * choosing among decoded digits, derived here, is what spares the comparison.
 *
 * <p>Which leaf a row comes to are products of tests, halves of a tree at once: 2^depth bits in
 * ceil(log2 depth) rounds. One more dot product, with the secret values of the leaves, gives each
 * bit of a tree's value; {@link Sums} adds the trees up.
 *
 * <p>Nothing is opened. Hides tests, leaves and the way a row takes from any one party; shows the
 * trees' number, depth, widths and features. Whoever shared the bits decides what they compute.
 */
public final class SecretForest {
  /**
   * Where the trees' rows are in the columns' tables.
   *
   * @param digitOffsets the first row of the first node, by digit
   * @param leafOffset the first tree's row for the lowest bit of its leaves
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Shape(int trees, int depth, int leafBits, long[] digitOffsets, long leafOffset) {}

  private SecretForest() {}

  /**
   * The bits that a digit's rows choose from: a bit for each value, then, of a code that may be
   * missing, whether it is; then none of the values is set.
   *
   * @param missing null for a lower digit, or a code that is never missing
   */
  public static Bits inputs(CircuitBuilder circuit, Bits digit, @Nullable Bits missing) {
    return missing == null
        ? OneHot.of(circuit, digit, null)
        : OneHot.of(circuit, digit, circuit.not(missing)).append(missing);
  }

  /**
   * The sum of the chosen leaves modulo 2^widthBits.
   *
   * @param inputs by digit, the highest first
   */
  public static Bits sum(CircuitBuilder circuit, List<Bits> inputs, Shape shape, int widthBits) {
    int inner = (1 << shape.depth) - 1;
    Bits tests = tests(circuit, inputs, shape.digitOffsets, shape.trees * inner);
    List<Bits> chosen = new ArrayList<>();
    for (int tree = 0; tree < shape.trees; tree++) {
      Bits leaves = leaves(circuit, tests.slice(tree * inner, (tree + 1) * inner), 0, shape.depth);
      long offset = shape.leafOffset + ((long) tree * shape.leafBits << shape.depth);
      chosen.add(circuit.select(leaves, offset, shape.leafBits));
    }
    return Sums.of(circuit, chosen, widthBits);
  }

  /** By node whether the row goes left. */
  private static Bits tests(CircuitBuilder circuit, List<Bits> inputs, long[] offsets, int nodes) {
    int last = inputs.size() - 1;
    List<Bits> selected = new ArrayList<>();
    for (int digit = 0; digit <= last; digit++) {
      int rows = digit < last ? 2 * nodes : nodes;
      selected.add(circuit.select(inputs.get(digit), offsets[digit], rows));
    }
    int[] tests = new int[nodes];
    for (int node = 0; node < nodes; node++) {
      Bits left = selected.get(last).bit(node);
      Bits open = left;
      for (int digit = last - 1; digit >= 0; digit--) {
        left = left.append(selected.get(digit).bit(2 * node));
        open = open.append(selected.get(digit).bit(2 * node + 1));
      }
      tests[node] = Comparison.carryOut(circuit, left, open).value(0);
    }
    return new Bits(tests);
  }

  /**
   * By leaf below a node, from the left, whether the row comes to it once it is at the node.
   *
   * @param tests of a complete tree, node i above 2i+1, on the left, and 2i+2
   */
  private static Bits leaves(CircuitBuilder circuit, Bits tests, int node, int depth) {
    if (depth == 1) {
      return tests.bit(node).append(circuit.not(tests.bit(node)));
    }
    int lowerDepth = depth / 2;
    int upperDepth = depth - lowerDepth;
    Bits upper = leaves(circuit, tests, node, upperDepth);
    int first = ((node + 1) << upperDepth) - 1;
    Bits left = new Bits();
    Bits right = new Bits();
    for (int u = 0; u < upper.width(); u++) {
      Bits lower = leaves(circuit, tests, first + u, lowerDepth);
      for (int v = 1; v < lower.width(); v++) {
        left = left.append(upper.bit(u));
      }
      right = right.append(lower.slice(1, lower.width()));
    }
    Bits products = circuit.and(left, right);
    int each = (1 << lowerDepth) - 1;
    Bits all = new Bits();
    for (int u = 0; u < upper.width(); u++) {
      Bits row = products.slice(u * each, (u + 1) * each);
      List<Bits> whole = new ArrayList<>(List.of(upper.bit(u)));
      for (int v = 0; v < each; v++) {
        whole.add(row.bit(v));
      }
      // A row that is here comes to one of the leaves below.
      all = all.append(circuit.xorAll(whole)).append(row);
    }
    return all;
  }
}
