package org.concordat.rules.link;

/**
 * Records that later ones may see, some thousand in commit order. A record's place is its number
 * among all that were ever kept; those of one role and bucket are a chain, the latest first.
 * Records are put behind others, and those that are there don't change: who reads them has no need
 * to wait. Prints nothing of them.
 */
final class HiddenPage {
  static final int RECORDS = 1 << 12;

  /** Place, minute and bank. */
  private static final int ENTRY_HEAD_WORDS = 3;

  private final long firstPlace;
  private final int[] minutes = new int[RECORDS];
  private final byte[] banks = new byte[RECORDS];
  private final long[][] before;
  private final long[][][] kept;

  /**
   * @param firstPlace a multiple of {@link #RECORDS}
   */
  HiddenPage(long firstPlace, int roles, int components, int words) {
    this.firstPlace = firstPlace;
    this.before = new long[roles][RECORDS];
    this.kept = new long[components][words][RECORDS];
  }

  /** Of an aggregator's memory, or of one on plaintext. */
  static long bytesPerRecord(LinkSpec spec, int components) {
    long words = (long) components * spec.keptWords() + roles(spec).length;
    return words * Long.BYTES + Integer.BYTES + 1;
  }

  /** Entities by which records are found again, ascending. */
  static int[] roles(LinkSpec spec) {
    return spec.lookups().stream().mapToInt(LinkSpec.Lookup::role).distinct().sorted().toArray();
  }

  /** One with its first records, to which others are put than here. */
  HiddenPage copy(int records) {
    var copy = new HiddenPage(firstPlace, before.length, kept.length, words());
    System.arraycopy(minutes, 0, copy.minutes, 0, records);
    System.arraycopy(banks, 0, copy.banks, 0, records);
    for (int role = 0; role < before.length; role++) {
      System.arraycopy(before[role], 0, copy.before[role], 0, records);
    }
    for (int component = 0; component < kept.length; component++) {
      for (int word = 0; word < kept[component].length; word++) {
        System.arraycopy(kept[component][word], 0, copy.kept[component][word], 0, records);
      }
    }
    return copy;
  }

  /**
   * Puts a record.
   *
   * @param beforeIt by role, the place of the one before in its bucket, or a negative number
   */
  void put(long place, LinkRows rows, int row, long[] beforeIt) {
    int at = at(place);
    minutes[at] = rows.minute(row);
    banks[at] = (byte) rows.bank(row);
    for (int role = 0; role < before.length; role++) {
      before[role][at] = beforeIt[role];
    }
    for (int component = 0; component < kept.length; component++) {
      for (int word = 0; word < kept[component].length; word++) {
        kept[component][word][at] = rows.value(component, word, row);
      }
    }
  }

  /** Writes a record: its place, minute and bank, those before it, and its words. */
  void write(PageWriter writer, long place) {
    int at = at(place);
    writer.entry(entryWords());
    writer.put(place);
    writer.put(minutes[at]);
    writer.put(banks[at]);
    for (long[] of : before) {
      writer.put(of[at]);
    }
    for (long[][] component : kept) {
      for (long[] word : component) {
        writer.put(word[at]);
      }
    }
  }

  int entryWords() {
    return ENTRY_HEAD_WORDS + before.length + kept.length * words();
  }

  /** Kept words of a component. */
  int words() {
    return kept.length == 0 ? 0 : kept[0].length;
  }

  /** Puts a record as it was written, whose first word lies at a position. */
  void read(long[] entries, int from) {
    int next = from;
    int at = at(entries[next++]);
    minutes[at] = (int) entries[next++];
    banks[at] = (byte) entries[next++];
    for (long[] of : before) {
      of[at] = entries[next++];
    }
    for (long[][] component : kept) {
      for (long[] word : component) {
        word[at] = entries[next++];
      }
    }
  }

  /** The place after the last one that it has room for. */
  long end() {
    return firstPlace + RECORDS;
  }

  int at(long place) {
    return (int) (place - firstPlace);
  }

  /** Its number among pages, of which {@code first} is the first. */
  static int number(long place, HiddenPage first) {
    return (int) ((place - first.firstPlace) / RECORDS);
  }

  int minute(int at) {
    return minutes[at];
  }

  int bank(int at) {
    return banks[at];
  }

  long before(int role, int at) {
    return before[role][at];
  }

  long word(int component, int word, int at) {
    return kept[component][word][at];
  }

  @Override
  public String toString() {
    return "HiddenPage[firstPlace=" + firstPlace + "]";
  }
}
