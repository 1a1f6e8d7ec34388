package org.concordat.aggregator.mpc.gadget;

import java.util.List;

/**
 * Oblivious choice: nobody learns which of two values a row took (PROTOCOLS 2.1, "Selection").
 * Nothing is opened; what the suite hides and tolerates holds here.
 */
public final class Selection {
  private Selection() {}

  /**
   * {@code chosen ? ifSet : ifClear} of two codes of equal width, as {@code ifClear ^ chosen &
   * (ifSet ^ ifClear)}. A product for each bit of the code, in one round.
   *
   * @param chosen one bit
   */
  public static Bits of(CircuitBuilder circuit, Bits chosen, Bits ifSet, Bits ifClear) {
    Bits everywhere = new Bits();
    for (int i = 0; i < ifSet.width(); i++) {
      everywhere = everywhere.append(chosen.bit(0));
    }
    Bits difference = circuit.xor(ifSet, ifClear);
    return circuit.xor(ifClear, circuit.and(everywhere, difference));
  }

  /**
   * {@code chosen ? ifSet : ifClear} of two numbers, as {@code ifClear + chosen * (ifSet -
   * ifClear)}. Three rounds: two that bring the bit to a number, one product; three words a row.
   */
  public static Word of(CircuitBuilder circuit, Bits chosen, Word ifSet, Word ifClear) {
    Word difference = circuit.linear(List.of(ifSet, ifClear), List.of(1L, -1L), 0);
    Word taken = masked(circuit, chosen, difference);
    return circuit.linear(List.of(ifClear, taken), List.of(1L, 1L), 0);
  }

  /** {@code chosen ? word : 0}. Cost of the choice between two numbers. */
  public static Word masked(CircuitBuilder circuit, Bits chosen, Word word) {
    return circuit.multiply(circuit.b2a(chosen.bit(0)), word);
  }
}
