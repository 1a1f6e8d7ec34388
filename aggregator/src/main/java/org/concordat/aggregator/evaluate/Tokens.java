package org.concordat.aggregator.evaluate;

/**
 * What the token stage gives of a batch's rows, in commit order: pseudonyms, which all aggregators
 * know alike, and this party's components of the admitted values, then, where entities are hidden,
 * of what their records are compared by, and of hashes that are kept. Prints nothing of them.
 */
public final class Tokens {
  private final long[][] pseudonyms;
  private final long[][][] values;
  private final long[][][] hashes;

  /**
   * @param hashes by component, two words of each entity field, and row; nothing where none is kept
   */
  Tokens(int entities, int components, int values, int rows, long[][][] hashes) {
    this.hashes = hashes;
    this.pseudonyms = new long[entities][rows];
    this.values = new long[components][values][rows];
  }

  /** By entity field and row; not a copy. */
  public long[][] pseudonyms() {
    return pseudonyms;
  }

  /** By component, value and row; not a copy. */
  public long[][][] values() {
    return values;
  }

  /** By component, two words of each entity field, and row; not a copy. Empty where not kept. */
  public long[][][] hashes() {
    return hashes;
  }

  @Override
  public String toString() {
    return "Tokens[entities=" + pseudonyms.length + "]";
  }
}
