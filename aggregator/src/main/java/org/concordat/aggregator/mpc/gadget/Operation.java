package org.concordat.aggregator.mpc.gadget;

/**
 * One operation of a circuit on values, which become slots when the circuit is built.
 *
 * @param in operands; of two-sided operations all left ones, then all right ones
 * @param weights of {@link Kind#LINEAR}, one an operand, else empty
 * @param constant of {@link Kind#LINEAR} and {@link Kind#CONSTANT}; of {@link Kind#SELECT} the
 *     first bit of the tables
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the arrays stay in this package
record Operation(Kind kind, int[] in, int[] out, long[] weights, long constant) {
  enum Kind {
    /** Planes. */
    XOR,
    /** All planes to one. */
    XOR_ALL,
    NOT,
    /** One plane of equal public bits. */
    CONSTANT,
    /** A public weighted sum of columns. */
    LINEAR,
    /**
     * The low planes of each component of a column: a local relabelling, not yet the value's bits.
     */
    COMPONENT_BITS,
    AND,
    /** Planes, chosen by rows of table bits that begin at the constant. */
    SELECT,
    CARRY,
    /** Columns, row by row. */
    MULTIPLY,
    /** The sum of columns' products, row by row. */
    DOT,
    /** As {@link #DOT}; the right operands are scalars, whose one slot stands for every lane. */
    WEIGHTED,
    /** Planes, lowest first, to a column; takes two rounds. */
    B2A;
  }

  static Operation of(Kind kind, int[] in, int[] out) {
    return new Operation(kind, in, out, new long[0], 0);
  }

  Operation at(int[] slots) {
    return new Operation(kind, map(in, slots), map(out, slots), weights, constant);
  }

  private static int[] map(int[] values, int[] slots) {
    int[] mapped = new int[values.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = slots[values[i]];
    }
    return mapped;
  }
}
