package org.concordat.aggregator.mpc;

/**
 * A way to share values among the parties and to compute on the shares, as one party sees it during
 * one attempt. Rules and pipeline don't know which one runs.
 *
 * <p>Each operation sends its flight and returns; {@link Flight#await} completes it. So operations
 * that don't depend on each other share one round. Slots are those of {@link Columns}; results may
 * not overlap operands. Steps ascend; each is used once. Used by one thread, for one attempt.
 */
public interface Suite {
  /** As the charter writes it. */
  String name();

  int party();

  int parties();

  /** Components of a value that a party holds. */
  int held();

  /** Which component stands at a position, from 0, of this party's columns. */
  int component(int position);

  /** Whether every product is verified before anything that depends on it is opened. */
  boolean verifies();

  /** Bit by bit: {@code product[k] = left[k] & right[k]}, for planes. */
  Flight and(Step step, Columns columns, int[] left, int[] right, int[] product);

  /**
   * The carries of adding a value's components bit by bit. Plane {@code bits[k]} holds one bit of
   * an arithmetic value's components; as a Boolean sharing it is their sum without carry, and
   * {@code carries[k]} becomes the carry into the next higher bit.
   */
  Flight carry(Step step, Columns columns, int[] bits, int[] carries);

  /** Row by row: {@code product[k] = left[k] * right[k] mod 2^64}, for lanes. */
  Flight multiply(Step step, Columns columns, int[] left, int[] right, int[] product);

  /**
   * First of two rounds from Boolean to arithmetic: column {@code targets[k]} (its first lane)
   * becomes the code of the planes {@code codes[k]}, lowest first, in an unfinished form that only
   * {@link #endB2a} reads.
   */
  Flight beginB2a(Step step, Columns columns, int[][] codes, int[] targets);

  Flight endB2a(Step step, Columns columns, int[] targets);

  /** Fresh components of the same bits, for a reader who gets all of them. */
  Flight reshareBits(Step step, Columns columns, int[] slots);

  /** Fresh components of the same words, for a reader who gets all of them. */
  Flight reshareWords(Step step, Columns columns, int[] slots);

  /**
   * Opens planes to all parties: {@code opened} gets {@code columns.words()} words a plane. First
   * verifies every product of the attempt where the suite {@link #verifies}; the copies that arrive
   * are compared before they are used.
   */
  Flight openBits(Step step, Columns columns, int[] planes, long[] opened);

  /** Opens lanes to all parties, else as {@link #openBits}. */
  Flight openWords(Step step, Columns columns, int[] lanes, long[] opened);
}
