package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Sums of Boolean codes without leaving the Boolean domain. Full adders of one product each turn
 * three bits of a weight into one of it and one of the next (Wallace 1964), earliest bits first,
 * until two are left; then one addition with carries in parallel (Sklansky 1960).
 */
public final class Sums {
  private Sums() {}

  /**
   * The sum of unsigned codes modulo 2^widthBits. For n codes of l bits about nl products and
   * log1.5(n/2) rounds, then at most l log2(l) products and 1 + ceil(log2 l) rounds.
   */
  public static Bits of(CircuitBuilder circuit, List<Bits> codes, int widthBits) {
    List<PriorityQueue<Bits>> byWeight = new ArrayList<>();
    for (int weight = 0; weight < widthBits; weight++) {
      byWeight.add(Logic.earliestFirst(circuit));
    }
    for (Bits code : codes) {
      for (int weight = 0; weight < Math.min(code.width(), widthBits); weight++) {
        byWeight.get(weight).add(code.bit(weight));
      }
    }
    List<Bits> rows = carrySave(circuit, byWeight);
    return add(circuit, rows.get(0), rows.get(1));
  }

  /** Level by level, so that carries of a level are reduced with what is left of the next. */
  private static List<Bits> carrySave(CircuitBuilder circuit, List<PriorityQueue<Bits>> byWeight) {
    while (byWeight.stream().anyMatch(addends -> addends.size() > 2)) {
      List<List<Bits>> next = new ArrayList<>();
      byWeight.forEach(addends -> next.add(new ArrayList<>()));
      for (int weight = 0; weight < byWeight.size(); weight++) {
        PriorityQueue<Bits> addends = byWeight.get(weight);
        while (addends.size() > 2) {
          Bits a = addends.remove();
          Bits b = addends.remove();
          Bits c = addends.remove();
          Bits difference = circuit.xor(a, c);
          next.get(weight).add(circuit.xor(difference, b));
          if (weight + 1 < byWeight.size()) {
            Bits carry = circuit.xor(circuit.and(difference, circuit.xor(b, c)), c);
            next.get(weight + 1).add(carry);
          }
        }
      }
      for (int weight = 0; weight < byWeight.size(); weight++) {
        byWeight.get(weight).addAll(next.get(weight));
      }
    }
    Bits zero = circuit.constant(false);
    Bits first = new Bits();
    Bits second = new Bits();
    for (PriorityQueue<Bits> addends : byWeight) {
      first = first.append(addends.isEmpty() ? zero : addends.remove());
      second = second.append(addends.isEmpty() ? zero : addends.remove());
    }
    return List.of(first, second);
  }

  /** The sum of two codes of equal width, modulo 2^width. */
  public static Bits add(CircuitBuilder circuit, Bits left, Bits right) {
    int width = left.width();
    if (width == 1) {
      return circuit.xor(left, right);
    }
    Bits half = circuit.xor(left, right);
    // The carry out of the highest bit isn't wanted.
    Bits[] generate = bits(circuit.and(left.slice(0, width - 1), right.slice(0, width - 1)));
    Bits[] pass = bits(half.slice(0, width - 1));
    for (int distance = 1; distance < generate.length; distance *= 2) {
      List<Integer> positions = new ArrayList<>();
      for (int at = 0; at < generate.length; at++) {
        if ((at & distance) != 0) {
          positions.add(at);
        }
      }
      combine(circuit, generate, pass, positions, distance);
    }
    Bits carries = circuit.constant(false);
    for (Bits carry : generate) {
      carries = carries.append(carry);
    }
    return circuit.xor(half, carries);
  }

  private static void combine(
      CircuitBuilder circuit, Bits[] generate, Bits[] pass, List<Integer> positions, int distance) {
    for (int at : positions) {
      int below = (at & -(2 * distance)) + distance - 1;
      generate[at] = circuit.xor(generate[at], circuit.and(pass[at], generate[below]));
      // A group that starts at bit 0 passes nothing on that anybody reads.
      if (below >= distance) {
        pass[at] = circuit.and(pass[at], pass[below]);
      }
    }
  }

  private static Bits[] bits(Bits code) {
    Bits[] bits = new Bits[code.width()];
    Arrays.setAll(bits, code::bit);
    return bits;
  }
}
