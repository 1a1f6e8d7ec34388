package org.concordat.rules.explain;

import java.util.HashMap;
import java.util.Map;

/**
 * Products and rounds of comparing one code with public bounds, as the engine does it: by halves,
 * each comparison of a part once.
 */
final class ThresholdCost {
  private record Part(int from, int to, long bound) {}

  private final int[] readyAfter;
  private final Map<Part, Integer> found = new HashMap<>();
  private int ands;

  /**
   * @param readyAfter by bit of the code, lowest first: the round after which it is there
   */
  ThresholdCost(int[] readyAfter) {
    this.readyAfter = readyAfter;
  }

  int ands() {
    return ands;
  }

  /** The round after which the comparison's bit is there. */
  int readyAfter(long bound) {
    int width = readyAfter.length;
    boolean isKnown = bound == 0 || (width < 64 && bound >>> width != 0);
    return isKnown ? 0 : of(new Part(0, width, bound));
  }

  private int of(Part part) {
    Integer known = found.get(part);
    if (known != null) {
      return known;
    }
    int ready = part.to - part.from == 1 ? readyAfter[part.from] : inHalves(part);
    found.put(part, ready);
    return ready;
  }

  private int inHalves(Part part) {
    int middle = (part.from + part.to) / 2;
    int lowerWidth = middle - part.from;
    long upper = part.bound >>> lowerWidth;
    long lower = part.bound & ((1L << lowerWidth) - 1);
    if (lower == 0) {
      return of(new Part(middle, part.to, upper));
    }
    int ready = of(new Part(part.from, middle, lower));
    ands++;
    if (upper == (1L << (part.to - middle)) - 1) {
      return Math.max(ready, of(new Part(middle, part.to, upper))) + 1;
    }
    ready = Math.max(ready, of(new Part(middle, part.to, upper + 1)));
    if (upper != 0) {
      ready = Math.max(ready, of(new Part(middle, part.to, upper)));
    }
    return ready + 1;
  }
}
