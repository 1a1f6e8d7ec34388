package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Conjunctions, disjunctions and counts of bits, in as few rounds as their operands allow. */
public final class Logic {
  private Logic() {}

  /** Whether all bits are set: n-1 products in a tree. */
  public static Bits all(CircuitBuilder circuit, List<Bits> bits) {
    PriorityQueue<Bits> waiting = earliestFirst(circuit);
    waiting.addAll(bits);
    while (waiting.size() > 1) {
      waiting.add(circuit.and(waiting.remove(), waiting.remove()));
    }
    return waiting.remove();
  }

  /** Whether any bit is set: n-1 products in a tree. */
  public static Bits any(CircuitBuilder circuit, List<Bits> bits) {
    return circuit.not(all(circuit, bits.stream().map(circuit::not).toList()));
  }

  /**
   * Whether at least {@code count} of n bits are set. They are added up by full adders (Wallace
   * 1964), one product each, at most n of them; the sum's few bits are compared with the count.
   */
  public static Bits atLeast(CircuitBuilder circuit, int count, List<Bits> bits) {
    return Comparison.atLeast(circuit, count(circuit, bits), count);
  }

  /** The number of set bits as a code. */
  static Bits count(CircuitBuilder circuit, List<Bits> bits) {
    Map<Integer, PriorityQueue<Bits>> byWeight = new HashMap<>();
    byWeight.put(0, earliestFirst(circuit));
    byWeight.get(0).addAll(bits);
    var sum = new ArrayList<Bits>();
    for (int weight = 0; byWeight.containsKey(weight); weight++) {
      PriorityQueue<Bits> addends = byWeight.get(weight);
      while (addends.size() > 1) {
        Bits a = addends.remove();
        Bits b = addends.remove();
        Bits carry;
        if (addends.isEmpty()) {
          carry = circuit.and(a, b);
          addends.add(circuit.xor(a, b));
        } else {
          Bits c = addends.remove();
          Bits difference = circuit.xor(a, c);
          carry = circuit.xor(circuit.and(difference, circuit.xor(b, c)), c);
          addends.add(circuit.xor(difference, b));
        }
        byWeight.computeIfAbsent(weight + 1, _ -> earliestFirst(circuit)).add(carry);
      }
      sum.add(addends.remove());
    }
    return sum.stream().reduce(Bits::append).orElseThrow();
  }

  static PriorityQueue<Bits> earliestFirst(CircuitBuilder circuit) {
    // The value's number breaks ties, so that all parties write the same circuit.
    return new PriorityQueue<>(
        Comparator.<Bits>comparingInt(circuit::round).thenComparingInt(bit -> bit.value(0)));
  }
}
