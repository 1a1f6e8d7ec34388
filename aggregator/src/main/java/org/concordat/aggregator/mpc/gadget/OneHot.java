package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A code as one bit for each of its values, of which one is set. Halves of the code are decoded
 * each for itself; the products of their bits are the whole's, but for those that follow: over the
 * values of one half they add up to the other half's bit. Launchbury, Diatchki, DuBuisson,
 * Adams-Moran, "Efficient Lookup-Table Protocol in Secure Multiparty Computation" (ICFP 2012)
 * decode so for tables.
 *
 * <p>For l bits 2^l - l - 1 products in ceil(log2 l) rounds. Nothing is opened.
 */
final class OneHot {
  private OneHot() {}

  /**
   * The bits {@code code = v} for each v.
   *
   * @param condition where it is 0 none of them is set; null for none. It costs what one more bit
   *     of the code would, less what only its other value needs
   */
  static Bits of(CircuitBuilder circuit, Bits code, @Nullable Bits condition) {
    if (code.width() == 0) {
      return condition == null ? circuit.constant(true) : condition;
    }
    if (code.width() == 1) {
      if (condition == null) {
        return circuit.not(code).append(code);
      }
      Bits set = circuit.and(condition, code);
      return circuit.xor(condition, set).append(set);
    }
    int lowBits = code.width() - code.width() / 2;
    Bits low = of(circuit, code.slice(0, lowBits), null);
    Bits high = of(circuit, code.slice(lowBits, code.width()), condition);
    // Without a condition the first row follows from the others, as the first column does.
    int firstRow = condition == null ? 1 : 0;
    Bits left = new Bits();
    Bits right = new Bits();
    for (int u = firstRow; u < high.width(); u++) {
      for (int v = 1; v < low.width(); v++) {
        left = left.append(high.bit(u));
        right = right.append(low.bit(v));
      }
    }
    Bits products = circuit.and(left, right);
    int columns = low.width() - 1;
    List<Bits> rows = new ArrayList<>();
    for (int u = firstRow; u < high.width(); u++) {
      rows.add(products.slice((u - firstRow) * columns, (u - firstRow + 1) * columns));
    }
    if (condition == null) {
      rows.addFirst(rest(circuit, low.slice(1, low.width()), rows));
    }
    Bits all = new Bits();
    for (int u = 0; u < high.width(); u++) {
      List<Bits> row = new ArrayList<>(List.of(high.bit(u)));
      for (int v = 0; v < columns; v++) {
        row.add(rows.get(u).bit(v));
      }
      all = all.append(circuit.xorAll(row)).append(rows.get(u));
    }
    return all;
  }

  /** What is left of some bits without those of some rows. */
  private static Bits rest(CircuitBuilder circuit, Bits whole, List<Bits> rows) {
    Bits rest = new Bits();
    for (int v = 0; v < whole.width(); v++) {
      List<Bits> column = new ArrayList<>(List.of(whole.bit(v)));
      for (Bits row : rows) {
        column.add(row.bit(v));
      }
      rest = rest.append(circuit.xorAll(column));
    }
    return rest;
  }
}
