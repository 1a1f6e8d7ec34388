package org.concordat.rules.link;

import java.util.List;

/** What records get from earlier ones, in the columns of {@link LinkSpec#derived}. */
public final class LinkColumns {
  private final long[][][] shared;
  private final long[][] open;

  LinkColumns(List<LinkSpec.Derived> derived, int components, int rows) {
    this.shared = new long[components][derived.size()][];
    this.open = new long[derived.size()][];
    for (int column = 0; column < derived.size(); column++) {
      switch (derived.get(column)) {
        case LinkSpec.Shared unused -> {
          for (long[][] component : shared) {
            component[column] = new long[rows];
          }
        }
        case LinkSpec.Public unused -> open[column] = new long[rows];
      }
    }
  }

  /** A shared column's component, by row; not a copy. */
  public long[] shared(int component, int column) {
    return shared[component][column];
  }

  /** A public column's numbers, by row; not a copy. */
  public long[] open(int column) {
    return open[column];
  }

  @Override
  public String toString() {
    return "LinkColumns[columns=" + open.length + "]";
  }
}
