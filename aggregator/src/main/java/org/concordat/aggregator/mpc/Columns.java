package org.concordat.aggregator.mpc;

/**
 * The shared columns that one party works on: per held component a file of slots, each a {@code
 * long[]} with one word for every 64 rows.
 *
 * <p>A <i>bit plane</i> is one slot: row r in bit {@code r % 64} of word {@code r / 64}. An
 * <i>arithmetic column</i> is 64 consecutive slots, its lanes: row r is word {@code r / 64} of lane
 * {@code r % 64}. So every loop of the core runs over the words of whole slots, which the compiler
 * vectorises, and 64 lanes are a bit matrix that turns into planes without moving words about.
 */
public final class Columns {
  /** Lanes of an arithmetic column, and rows of a word. */
  public static final int LANES = 64;

  private final long[][][] components;
  private final int capacityWords;
  private long[][] scratch = new long[0][0];
  private long[][] tables = new long[0][0];
  private int words;

  /**
   * @param components held by a party
   * @param capacityWords words of a slot, at most
   */
  public Columns(int components, int slots, int capacityWords) {
    this.components = new long[components][slots][capacityWords];
    this.capacityWords = capacityWords;
    this.words = capacityWords;
  }

  /** Words of every slot that are in use. */
  public int words() {
    return words;
  }

  public int capacityWords() {
    return capacityWords;
  }

  public int slots() {
    return components[0].length;
  }

  /** Uses the first {@code words} of every slot; their content stays. */
  public void resize(int words) {
    if (words < 1 || words > capacityWords) {
      throw new IllegalArgumentException("words");
    }
    this.words = words;
  }

  /** The slots of the component at a position, from 0, of those that this party holds. */
  public long[][] component(int position) {
    return components[position];
  }

  /**
   * Sets the bits that are the same in every row.
   *
   * @param components by position the packed bits, bit i in bit {@code i % 64} of word {@code i /
   *     64}; not copied
   */
  public void tables(long[][] components) {
    if (components.length != this.components.length) {
      throw new IllegalArgumentException("components");
    }
    this.tables = components;
  }

  /** Bits that are the same in every row, of the component at a position. */
  public long[] table(int position) {
    return tables[position];
  }

  /** As many arrays as a column has lanes, for whoever works on these columns; any content. */
  public long[][] scratch() {
    if (scratch.length == 0) {
      scratch = new long[LANES][capacityWords];
    }
    return scratch;
  }

  @Override
  public String toString() {
    return "Columns[components="
        + components.length
        + ", slots="
        + slots()
        + ", words="
        + words
        + "]";
  }
}
