package org.concordat.aggregator.evaluate;

/**
 * What the token stage gives of a batch's rows, in commit order: pseudonyms, which all aggregators
 * know alike, and this party's components of the admitted values, then, where entities are hidden,
 * of what their records are compared by. Prints nothing of them.
 */
public final class Tokens {
  private final long[][] pseudonyms;
  private final long[][][] values;

  Tokens(int entities, int components, int values, int rows) {
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

  @Override
  public String toString() {
    return "Tokens[entities=" + pseudonyms.length + "]";
  }
}
