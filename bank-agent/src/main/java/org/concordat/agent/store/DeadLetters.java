package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Keeps refused rows within their limits of bytes and age; the oldest go first. Those that go for
 * want of room are counted.
 */
final class DeadLetters {
  /** Clear bytes before a letter's ciphertext: when it was refused. */
  static final int HEADER_BYTES = Long.BYTES;

  private record Entry(long number, int bytes, long refusedMillis) {}

  private final ColumnFamilyHandle handle;
  private final Vault vault;
  private final StoreLimits limits;
  private final DroppedLetters dropped;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long bytes;
  private long nextNumber;

  DeadLetters(Database db, Vault vault, StoreLimits limits) {
    this.handle = db.handle(Family.DEAD_LETTERS);
    this.vault = vault;
    this.limits = limits;
    this.dropped = new DroppedLetters(limits.deadLetterBytesMax(), System::nanoTime);
    db.forEach(
        Family.DEAD_LETTERS,
        (key, value) -> {
          remember(
              new Entry(
                  ByteBuffer.wrap(key).getLong(), value.length, ByteBuffer.wrap(value).getLong()));
          return true;
        });
  }

  private void remember(Entry entry) {
    entries.add(entry);
    bytes += entry.bytes();
    nextNumber = entry.number() + 1;
  }

  /**
   * Adds a letter, and removes the oldest until the bytes are within their limit. Its time ends no
   * other's: it is that of a clock that may be wrong.
   */
  void add(WriteBatch batch, DeadLetter letter) throws RocksDBException {
    byte[] sealed = vault.sealLetter(nextNumber, letter);
    byte[] value =
        ByteBuffer.allocate(HEADER_BYTES + sealed.length)
            .putLong(letter.refusedMillis())
            .put(sealed)
            .array();
    if (value.length > limits.deadLetterBytesMax()) {
      dropped.add();
      dropped.tell();
      return;
    }
    batch.put(handle, Vault.numberKey(nextNumber), value);
    remember(new Entry(nextNumber, value.length, letter.refusedMillis()));
    keepToBytes(batch);
  }

  /** Up to the first that is young, but past those that a clock which was ahead has stamped. */
  void expire(WriteBatch batch, long nowMillis) throws RocksDBException {
    long oldestMillis = nowMillis - limits.deadLetterAge().toMillis();
    for (var each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.refusedMillis() < oldestMillis) {
        remove(batch, entry);
        each.remove();
      } else if (entry.refusedMillis() <= nowMillis) {
        break;
      }
    }
    // Last: what is of age didn't go for want of room.
    keepToBytes(batch);
  }

  private void keepToBytes(WriteBatch batch) throws RocksDBException {
    while (bytes > limits.deadLetterBytesMax()) {
      remove(batch, entries.remove());
      dropped.add();
    }
    dropped.tell();
  }

  private void remove(WriteBatch batch, Entry entry) throws RocksDBException {
    batch.delete(handle, Vault.numberKey(entry.number()));
    bytes -= entry.bytes();
  }

  long bytes() {
    return bytes;
  }

  int count() {
    return entries.size();
  }

  long dropped() {
    return dropped.count();
  }
}
