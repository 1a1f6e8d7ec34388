package org.concordat.aggregator.mpc.gadget;

import java.util.List;

/**
 * Comparisons as carries: whether an addition carries out of its highest bit.
 *
 * <p>Each bit position generates a carry (g) or passes one on (p); neighbours combine as
 * (g,p)o(g',p') = (g ^ pg', pp') in a tree, as in ABY3 (Mohassel and Rindal, ePrint 2018/403) and
 * Dalskov, Escudero, Keller (ePrint 2020/1330). Over m positions that is 2(m-1) - ceil(log2 m)
 * products, since the lowest position never needs its p, in ceil(log2 m) rounds.
 */
public final class Comparison {
  private Comparison() {}

  /**
   * The bit {@code word < 0}: the highest of {@code widthBits} bits of the sum of the word's
   * components. Right only where -2^(widthBits-1) <= word < 2^(widthBits-1), which the plan's
   * compiler proves; higher bits of the components are ignored.
   *
   * <p>For l bits: l-1 carries, l-2 products for g (no carry enters bit 0), then the tree over l-2
   * positions; 2 + ceil(log2(l-2)) rounds. 64 bits: 241 products, 8 rounds; PROTOCOLS 3 counts bit
   * 0 too and has 3 more.
   */
  public static Bits negative(CircuitBuilder circuit, Word word, int widthBits) {
    if (widthBits < 1 || widthBits > 64) {
      throw new IllegalArgumentException("widthBits");
    }
    int top = widthBits - 1;
    Bits sum = circuit.componentSum(word, widthBits);
    if (widthBits == 1) {
      return sum;
    }
    Bits carry = circuit.carry(sum.slice(0, top));
    Bits highest = circuit.xor(sum.bit(top), carry.bit(top - 1));
    if (widthBits == 2) {
      return highest;
    }
    // Bit k of the second addend is the carry out of bit k-1; bit 0 of it is zero.
    Bits addend = carry.slice(0, top - 1);
    Bits generate = circuit.and(sum.slice(1, top), addend);
    Bits pass = circuit.xor(sum.slice(1, top), addend);
    return circuit.xor(highest, carryOut(circuit, generate, pass));
  }

  /**
   * The bit {@code word = 0 mod 2^widthBits}. Cortadella and Llaberia 1992: a + b = 0 exactly where
   * {@code (a ^ b) == ((a | b) << 1)}, with the components' sum and its carries as a and b; no
   * carry chain. For l bits: l-1 carries, l-2 products for the disjunction, l-1 in a tree; 2 +
   * ceil(log2 l) rounds. 64 bits: 188 products, 8 rounds.
   */
  public static Bits zero(CircuitBuilder circuit, Word word, int widthBits) {
    if (widthBits < 1 || widthBits > 64) {
      throw new IllegalArgumentException("widthBits");
    }
    Bits sum = circuit.componentSum(word, widthBits);
    if (widthBits == 1) {
      return circuit.not(sum);
    }
    // Bit 0 of the addend is zero; bit k is the carry out of bit k-1.
    Bits addend = circuit.carry(sum.slice(0, widthBits - 1));
    Bits inner = sum.slice(1, widthBits - 1);
    Bits below = addend.slice(0, widthBits - 2);
    Bits either =
        sum.bit(0).append(circuit.xor(circuit.xor(inner, below), circuit.and(inner, below)));
    Bits differs = circuit.xor(circuit.xor(sum.slice(1, widthBits), addend), either);
    return allOf(circuit, circuit.not(sum.bit(0).append(differs)));
  }

  /**
   * The bit {@code left < right} of two numbers whose difference fits {@code widthBits} bits with
   * its sign, which the plan's compiler proves. Cost of {@link #negative}.
   */
  public static Bits below(CircuitBuilder circuit, Word left, Word right, int widthBits) {
    return negative(circuit, difference(circuit, left, right), widthBits);
  }

  /** The bit {@code left = right mod 2^widthBits} of two numbers. Cost of {@link #zero}. */
  public static Bits equal(CircuitBuilder circuit, Word left, Word right, int widthBits) {
    return zero(circuit, difference(circuit, left, right), widthBits);
  }

  private static Word difference(CircuitBuilder circuit, Word left, Word right) {
    return circuit.linear(List.of(left, right), List.of(1L, -1L), 0);
  }

  /**
   * The bit {@code left = right} of two codes, the narrower one extended by zeros. For n and m bits
   * max(n, m) - 1 products in ceil(log2 max(n, m)) rounds.
   */
  public static Bits equal(CircuitBuilder circuit, Bits left, Bits right) {
    int common = Math.min(left.width(), right.width());
    Bits differs = circuit.xor(left.slice(0, common), right.slice(0, common));
    Bits longer = left.width() > common ? left : right;
    return allOf(circuit, circuit.not(differs.append(longer.slice(common, longer.width()))));
  }

  /**
   * The bit {@code from <= code <= to}, unsigned and inclusive. Whoever passes the upper bound
   * passes the lower one, so their exclusive or, which is local, is the answer: the cost of two
   * bounds of {@link Thresholds}.
   */
  public static Bits within(CircuitBuilder circuit, Bits code, long from, long to) {
    if (Long.compareUnsigned(from, to) > 0) {
      throw new IllegalArgumentException("an empty range");
    }
    var thresholds = new Thresholds(circuit, code);
    Bits reaches = thresholds.atLeast(from);
    return to == -1L ? reaches : circuit.xor(reaches, thresholds.atLeast(to + 1));
  }

  /** Whether all of a code's bits are set, halves at once: fewer operations than bit by bit. */
  private static Bits allOf(CircuitBuilder circuit, Bits code) {
    Bits all = code;
    while (all.width() > 1) {
      int half = all.width() / 2;
      Bits products = circuit.and(all.slice(0, half), all.slice(half, 2 * half));
      all = products.append(all.slice(2 * half, all.width()));
    }
    return all;
  }

  /**
   * The bit {@code code >= bound}, unsigned: for l bits at most 2(l-1) - ceil(log2 l) products in
   * ceil(log2 l) rounds, as {@link Thresholds} says, which also compares with several bounds.
   */
  public static Bits atLeast(CircuitBuilder circuit, Bits code, long bound) {
    return new Thresholds(circuit, code).atLeast(bound);
  }

  /**
   * The bit {@code left >= right}, unsigned, the narrower one extended by zeros. For n and m bits:
   * min(n, m) products, then the tree over max(n, m) positions; 1 + ceil(log2 max(n, m)) rounds.
   */
  public static Bits notBelow(CircuitBuilder circuit, Bits left, Bits right) {
    int common = Math.min(left.width(), right.width());
    Bits inverse = circuit.not(left);
    Bits generate = circuit.and(inverse.slice(0, common), right.slice(0, common));
    Bits pass = circuit.xor(inverse.slice(0, common), right.slice(0, common));
    if (left.width() > common) {
      Bits zero = circuit.constant(false);
      for (int i = common; i < left.width(); i++) {
        generate = generate.append(zero);
        pass = pass.append(inverse.bit(i));
      }
    }
    if (right.width() > common) {
      Bits higher = right.slice(common, right.width());
      generate = generate.append(higher);
      pass = pass.append(circuit.not(higher));
    }
    return circuit.not(carryOut(circuit, generate, pass));
  }

  /**
   * Whether the positions carry out, the lowest first: 2(m-1) - ceil(log2 m) products.
   *
   * @param pass of the lowest any plane
   */
  static Bits carryOut(CircuitBuilder circuit, Bits generate, Bits pass) {
    Bits g = generate;
    Bits p = pass;
    while (g.width() > 1) {
      int pairs = g.width() / 2;
      int paired = 2 * pairs;
      Bits upperPass = p.everySecond(1, paired);
      Bits products =
          circuit.and(
              upperPass.append(upperPass.slice(1, pairs)),
              g.everySecond(0, paired).append(p.everySecond(2, paired)));
      Bits combined = circuit.xor(g.everySecond(1, paired), products.slice(0, pairs));
      // The lowest p is never read; any plane keeps its place.
      Bits passed = p.bit(0).append(products.slice(pairs, 2 * pairs - 1));
      g = combined.append(g.slice(paired, g.width()));
      p = passed.append(p.slice(paired, p.width()));
    }
    return g;
  }
}
