package org.concordat.aggregator.evaluate;

import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.RunningAnd;
import org.concordat.rules.link.LinkColumns;

/** Adds up weights of places in runs until which any pair is equal. */
final class Disjunctions {
  private final BitWords bitWords;
  private final OrderedPairs ordered;

  Disjunctions(BitWords bitWords, OrderedPairs ordered) {
    this.bitWords = bitWords;
    this.ordered = ordered;
  }

  /**
   * Adds them to the columns.
   *
   * @param equal by position, a bit for each pair
   */
  void add(Suite suite, Steps steps, String path, long[][] equal, LinkColumns columns) {
    int size = ordered.size();
    var none = new Columns(suite.held(), RunningAnd.SLOTS, HiddenMatching.words(size));
    for (int position = 0; position < suite.held(); position++) {
      // The inverse: none until here is equal.
      long inverse = suite.component(position) == 0 ? 1 : 0;
      long[] plane = none.component(position)[0];
      for (int i = 0; i < size; i++) {
        plane[i / Columns.LANES] |= (bit(equal[position], ordered.pair(i)) ^ inverse) << i;
      }
    }
    RunningAnd.over(suite, steps, path + "/none", none, ordered.places());
    int[] weighed = new int[size];
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (ordered.weight(i) != 0) {
        weighed[count++] = i;
      }
    }
    if (count == 0) {
      return;
    }
    long[][] any = new long[suite.held()][HiddenMatching.words(count)];
    for (int position = 0; position < suite.held(); position++) {
      long inverse = suite.component(position) == 0 ? 1 : 0;
      long[] plane = none.component(position)[0];
      for (int i = 0; i < count; i++) {
        any[position][i / Columns.LANES] |= (bit(plane, weighed[i]) ^ inverse) << i;
      }
    }
    long[][] numbers = bitWords.of(suite, steps, path + "/any", any, count);
    for (int position = 0; position < suite.held(); position++) {
      for (int i = 0; i < count; i++) {
        int at = weighed[i];
        columns.shared(position, ordered.column(at))[ordered.row(at)] +=
            ordered.weight(at) * numbers[position][i];
      }
    }
  }

  private static long bit(long[] plane, int index) {
    return plane[index / Columns.LANES] >>> index & 1;
  }

  @Override
  public String toString() {
    return "Disjunctions[pairs=" + ordered.size() + "]";
  }
}
