package org.concordat.rules.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch hands on of the entities of one group: a row for each that has a record in it, by
 * ascending pseudonym, then rows of zeros up to a number that tells less. Columns are those of the
 * hash, where values are shared, then the carried words, those that are bits first. What every
 * aggregator knows is added to one component, as for every constant. Prints nothing of it.
 */
public final class CarriedRows {
  /** Of an entity's hash; shared by exclusive or. */
  public static final int HASH_COLUMNS = 2;

  /** Rows are at least so many, where there are any: a word of bit planes. */
  static final int ROWS_MIN = 64;

  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final int newestMinute;
  private final int hashColumns;
  private final int bitWords;
  private final int publicAt;
  private final long[] pseudonyms;
  private final long[][][] columns;
  private long checksum;
  private int banks;

  private CarriedRows(
      int newestMinute,
      int hashColumns,
      int bitWords,
      int publicAt,
      long[] pseudonyms,
      long[][][] columns) {
    this.newestMinute = newestMinute;
    this.hashColumns = hashColumns;
    this.bitWords = bitWords;
    this.publicAt = publicAt;
    this.pseudonyms = pseudonyms;
    this.columns = columns;
  }

  /**
   * @param before what the epoch itself was handed
   * @param publicAt position of the component that holds what is public; -1 for none
   */
  static CarriedRows of(
      EntityStore store,
      @Nullable CarriedTable before,
      int components,
      int newestMinute,
      int publicAt) {
    EntityTable table = store.table();
    RecordLayout layout = store.layout();
    long[] pseudonyms = table.keys();
    Arrays.sort(pseudonyms);
    int hashColumns = layout.hashWords() > 0 ? HASH_COLUMNS : 0;
    int width = hashColumns + store.carried().words();
    int length = hashColumns > 0 ? padded(pseudonyms.length) : pseudonyms.length;
    var rows =
        new CarriedRows(
            newestMinute,
            hashColumns,
            store.carried().bitWords(),
            publicAt,
            pseudonyms,
            new long[components][width][length]);
    for (int row = 0; row < pseudonyms.length; row++) {
      int index = table.find(pseudonyms[row]);
      long[] words = table.words(index);
      int base = table.offset(index);
      for (int c = 0; c < components; c++) {
        for (int i = 0; i < hashColumns; i++) {
          rows.columns[c][i][row] = layout.hash(words, base, c, i);
        }
      }
      int at = before == null ? -1 : before.find(pseudonyms[row]);
      store.carried().carry(layout, words, base, before, at, rows, row);
    }
    return rows;
  }

  /** The least power of two that is enough; 0 for none. */
  static int padded(int rows) {
    return rows == 0 ? 0 : Math.max(ROWS_MIN, Integer.highestOneBit(2 * rows - 1));
  }

  /** 64 of the banks that an entity's records of a pane came from. */
  void addBanks(int word, int row, int firstBank, long mask) {
    mix(word, row, mask);
    if (mask != 0) {
      banks = Math.max(banks, firstBank + Long.SIZE - Long.numberOfLeadingZeros(mask));
    }
    if (publicAt >= 0) {
      columns[publicAt][hashColumns + word][row] ^= mask;
    }
  }

  private void mix(int word, int row, long value) {
    checksum = (checksum ^ (value * MIX + word)) * MIX + row;
  }

  void addPublic(int word, int row, long value) {
    mix(word, row, value);
    if (publicAt >= 0) {
      columns[publicAt][hashColumns + word][row] += value;
    }
  }

  void addShared(int component, int word, int row, long value) {
    columns[component][hashColumns + word][row] += value;
  }

  /** Of the epoch's records. */
  public int newestMinute() {
    return newestMinute;
  }

  /** The highest number of a bank that is in any mask, plus one. */
  public int banks() {
    return banks;
  }

  /** The first so many columns are shared by exclusive or. */
  public int bitColumns() {
    return hashColumns + bitWords;
  }

  /** Entities; those rows come first. */
  public int entities() {
    return pseudonyms.length;
  }

  /** With those of zeros. */
  public int rows() {
    return columns[0][0].length;
  }

  /** By component, column and row; not a copy. */
  public long[][][] columns() {
    return columns;
  }

  /** Ascending; not a copy. */
  public long[] pseudonyms() {
    return pseudonyms;
  }

  /** Of all that is public: parties that remember other things have another one. */
  public long checksum() {
    return checksum;
  }

  /** Where values are plain: pseudonyms stay what they are. */
  public CarriedTable plain() {
    return new CarriedTable(newestMinute, banks, pseudonyms, columns);
  }

  @Override
  public String toString() {
    return "CarriedRows[entities=" + pseudonyms.length + "]";
  }
}
