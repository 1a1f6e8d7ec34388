package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Recalls and returns, by keyed hashes of the payment's reference and of the notice: one that comes
 * again is the same entry. They may come before their payment.
 */
final class Notices {
  private final Aged entries;
  private final Vault vault;

  Notices(Database db, Vault vault, Duration age) {
    this.entries = new Aged(db, Family.NOTICES, age);
    this.vault = vault;
  }

  void add(WriteBatch batch, StoreGroup.Noting noting) throws RocksDBException {
    byte[] name =
        ByteBuffer.allocate(2 * Id.BYTES)
            .put(noting.reference().bytes())
            .put(noting.id().bytes())
            .array();
    long millis = noting.taken().takenMillis();
    byte[] sealed = vault.sealNotice(name, noting.taken().notice());
    byte[] value =
        ByteBuffer.allocate(Long.BYTES + sealed.length).putLong(millis).put(sealed).array();
    entries.put(batch, millis, name, value);
  }

  /** Of one reference, in the order in which they were taken. */
  List<TakenNotice> of(Id reference) {
    var notices = new ArrayList<TakenNotice>();
    entries.forEach(
        reference.bytes(),
        (rest, value) -> {
          byte[] name = ByteBuffer.allocate(2 * Id.BYTES).put(reference.bytes()).put(rest).array();
          byte[] sealed = Arrays.copyOfRange(value, Long.BYTES, value.length);
          notices.add(
              new TakenNotice(vault.openNotice(name, sealed), ByteBuffer.wrap(value).getLong()));
          return true;
        });
    notices.sort(Comparator.comparingLong(TakenNotice::takenMillis));
    return notices;
  }

  void expire(WriteBatch batch, long nowMillis) throws RocksDBException {
    entries.expire(batch, nowMillis);
  }
}
