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
   * Rows of shared bits, which are the same for every lane, over planes: {@code selected[k][r]} is
   * the exclusive or over j of {@code planes[k][j]} and bit {@code offsets[k] + r *
   * planes[k].length + j} of the columns' tables. As large as {@link #and}'s flight for the planes
   * that are selected, however many there are to select from. Takes the same time whatever the
   * shares are.
   */
  Flight select(Step step, Columns columns, int[][] planes, long[] offsets, int[][] selected);

  /**
   * The carries of adding a value's components bit by bit. Plane {@code bits[k]} holds one bit of
   * an arithmetic value's components; as a Boolean sharing it is their sum without carry, and
   * {@code carries[k]} becomes the carry into the next higher bit.
   */
  Flight carry(Step step, Columns columns, int[] bits, int[] carries);

  /** Row by row: {@code product[k] = left[k] * right[k] mod 2^64}, for lanes. */
  Flight multiply(Step step, Columns columns, int[] left, int[] right, int[] product);

  /**
   * Row by row: {@code product[k] = sum over j of left[k][j] * right[k][j] mod 2^64}, for lanes. As
   * large as {@link #multiply}'s flight, however many terms a sum has.
   *
   * @param left at least one term a product, as many as {@code right} has
   */
  Flight dot(Step step, Columns columns, int[][] left, int[][] right, int[] product);

  /**
   * First of two rounds from Boolean to arithmetic: column {@code targets[k]} (its first lane)
   * becomes the code of the planes {@code codes[k]}, lowest first, in an unfinished form that only
   * {@link #endB2a} reads.
   */
  Flight beginB2a(Step step, Columns columns, int[][] codes, int[] targets);

  Flight endB2a(Step step, Columns columns, int[] targets);

  /**
   * Fresh components of the same bits, for a reader outside who gets all of them: how a value is
   * opened to an outsider. The reader gets each component from all who hold it and compares; it
   * learns the bits and nothing of how they came about, since the components are uniform but for
   * their sum. The parties learn nothing. Where the suite {@link #verifies}, hand the shares on
   * only after the attempt's products are verified.
   */
  Flight reshareBits(Step step, Columns columns, int[] slots);

  /** Fresh components of the same words, else as {@link #reshareBits}. */
  Flight reshareWords(Step step, Columns columns, int[] slots);

  /** Fills planes with bits that no party knows. Sends nothing. */
  void randomBits(Step step, Columns columns, int[] planes);

  /**
   * Compares what the holders of each component have in these slots, by hashes.
   *
   * <p>A peer that holds another copy gets a hash of this party's: only for components that can't
   * be guessed from one.
   */
  Flight compareHeld(Step step, Columns columns, int[] slots);

  /**
   * Puts a table's rows, in place, into an order that no party knows, and makes their components
   * fresh. How many rows there are is public. Takes steps and rounds of its own and returns when
   * they are over.
   */
  void shuffle(Steps steps, String path, SharedTable table);

  /** Compares words that all parties are to know alike, by hashes. */
  Flight compareKnown(Step step, long[] words);

  /**
   * Opens planes to all parties: {@code opened} gets {@code columns.words()} words a plane. First
   * verifies every product of the attempt where the suite {@link #verifies}; the copies that arrive
   * are compared before they are used.
   */
  Flight openBits(Step step, Columns columns, int[] planes, long[] opened);

  /** Opens lanes to all parties, else as {@link #openBits}. */
  Flight openWords(Step step, Columns columns, int[] lanes, long[] opened);

  /**
   * Opens planes to one party, else as {@link #openBits}: all parties call it, the others learn
   * nothing and their {@code opened} stays as it is.
   */
  Flight openBitsTo(int reader, Step step, Columns columns, int[] planes, long[] opened);

  /** Opens lanes to one party, else as {@link #openBitsTo}. */
  Flight openWordsTo(int reader, Step step, Columns columns, int[] lanes, long[] opened);
}
