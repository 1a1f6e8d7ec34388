package org.concordat.aggregator.evaluate;

/** What one aggregator holds of a model's secret values: components i and i+1, in their order. */
public final class ModelShares {
  private final long[] first;
  private final long[] second;

  /**
   * @param first component i of aggregator i
   * @param second component i+1 mod 3
   */
  public ModelShares(long[] first, long[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException("components of different length");
    }
    this.first = first.clone();
    this.second = second.clone();
  }

  int values() {
    return first.length;
  }

  long[] component(int position) {
    return position == 0 ? first : second;
  }

  @Override
  public String toString() {
    return "ModelShares[values=" + first.length + "]";
  }
}
