package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Entries of the fraud team's desk, encrypted, each bound to its table and key. */
public final class DeskStore {
  /** Gets entry after entry until it returns false. */
  public interface Visitor {
    /**
     * Looks at an entry.
     *
     * @param plain what was stored
     */
    boolean visit(byte[] key, byte[] plain);
  }

  private final Database db;
  private final Vault vault;

  DeskStore(Database db, Vault vault) {
    this.db = db;
    this.vault = vault;
  }

  /** A key that sorts as its number does. */
  public static byte[] numberKey(long number) {
    return Vault.numberKey(number);
  }

  /** The number of such a key. */
  public static long number(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  private static byte[] stored(DeskTable table, byte[] key) {
    return ByteBuffer.allocate(1 + key.length).put((byte) table.ordinal()).put(key).array();
  }

  public Optional<byte[]> get(DeskTable table, byte[] key) {
    byte[] sealed = db.get(Family.DESK, stored(table, key));
    return sealed == null ? Optional.empty() : Optional.of(vault.openDesk(table, key, sealed));
  }

  /** Visits the entries of a table in the order of their keys, from a key on. */
  public void forEach(DeskTable table, byte[] from, Visitor visitor) {
    db.forEachFrom(
        Family.DESK,
        stored(table, from),
        (stored, value) -> {
          if (stored[0] != table.ordinal()) {
            return false;
          }
          byte[] key = Arrays.copyOfRange(stored, 1, stored.length);
          return visitor.visit(key, vault.openDesk(table, key, value));
        });
  }

  /**
   * The highest number of a table whose keys are numbers; -1 where it is empty. Looks at one entry:
   * a start doesn't wait for the reading of all that people did in years.
   */
  public long lastNumber(DeskTable table) {
    // Keys are in the order of their bytes, which is that of numbers that aren't negative.
    byte[] last = db.lastKey(Family.DESK, stored(table, numberKey(Long.MAX_VALUE)));
    return last != null && last[0] == table.ordinal()
        ? ByteBuffer.wrap(last, 1, Long.BYTES).getLong()
        : -1;
  }

  /** Makes a change durable. */
  public void commit(DeskChange change) {
    if (!change.isEmpty()) {
      db.write(batch -> fill(batch, change));
    }
  }

  void fill(WriteBatch batch, DeskChange change) throws RocksDBException {
    for (DeskChange.Step step : change.steps) {
      byte[] key = stored(step.table, step.key);
      if (step.plain == null) {
        batch.delete(db.handle(Family.DESK), key);
      } else {
        byte[] sealed = vault.sealDesk(step.table, step.key, step.plain);
        batch.put(db.handle(Family.DESK), key, sealed);
      }
    }
  }
}
