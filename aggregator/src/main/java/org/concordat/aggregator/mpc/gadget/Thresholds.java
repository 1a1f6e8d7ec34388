package org.concordat.aggregator.mpc.gadget;

import java.util.HashMap;
import java.util.Map;

/**
 * Comparisons of one code with many public bounds, which share what they have in common.
 *
 * <p>A code c is cut into an upper and a lower half, u and v, and a bound b likewise into b' and
 * b": c >= b where u > b', or u = b' and v >= b". These exclude each other, so the disjunction is
 * an exclusive or, and u > b' is u >= b'+1, u = b' is (u >= b') ^ (u >= b'+1): two smaller
 * comparisons of the same kind and one product. Each comparison of a part is made once. For one
 * bound on l bits that is the carry tree of {@link Comparison}: 2(l-1) - ceil(log2 l) products at
 * most; for all 2^l bounds little more than one product a bound. ceil(log2 l) rounds.
 */
public final class Thresholds {
  private record Part(int from, int to, long bound) {}

  private final CircuitBuilder circuit;
  private final Bits code;
  private final Map<Part, Bits> found = new HashMap<>();

  public Thresholds(CircuitBuilder circuit, Bits code) {
    this.circuit = circuit;
    this.code = code;
  }

  /** The bit {@code code >= bound}, unsigned; free where the bound decides alone. */
  public Bits atLeast(long bound) {
    int width = code.width();
    if (bound == 0) {
      return circuit.constant(true);
    }
    if (width < 64 && bound >>> width != 0) {
      return circuit.constant(false);
    }
    return of(new Part(0, width, bound));
  }

  /** A bound above 0 that the part's bits can reach. */
  private Bits of(Part part) {
    Bits known = found.get(part);
    if (known != null) {
      return known;
    }
    Bits result = part.to - part.from == 1 ? code.bit(part.from) : inHalves(part);
    found.put(part, result);
    return result;
  }

  private Bits inHalves(Part part) {
    int middle = (part.from + part.to) / 2;
    int upperWidth = part.to - middle;
    int lowerWidth = middle - part.from;
    long upper = part.bound >>> lowerWidth;
    long lower = part.bound & ((1L << lowerWidth) - 1);
    if (lower == 0) {
      return of(new Part(middle, part.to, upper));
    }
    Bits reaches = of(new Part(part.from, middle, lower));
    boolean isLast = upper == (1L << upperWidth) - 1;
    if (isLast) {
      // Nothing is above: the upper half has to be all ones.
      return circuit.and(of(new Part(middle, part.to, upper)), reaches);
    }
    Bits above = of(new Part(middle, part.to, upper + 1));
    Bits equal =
        upper == 0 ? circuit.not(above) : circuit.xor(above, of(new Part(middle, part.to, upper)));
    return circuit.xor(above, circuit.and(equal, reaches));
  }
}
