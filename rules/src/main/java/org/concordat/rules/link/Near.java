package org.concordat.rules.link;

/** An account's remembered payments in one direction within some minutes, the latest first. */
final class Near {
  private final EntityTable table;
  private final RecordLayout layout;
  private final int edgesMax;
  private final int edgeWords;
  private final long[] others;
  private final int[] minutes;
  private final long[] orders;
  private final int[] places;
  private long[] words = {};
  private int count;

  Near(EntityTable table, RecordLayout layout, int edgesMax, int edgeWords) {
    this.table = table;
    this.layout = layout;
    this.edgesMax = edgesMax;
    this.edgeWords = edgeWords;
    this.others = new long[edgesMax];
    this.minutes = new int[edgesMax];
    this.orders = new long[edgesMax];
    this.places = new int[edgesMax];
  }

  /**
   * Loads them.
   *
   * @param once the latest one to each account only
   * @return payments looked at
   */
  int load(long account, boolean incoming, int from, int to, boolean once) {
    count = 0;
    int index = table.find(account);
    if (index < 0) {
      return 1;
    }
    words = table.words(index);
    int start = table.offset(index) + layout.edges(incoming);
    int remembered = Edges.count(words, start, edgesMax);
    for (int i = 0; i < remembered; i++) {
      int at = Edges.at(words, start, edgesMax, edgeWords, i);
      int minute = Edges.minute(words, at);
      if (minute >= from && minute <= to && !(once && has(Edges.other(words, at)))) {
        others[count] = Edges.other(words, at);
        minutes[count] = minute;
        orders[count] = Edges.order(words, at);
        places[count] = at;
        count++;
      }
    }
    return once ? remembered * (1 + remembered / 2) : remembered;
  }

  void clear() {
    count = 0;
  }

  private boolean has(long other) {
    return indexOf(other, Integer.MAX_VALUE, Long.MAX_VALUE) >= 0;
  }

  /** The latest payment with an account that is no later than a minute and before an order. */
  int indexOf(long other, int minuteMax, long before) {
    for (int i = 0; i < count; i++) {
      if (others[i] == other && minutes[i] <= minuteMax && orders[i] < before) {
        return i;
      }
    }
    return -1;
  }

  int count() {
    return count;
  }

  long other(int index) {
    return others[index];
  }

  int minute(int index) {
    return minutes[index];
  }

  long order(int index) {
    return orders[index];
  }

  /** Names one of them as part of a path. */
  void name(int index, MemberSink members) {
    members.take(words, places[index]);
  }
}
