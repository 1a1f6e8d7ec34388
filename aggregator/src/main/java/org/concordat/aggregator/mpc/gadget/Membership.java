package org.concordat.aggregator.mpc.gadget;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a code is one of a public set's; sets share what they have in common. The code is cut in
 * halves; the set becomes a few pairs (upper halves, lower halves) such that every lower half of
 * the pair goes with every upper one. The upper halves of different pairs differ, so at most one
 * pair holds and their disjunction is an exclusive or, which is local. Each half is a smaller
 * membership, found once.
 *
 * <p>For n codes of l bits: at most n products for each cut, far fewer where the set has structure;
 * ceil(log2 l) rounds.
 */
public final class Membership {
  private record Part(int from, int to, Set<Long> codes) {}

  private final CircuitBuilder circuit;
  private final Bits code;
  private final Map<Part, Bits> found = new HashMap<>();

  public Membership(CircuitBuilder circuit, Bits code) {
    this.circuit = circuit;
    this.code = code;
  }

  /** The bit {@code code in values}; values that the code is too narrow for don't count. */
  public Bits in(List<Long> values) {
    int width = code.width();
    var fitting = new TreeSet<Long>();
    for (long value : values) {
      if (width == 64 || value >>> width == 0) {
        fitting.add(value);
      }
    }
    if (fitting.isEmpty()) {
      return circuit.constant(false);
    }
    var whole = new Part(0, width, fitting);
    return isFull(whole) ? circuit.constant(true) : in(whole);
  }

  private static boolean isFull(Part part) {
    int width = part.to - part.from;
    return width < 31 && part.codes.size() == 1 << width;
  }

  /** Neither empty nor full. */
  private Bits in(Part part) {
    Bits known = found.get(part);
    if (known != null) {
      return known;
    }
    Bits result;
    if (part.to - part.from == 1) {
      Bits bit = code.bit(part.from);
      result = part.codes.contains(1L) ? bit : circuit.not(bit);
    } else {
      result = inHalves(part);
    }
    found.put(part, result);
    return result;
  }

  private Bits inHalves(Part part) {
    int middle = (part.from + part.to) / 2;
    int lowerWidth = middle - part.from;
    var lowerByUpper = new LinkedHashMap<Long, Set<Long>>();
    for (long value : part.codes) {
      long lower = value & ((1L << lowerWidth) - 1);
      lowerByUpper.computeIfAbsent(value >>> lowerWidth, _ -> new TreeSet<>()).add(lower);
    }
    var upperByLower = new LinkedHashMap<Set<Long>, Set<Long>>();
    lowerByUpper.forEach(
        (upper, lower) -> upperByLower.computeIfAbsent(lower, _ -> new TreeSet<>()).add(upper));
    Bits result = null;
    for (var pair : upperByLower.entrySet()) {
      var lower = new Part(part.from, middle, pair.getKey());
      var upper = new Part(middle, part.to, pair.getValue());
      Bits term;
      if (isFull(lower)) {
        term = in(upper);
      } else if (isFull(upper)) {
        term = in(lower);
      } else {
        term = circuit.and(in(upper), in(lower));
      }
      result = result == null ? term : circuit.xor(result, term);
    }
    if (result == null) {
      throw new IllegalStateException("an empty set has no pair");
    }
    return result;
  }
}
