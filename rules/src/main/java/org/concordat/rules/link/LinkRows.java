package org.concordat.rules.link;

/**
 * Records in commit order: what is public of them, and their values. The arrays are not copied.
 * Prints nothing of them.
 */
public final class LinkRows {
  public static final int DAY_MINUTES = 24 * 60;

  /**
   * Minutes by which a bank's clock may be ahead of the aggregators'. Panes close by the newest
   * record of an entity: whoever dates one ahead ages the windows of others by as much.
   */
  public static final int LEAD_MINUTES = 5;

  private final long[][] pseudonyms;
  private final int[] banks;
  private final int[] minutes;
  private final long[] transactions;
  private final boolean[] counted;
  private final long[][][] values;
  private final long[][] ids;
  private final boolean[] alertable;
  private final long[][][] hashes;

  /**
   * @param pseudonyms by entity field and row
   * @param banks by row: index of the submitting bank, below {@link PaneRing#BANKS_MAX}
   * @param minutes by row: event time, since 1970
   * @param transactions by row: an id that a later version of the same transaction has too
   * @param counted by row: whether later records may see it
   * @param values by component, value field and row; where entities are hidden then by entity what
   *     stays shared of its pseudonym
   */
  public LinkRows(
      long[][] pseudonyms,
      int[] banks,
      int[] minutes,
      long[] transactions,
      boolean[] counted,
      long[][][] values) {
    this(
        pseudonyms,
        banks,
        minutes,
        transactions,
        counted,
        values,
        new long[2][banks.length],
        new boolean[banks.length]);
  }

  /**
   * Rows whose alerts may be sent later.
   *
   * @param ids first and second halves of transaction ids, each by row
   * @param alertable by row, see {@link Member}
   */
  public LinkRows(
      long[][] pseudonyms,
      int[] banks,
      int[] minutes,
      long[] transactions,
      boolean[] counted,
      long[][][] values,
      long[][] ids,
      boolean[] alertable) {
    this(
        pseudonyms, banks, minutes, transactions, counted, values, ids, alertable, new long[0][][]);
  }

  /**
   * Rows whose entities are carried over epochs.
   *
   * @param hashes by component, word (two of each entity field, low one first) and row: what
   *     pseudonyms are made of; of entities that aren't remembered anything
   */
  public LinkRows(
      long[][] pseudonyms,
      int[] banks,
      int[] minutes,
      long[] transactions,
      boolean[] counted,
      long[][][] values,
      long[][] ids,
      boolean[] alertable,
      long[][][] hashes) {
    this.hashes = hashes;
    this.ids = ids;
    this.alertable = alertable;
    this.pseudonyms = pseudonyms;
    this.banks = banks;
    this.minutes = minutes;
    this.transactions = transactions;
    this.counted = counted;
    this.values = values;
    for (long[] of : pseudonyms) {
      requireLength(of.length);
    }
    requireLength(minutes.length);
    requireLength(transactions.length);
    requireLength(counted.length);
    requireLength(ids[0].length);
    requireLength(ids[1].length);
    requireLength(alertable.length);
    for (long[][] component : values) {
      for (long[] value : component) {
        requireLength(value.length);
      }
    }
    for (int bank : banks) {
      if (bank < 0 || bank >= PaneRing.BANKS_MAX) {
        throw new IllegalArgumentException("bank");
      }
    }
  }

  /**
   * Whether later records may see a record of a minute since 1970, by the minute of its commit, on
   * which the aggregators agree: no clock of its bank is believed beyond it.
   */
  public static boolean isInTime(long minute, long commitMinute) {
    return minute >= 0 && minute <= commitMinute + LEAD_MINUTES;
  }

  /** The last minute of a day, since 1970: for histories of which no more is known. */
  public static long lastMinute(long day) {
    return (day + 1) * DAY_MINUTES - 1;
  }

  private void requireLength(int length) {
    if (length != banks.length) {
      throw new IllegalArgumentException("columns of different length");
    }
  }

  public int rows() {
    return banks.length;
  }

  public long pseudonym(int entity, int row) {
    return pseudonyms[entity][row];
  }

  public int bank(int row) {
    return banks[row];
  }

  public int minute(int row) {
    return minutes[row];
  }

  public long transaction(int row) {
    return transactions[row];
  }

  public boolean counted(int row) {
    return counted[row];
  }

  public long idHigh(int row) {
    return ids[0][row];
  }

  public long idLow(int row) {
    return ids[1][row];
  }

  public boolean alertable(int row) {
    return alertable[row];
  }

  /** Values of each record. */
  int words() {
    return values[0].length;
  }

  /** A word of one component of an entity's hash. */
  long hash(int component, int entity, int word, int row) {
    return hashes[component][CarriedRows.HASH_COLUMNS * entity + word][row];
  }

  public int components() {
    return values.length;
  }

  public long value(int component, int value, int row) {
    return values[component][value][row];
  }

  @Override
  public String toString() {
    return "LinkRows[rows=" + banks.length + "]";
  }
}
