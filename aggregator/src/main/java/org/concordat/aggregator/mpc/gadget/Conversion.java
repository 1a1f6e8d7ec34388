package org.concordat.aggregator.mpc.gadget;

/** From arithmetic to Boolean sharing. */
public final class Conversion {
  private Conversion() {}

  /**
   * The low {@code widthBits} bits of a word, as planes: the number modulo 2^widthBits in two's
   * complement. Mohassel and Rindal, "ABY3" (ePrint 2018/403), section 5.3: each component's bits
   * are a Boolean sharing without a message, one round of full adders turns three addends into two,
   * then one addition with carries in parallel (Sklansky 1960), of which only what is wanted is
   * kept.
   *
   * <p>For l bits l-1 carries and about l log2(l) products; 2 + ceil(log2(l-2)) rounds. 64 bits:
   * 426 products, those of carries among them, 8 rounds. What the suite hides and tolerates holds
   * here: nothing is opened.
   */
  public static Bits a2b(CircuitBuilder circuit, Word word, int widthBits) {
    if (widthBits < 1 || widthBits > 64) {
      throw new IllegalArgumentException("widthBits");
    }
    Bits sum = circuit.componentSum(word, widthBits);
    if (widthBits == 1) {
      return sum;
    }
    // The second addend's bit 0 is zero: bit 0 is the sum's own, and no carry enters bit 1.
    Bits addend = circuit.carry(sum.slice(0, widthBits - 1));
    return sum.bit(0).append(Sums.add(circuit, sum.slice(1, widthBits), addend));
  }
}
