package org.concordat.rules.link;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.concordat.rules.link.LinkSpec.Lookup;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkState.Counters;

/**
 * What is remembered of earlier records whose entities share their pseudonyms with others: the
 * records one by one, by bucket, as long as any window covers them. What a row sees of them by
 * bucket, minute and order is public; which of these have its entity is found on shares, from
 * {@link LinkColumns#hidden}. On plaintext a pseudonym is the whole name: all that a row sees is
 * its entity's, and the columns are complete.
 *
 * <p>No bound hangs on what is secret or on buckets, so that one who doesn't know the buckets, such
 * as the oracle, remembers the same records: at most {@code entitiesMax}, of a bank at most {@code
 * entitiesPerBank}, beyond which a record is counted as untracked. The oldest are forgotten in
 * commit order, up to the first that a window can still cover, at the first record of a new hour.
 * Panes close by the newest record of all.
 *
 * <p>Holds no secret but components of values and of what is compared; prints none.
 */
public final class HiddenState implements LinkMemory {
  private static final int HOUR_MINUTES = 60;

  /** Buckets whose records are forgotten that may stay, however few records there are. */
  static final int FORGOTTEN_MAX = 1_024;

  /** No place, and below all of them. */
  private static final long NONE = -1;

  /** What isn't in the pages, as it was at a mark. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; stays in this class
  private record Mark(
      long begin, long end, int newest, int[] taken, Counters counters, byte[] digest) {}

  private final LinkSpec spec;
  private final int components;
  private final int[] roles;
  private final List<Lookup> lookups;

  /**
   * By role and bucket, the place of the latest record. Those that are forgotten are removed once
   * they are as many as the others.
   */
  private final List<Map<Long, Long>> heads = new ArrayList<>();

  private final List<HiddenPage> pages = new ArrayList<>();
  private final ArrayDeque<Undo> undos = new ArrayDeque<>();
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private final Recent recent = new Recent();
  private int[] taken = new int[LinkSpec.BANKS_MAX];
  private byte[] digest = new byte[32];
  private long begin;
  private long end;
  private int newest = Integer.MIN_VALUE;
  private long late;
  private long untracked;
  private long repeated;

  /** A bucket's latest record, as it was before one was added. */
  private record Undo(int role, long bucket, long head) {}

  /**
   * @param components of each value: 1 where it is plain
   */
  public HiddenState(LinkSpec spec, int components) {
    this.spec = spec;
    this.components = components;
    this.roles = HiddenPage.roles(spec);
    this.lookups = spec.lookups();
    while (heads.size() < roles.length) {
      heads.add(new HashMap<>());
    }
  }

  @Override
  public LinkColumns derive(LinkRows rows) {
    if (rows.components() != components) {
      throw new IllegalArgumentException("components");
    }
    marks.addLast(new Mark(begin, end, newest, taken.clone(), counters(), digest));
    recent.mark();
    digest = digest(rows);
    long from = begin;
    long[][] headOf = new long[lookups.size()][rows.rows()];
    int[] newestOf = new int[rows.rows()];
    for (int row = 0; row < rows.rows(); row++) {
      if (rows.counted(row)) {
        advance(rows.minute(row));
      }
      newestOf[row] = newest;
      for (int lookup = 0; lookup < headOf.length; lookup++) {
        Lookup of = lookups.get(lookup);
        headOf[lookup][row] =
            heads
                .get(Arrays.binarySearch(roles, of.role()))
                .getOrDefault(rows.pseudonym(of.entity(), row), NONE);
      }
      if (rows.counted(row)) {
        count(rows, row);
      }
    }
    HiddenPage[] remembered = pages.toArray(HiddenPage[]::new);
    var seen = new HiddenRows(spec, rows, remembered, from, headOf, newestOf, digest);
    var columns = new LinkColumns(spec.derived(), components, rows.rows(), 0, 0);
    if (components > 1) {
      return columns.of(seen);
    }
    fill(columns, seen);
    return columns;
  }

  @Override
  public void remember(LinkRows rows) {
    requireNonePending();
    again(rows, 0);
    commit();
  }

  private void requireNonePending() {
    if (!marks.isEmpty()) {
      throw new IllegalStateException("a batch was derived and doesn't stand");
    }
  }

  @Override
  public void again(LinkRows rows, long cutShort) {
    // Heads alone are looked up, and where values are shared no row's records are.
    derive(rows);
  }

  @Override
  public LinkSweep sweep(Consumer<long[]> to) {
    requireNonePending();
    writeScalars(new PageWriter(HiddenSweep.SCALARS, to));
    recent.write(new PageWriter(HiddenSweep.RECENT, to));
    HiddenPage[] remembered = pages.toArray(HiddenPage[]::new);
    return new HiddenSweep(to, heads(), remembered, begin, end);
  }

  /** By role, buckets and the places of their latest records, one after the other; a copy. */
  private List<long[]> heads() {
    List<long[]> all = new ArrayList<>();
    for (Map<Long, Long> of : heads) {
      long[] live = new long[2 * of.size()];
      int used = 0;
      for (Map.Entry<Long, Long> head : of.entrySet()) {
        if (head.getValue() >= begin) {
          live[used++] = head.getKey();
          live[used++] = head.getValue();
        }
      }
      all.add(Arrays.copyOf(live, used));
    }
    return all;
  }

  private void writeScalars(PageWriter to) {
    to.entry(7 + digest.length / Long.BYTES + taken.length);
    int words = pages.isEmpty() ? 0 : pages.getFirst().words();
    for (long scalar : new long[] {begin, end, newest, late, untracked, repeated, words}) {
      to.put(scalar);
    }
    LongBuffer hash = ByteBuffer.wrap(digest).asLongBuffer();
    while (hash.hasRemaining()) {
      to.put(hash.get());
    }
    for (int of : taken) {
      to.put(of);
    }
    to.end();
  }

  @Override
  public void load(long[] page) {
    switch ((int) page[0]) {
      case HiddenSweep.SCALARS -> readScalars(page);
      case HiddenSweep.RECENT -> recent.load(page);
      case HiddenSweep.HEADS -> {
        for (int at = 1; at < page.length; at += HiddenSweep.HEAD_WORDS) {
          heads.get((int) page[at]).put(page[at + 1], page[at + 2]);
        }
      }
      default -> {
        for (int at = 1; at < page.length; at += pages.getFirst().entryWords()) {
          page(page[at]).read(page, at);
        }
      }
    }
  }

  private void readScalars(long[] page) {
    begin = page[1];
    end = page[2];
    newest = Math.toIntExact(page[3]);
    late = page[4];
    untracked = page[5];
    repeated = page[6];
    int words = Math.toIntExact(page[7]);
    ByteBuffer hash = ByteBuffer.allocate(digest.length);
    int at = 8;
    while (hash.hasRemaining()) {
      hash.putLong(page[at++]);
    }
    digest = hash.array();
    for (int bank = 0; bank < taken.length; bank++) {
      taken[bank] = Math.toIntExact(page[at++]);
    }
    for (long first = begin - begin % HiddenPage.RECORDS; first < end; ) {
      pages.add(new HiddenPage(first, roles.length, components, words));
      first = pages.getLast().end();
    }
  }

  /** The clock is that of all records, and what no window covers any more is forgotten by it. */
  private void advance(int minute) {
    int before = newest;
    newest = Math.max(newest, minute);
    if (Math.floorDiv(newest, HOUR_MINUTES) == Math.floorDiv(before, HOUR_MINUTES)) {
      return;
    }
    while (begin < end) {
      HiddenPage page = page(begin);
      int oldest = page.minute(page.at(begin));
      if (!spec.tracks().stream().allMatch(track -> HiddenRows.isOver(track, oldest, newest))) {
        return;
      }
      taken[page.bank(page.at(begin))]--;
      begin++;
    }
  }

  private HiddenPage page(long place) {
    return pages.get(HiddenPage.number(place, pages.getFirst()));
  }

  private void count(LinkRows rows, int row) {
    if (recent.contains(rows.transaction(row))) {
      repeated++;
      return;
    }
    recent.add(rows.transaction(row));
    int over = 0;
    for (Track track : spec.tracks()) {
      over += HiddenRows.isOver(track, rows.minute(row), newest) ? 1 : 0;
    }
    late += over;
    if (over == spec.tracks().size()) {
      return;
    }
    int bank = rows.bank(row);
    if (end - begin >= spec.entitiesMax() || taken[bank] >= spec.entitiesPerBank()) {
      untracked++;
      return;
    }
    taken[bank]++;
    long[] before = new long[roles.length];
    for (int role = 0; role < roles.length; role++) {
      long bucket = rows.pseudonym(roles[role], row);
      Long head = heads.get(role).put(bucket, end);
      before[role] = head == null ? NONE : head;
      undos.addLast(new Undo(role, bucket, before[role]));
    }
    if (pages.isEmpty() || pages.getLast().end() == end) {
      pages.add(new HiddenPage(end, roles.length, components, rows.words()));
    }
    pages.getLast().put(end, rows, row, before);
    end++;
  }

  @Override
  public void commit() {
    Mark from = marks.removeFirst();
    recent.commit();
    Mark to = marks.peekFirst();
    long added = (to == null ? end : to.end) - from.end;
    for (long i = 0; i < added * roles.length; i++) {
      undos.removeFirst();
    }
    long oldest = to == null ? begin : to.begin;
    while (!pages.isEmpty() && pages.getFirst().end() <= oldest) {
      pages.removeFirst();
    }
    for (Map<Long, Long> of : heads) {
      if (of.size() > 2 * (end - oldest) + FORGOTTEN_MAX) {
        // No rollback goes back behind what is committed, so nobody asks for these again.
        of.values().removeIf(head -> head < oldest);
      }
    }
  }

  @Override
  public void rollback() {
    while (!marks.isEmpty()) {
      Mark mark = marks.removeLast();
      for (long i = 0; i < (end - mark.end) * roles.length; i++) {
        Undo undo = undos.removeLast();
        if (undo.head == NONE) {
          heads.get(undo.role).remove(undo.bucket);
        } else {
          heads.get(undo.role).put(undo.bucket, undo.head);
        }
      }
      removeFrom(mark.end);
      begin = mark.begin;
      end = mark.end;
      newest = mark.newest;
      taken = mark.taken;
      late = mark.counters.late();
      untracked = mark.counters.untracked();
      repeated = mark.counters.repeated();
      digest = mark.digest;
      recent.rollback();
    }
  }

  /** Whoever still reads the records that are undone has them from then on for itself. */
  private void removeFrom(long place) {
    if (place == end) {
      return;
    }
    while (!pages.isEmpty() && pages.getLast().at(place) <= 0) {
      pages.removeLast();
    }
    if (!pages.isEmpty() && pages.getLast().end() > place) {
      HiddenPage last = pages.removeLast();
      pages.add(last.copy(last.at(place)));
    }
  }

  /** Buckets or names that are known, of all roles. */
  int headsKnown() {
    return heads.stream().mapToInt(Map::size).sum();
  }

  @Override
  public Counters counters() {
    return new Counters((int) (end - begin), late, 0, untracked, repeated, 0);
  }

  /** On plaintext, where what is seen is the entity's. */
  private void fill(LinkColumns columns, HiddenRows rows) {
    var seen = new SeenRecords();
    for (int lookup = 0; lookup < lookups.size(); lookup++) {
      for (int row = 0; row < rows.rows(); row++) {
        seen.clear();
        rows.see(lookup, row, seen);
        for (int column = 0; column < spec.measures().size(); column++) {
          Measure measure = spec.measures().get(column);
          if (spec.lookup(measure).equals(lookups.get(lookup))) {
            columns.shared(0, column)[row] = plain(measure, rows, row, seen);
          }
        }
      }
    }
  }

  private long plain(Measure measure, HiddenRows rows, int row, SeenRecords seen) {
    int track = measure.track();
    int window = spec.tracks().get(track).windowMinutes();
    long sum = 0;
    long count = 0;
    int oldest = 0;
    int latest = window;
    var banks = new BitSet();
    for (int i = 0; i < seen.size(); i++) {
      if (rows.sees(track, row, seen.minute(i))) {
        count++;
        sum += measure.value() < 0 ? 0 : seen.word(0, measure.value(), i);
        banks.set(seen.bank(i));
        int age = rows.age(track, row, seen.minute(i));
        oldest = Math.max(oldest, age);
        latest = Math.min(latest, age);
      }
    }
    return switch (measure.kind()) {
      case COUNT -> count;
      case SUM -> sum;
      case BANKS -> banks.cardinality();
      case SINCE_FIRST -> oldest;
      case SINCE_LAST -> latest;
      case COUNTERPARTIES, LATEST -> throw new IllegalArgumentException("not of hidden entities");
    };
  }

  /** Nothing: it would take an oblivious join of two epochs' records. */
  @Override
  public List<CarriedRows> carry(int publicAt) {
    return List.of();
  }

  @Override
  public int carriedBanks() {
    return 0;
  }

  /** Of what was known before and what is public of the rows. */
  private byte[] digest(LinkRows rows) {
    MessageDigest sha256 = sha256();
    sha256.update(digest);
    int words = spec.entities().size() + 2;
    ByteBuffer bytes = ByteBuffer.allocate(words * Long.BYTES + 1);
    for (int row = 0; row < rows.rows(); row++) {
      bytes.clear();
      for (int entity = 0; entity < spec.entities().size(); entity++) {
        bytes.putLong(rows.pseudonym(entity, row));
      }
      bytes.putLong(rows.transaction(row)).putInt(rows.minute(row)).putInt(rows.bank(row));
      bytes.put((byte) (rows.counted(row) ? 1 : 0));
      sha256.update(bytes.array());
    }
    return sha256.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }

  @Override
  public String toString() {
    return "HiddenState[records=" + (end - begin) + "]";
  }
}
