package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of small public tables at a shared index. Each bit of a table is a polynomial of the
 * index's bits over Z_2 (its algebraic normal form, Zhegalkin 1927, by the Moebius transform), so
 * it is the exclusive or of some of their products, which is local. The products are made once for
 * all tables of the index and all bits.
 *
 * <p>For k bits at most 2^k - k - 1 products in ceil(log2 k) rounds, only those that a table needs;
 * a table costs nothing more. Nothing is opened; the parties learn the tables, which are public,
 * and not where they are read.
 */
public final class Lookup {
  /** Bits of an index: a table of 4,096 values. */
  public static final int INDEX_BITS_MAX = 12;

  private final CircuitBuilder circuit;
  private final Bits index;
  private final Map<Integer, Bits> products = new HashMap<>();

  public Lookup(CircuitBuilder circuit, Bits index) {
    if (index.width() < 1 || index.width() > INDEX_BITS_MAX) {
      throw new IllegalArgumentException("index");
    }
    this.circuit = circuit;
    this.index = index;
  }

  /**
   * The code {@code table[index]}.
   *
   * @param table 2^k unsigned values
   * @param widthBits of the result, 1 to 64; higher bits of the values are ignored
   */
  public Bits value(long[] table, int widthBits) {
    if (table.length != 1 << index.width()) {
      throw new IllegalArgumentException("table");
    }
    long[] form = table.clone();
    for (int bit = 1; bit < form.length; bit *= 2) {
      for (int at = 0; at < form.length; at++) {
        if ((at & bit) != 0) {
          form[at] ^= form[at ^ bit];
        }
      }
    }
    Bits value = new Bits();
    for (int bit = 0; bit < widthBits; bit++) {
      List<Bits> terms = new ArrayList<>();
      for (int product = 1; product < form.length; product++) {
        if ((form[product] >>> bit & 1) == 1) {
          terms.add(product(product));
        }
      }
      Bits sum = circuit.xorAll(terms);
      value = value.append((form[0] >>> bit & 1) == 1 ? circuit.not(sum) : sum);
    }
    return value;
  }

  /** The product of the index's bits that are set in {@code factors}, by halves of them. */
  private Bits product(int factors) {
    Bits known = products.get(factors);
    if (known != null) {
      return known;
    }
    int count = Integer.bitCount(factors);
    Bits product;
    if (count == 1) {
      product = index.bit(Integer.numberOfTrailingZeros(factors));
    } else {
      int lower = 0;
      for (int i = 0; i < count / 2; i++) {
        lower |= Integer.lowestOneBit(factors & ~lower);
      }
      product = circuit.and(product(lower), product(factors & ~lower));
    }
    products.put(factors, product);
    return product;
  }
}
