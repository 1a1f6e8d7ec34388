package org.concordat.rules.plan;

import java.util.List;

/**
 * The public shape of a secret tree ensemble, and where in its secret bits what stands.
 *
 * <p>Each tree is complete: an inner node i has the children 2i+1, to which 1 goes, and 2i+2. A
 * node sees every feature's code in <i>digits</i> of a few bits, the highest first; to one digit of
 * all codes belong the <i>inputs</i> {@code digit = v} for each code and each of its values v, of
 * which one is 1, and for the highest digit of an optional code its missing bit, with which all
 * values of that digit are 0. A node has two rows of bits over a digit's inputs, but one over the
 * last digit's: the exclusive or of those at inputs that are 1 says whether the digit sends the row
 * left, and whether that is left to the digits below. So one secret row holds which feature the
 * node looks at, its bound or set of categories, and where missing values go. A tree's leaves are
 * rows over its leaves' indicators, one for each bit of a value.
 *
 * @param depth tests on the way to a leaf
 * @param leafBits of a leaf's unsigned value
 * @param digitBits of the widest digit, 1 to {@link #DIGIT_BITS_MAX}; a missing bit counts as one
 */
public record TreeTables(int trees, int depth, int leafBits, int digitBits, List<Code> codes) {
  public static final int DIGIT_BITS_MAX = 8;

  /** Bits of one ensemble; two components of them fit a message on the bus. */
  public static final int BITS_MAX = 1 << 21;

  /** Rows of all nodes together, each of which is a bit of a flight. */
  static final int ROWS_MAX = 1 << 17;

  public TreeTables {
    codes = List.copyOf(codes);
  }

  /** A feature's code. */
  public record Code(int widthBits, boolean optional) {
    int items() {
      return widthBits + (optional ? 1 : 0);
    }
  }

  /** Inner nodes of all trees. */
  public int nodes() {
    return trees * ((1 << depth) - 1);
  }

  /** Digits of the longest code. */
  public int digits() {
    return codes.stream().mapToInt(this::digits).max().orElseThrow();
  }

  /** A code's digits, which are as even as can be. */
  public int digits(Code code) {
    return (code.items() + digitBits - 1) / digitBits;
  }

  /** Bits of a code's digit, 0 the highest; that of an optional code may have none. */
  public int digitWidth(Code code, int digit) {
    int count = digits(code);
    int width = code.items() / count + (digit < code.items() % count ? 1 : 0);
    return digit == 0 && code.optional() ? width - 1 : width;
  }

  /** Whether a digit has an input for its code's missing bit. */
  public static boolean hasMissing(Code code, int digit) {
    return digit == 0 && code.optional();
  }

  /** Inputs of a digit that belong to a code: none where the code has fewer digits. */
  public int inputs(Code code, int digit) {
    if (digit >= digits(code)) {
      return 0;
    }
    return (1 << digitWidth(code, digit)) + (hasMissing(code, digit) ? 1 : 0);
  }

  /** Inputs of a digit: those of each code in turn, the missing bit last. */
  public int inputs(int digit) {
    return codes.stream().mapToInt(code -> inputs(code, digit)).sum();
  }

  /** Rows of a node over a digit: whether it goes left, then whether that is open. */
  public int rows(int digit) {
    return digit + 1 < digits() ? 2 : 1;
  }

  /** Rows of a node over all digits. */
  public int rows() {
    return 2 * digits() - 1;
  }

  /** The first bit of the rows over a digit: node by node, each {@link #rows(int)}. */
  public long offset(int digit) {
    long offset = 0;
    for (int before = 0; before < digit; before++) {
      offset += (long) nodes() * rows(before) * inputs(before);
    }
    return offset;
  }

  /** The first bit of a tree's leaves: a row over all leaves for each bit, the lowest first. */
  public long leafOffset(int tree) {
    return offset(digits()) + (long) tree * leafBits * (1 << depth);
  }

  public long bits() {
    return leafOffset(trees);
  }

  /** Words that hold the bits, bit i in bit {@code i % 64} of word {@code i / 64}. */
  public int words() {
    return Math.toIntExact((bits() + Long.SIZE - 1) / Long.SIZE);
  }

  /** Bits of a flight that a row takes. */
  long selections() {
    return (long) nodes() * rows();
  }

  boolean fits() {
    return bits() <= BITS_MAX && selections() <= ROWS_MAX;
  }

  /** Products of a row that depend on the width of digits. */
  private long products() {
    int digits = digits();
    int rounds = Integer.SIZE - Integer.numberOfLeadingZeros(digits - 1);
    long products = (long) nodes() * (rows() + 2L * (digits - 1) - rounds);
    for (Code code : codes) {
      for (int digit = 0; digit < digits(code); digit++) {
        products += 1L << digitWidth(code, digit);
      }
    }
    return products;
  }

  /** The one among some that fits and takes the fewest products; the first if none fits. */
  static TreeTables cheapest(int trees, int depth, int leafBits, List<Code> codes) {
    var best = new TreeTables(trees, depth, leafBits, 1, codes);
    for (int digitBits = 2; digitBits <= DIGIT_BITS_MAX; digitBits++) {
      var next = new TreeTables(trees, depth, leafBits, digitBits, codes);
      boolean isBetter = !best.fits() || next.products() < best.products();
      if (next.fits() && isBetter) {
        best = next;
      }
    }
    return best;
  }
}
