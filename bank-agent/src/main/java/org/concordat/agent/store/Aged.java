package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Entries of one family that are kept for an age and go in whole spans of time, so that nothing has
 * to be looked at to be forgotten. An entry lives at most {@link #SPANS}th longer than it must. One
 * that a clock which was ahead has stamped goes once that time is too old, and holds up no other.
 */
final class Aged {
  /** So many spans, and one more, are looked through, beside those of a clock that was ahead. */
  static final int SPANS = 8;

  private static final int START_BYTES = Long.BYTES;

  private final Database db;
  private final Family family;
  private final long ageMillis;
  private final long spanMillis;

  /** When each span that has entries began, as the first bytes of its entries' keys. */
  private final ConcurrentSkipListSet<Long> starts = new ConcurrentSkipListSet<>();

  Aged(Database db, Family family, Duration age) {
    this.db = db;
    this.family = family;
    this.ageMillis = age.toMillis();
    this.spanMillis = Math.max(1, ageMillis / SPANS);
    long next = 0;
    while (next >= 0) {
      long[] found = {-1};
      db.forEachFrom(
          family,
          Vault.numberKey(next),
          (key, value) -> {
            found[0] = ByteBuffer.wrap(key).getLong();
            return false;
          });
      if (found[0] >= 0) {
        starts.add(found[0]);
      }
      next = found[0] < 0 ? -1 : found[0] + 1;
    }
  }

  private static byte[] key(long start, byte[] name) {
    return ByteBuffer.allocate(START_BYTES + name.length).putLong(start).put(name).array();
  }

  /** Adds an entry; of two with one name the later one is found. */
  void put(WriteBatch batch, long nowMillis, byte[] name, byte[] value) throws RocksDBException {
    long start = start(nowMillis);
    starts.add(start);
    batch.put(db.handle(family), key(start, name), value);
  }

  /** Of the span for an entry of this time: never another's that a clock ahead has begun. */
  private long start(long nowMillis) {
    Long last = starts.floor(nowMillis);
    if (last != null && nowMillis - last < spanMillis) {
      return last;
    }
    // One that began a moment later, since entries don't come in the very order of their times.
    Long next = starts.higher(nowMillis);
    return next != null && next - nowMillis < spanMillis ? next : nowMillis;
  }

  Optional<byte[]> find(byte[] name) {
    for (long start : starts.descendingSet()) {
      byte[] value = db.get(family, key(start, name));
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /** Visits every entry whose name begins so, oldest span first, with the rest of its name. */
  void forEach(byte[] beginning, Database.Visitor visitor) {
    for (long start : starts) {
      byte[] prefix = key(start, beginning);
      db.forEachFrom(
          family,
          prefix,
          (key, value) ->
              key.length >= prefix.length
                  && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)
                  && visitor.visit(Arrays.copyOfRange(key, prefix.length, key.length), value));
    }
  }

  /** Removes the spans whose every entry is older than the age. */
  void expire(WriteBatch batch, long nowMillis) throws RocksDBException {
    for (long start : starts) {
      Long next = starts.higher(start);
      if (next == null) {
        return;
      }
      // Where the next one's time is yet to come, none of this one's entries is that young.
      long end = next > nowMillis ? start + spanMillis : next;
      if (end > nowMillis - ageMillis) {
        return;
      }
      batch.deleteRange(db.handle(family), Vault.numberKey(start), Vault.numberKey(start + 1));
      starts.remove(start);
    }
  }
}
