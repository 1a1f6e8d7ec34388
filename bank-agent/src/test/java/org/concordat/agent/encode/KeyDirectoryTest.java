package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyDirectoryTest {
  @TempDir Path data;

  private final TestConsortium consortium = new TestConsortium(1);
  private final AtomicLong millis = new AtomicLong();

  @Test
  void onlyAnAggregatorsOwnKeyCounts() {
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      directory.record(consortium.key(0, 0, 0, 100, consortium.aggregatorKeys.get(1)));
      directory.record(consortium.key(0, 0, 0, 100, consortium.bankKey));
      directory.record(new byte[] {1, 2, 3});
      assertThat(directory.missing()).containsExactly("agg-1", "agg-2", "agg-3");
      directory.record(consortium.key(0, 0, 100));
      directory.record(consortium.key(2, 0, 100));
      assertThat(directory.missing()).containsExactly("agg-2");
    }
  }

  @Test
  void aKeyOfTheFutureDoesNotShutOutTheNext() {
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      var owner = consortium.aggregatorKeys.get(0);
      long ahead = KeyDirectory.AHEAD_MAX.toMillis();
      directory.record(consortium.key(0, 9, ahead + 1, 2 * ahead, owner));
      assertThat(store.values("hpke/")).isEmpty();
      directory.record(consortium.key(0, 1, ahead, 2 * ahead, owner));
      assertThat(directory.missing()).containsExactly("agg-2", "agg-3");
    }
  }

  /** An announcement of the first aggregator, signed by it, with whatever it calls a key. */
  private byte[] announced(int epoch, byte[] publicKey) {
    HpkeKey honest = RecordCodec.decode(HpkeKey.class, consortium.key(0, epoch, 100));
    HpkeKey changed = HpkeKey.newBuilder(honest).setPublicKey(ByteBuffer.wrap(publicKey)).build();
    return RecordCodec.encode(Signed.sign(changed, consortium.aggregatorKeys.get(0)));
  }

  private byte[] named(String keyId) {
    HpkeKey honest = RecordCodec.decode(HpkeKey.class, consortium.key(0, 1, 100));
    HpkeKey changed = HpkeKey.newBuilder(honest).setKeyId(keyId).build();
    return RecordCodec.encode(Signed.sign(changed, consortium.aggregatorKeys.get(0)));
  }

  @Test
  void aKeyWithALongIdIsLeftOut() {
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      directory.record(named("k".repeat(KeyDirectory.KEY_ID_CHARS_MAX + 1)));
      assertThat(directory.missing()).contains("agg-1");
      directory.record(named("k".repeat(KeyDirectory.KEY_ID_CHARS_MAX)));
      assertThat(directory.missing()).doesNotContain("agg-1");
    }
  }

  /** Of other lengths, beyond ML-KEM's modulus, and with an X25519 point of low order. */
  private List<byte[]> malformed() {
    byte[] good = consortium.sealingKeys.get(0).publicKey().bytes();
    byte[] beyondModulus = good.clone();
    Arrays.fill(beyondModulus, 0, 1152, (byte) 0xFF);
    byte[] zeroPoint = good.clone();
    Arrays.fill(zeroPoint, SealingPublicKey.KEY_BYTES - 32, zeroPoint.length, (byte) 0);
    return List.of(
        new byte[0],
        Arrays.copyOf(good, SealingPublicKey.KEY_BYTES - 1),
        Arrays.copyOf(good, SealingPublicKey.KEY_BYTES + 1),
        beyondModulus,
        zeroPoint);
  }

  @Test
  void aMalformedKeyIsLeftOutAndTheOneBeforeItKept() throws InterruptedException {
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      malformed().forEach(key -> directory.record(announced(1, key)));
      assertThat(store.values("hpke/")).isEmpty();
      for (int i = 0; i < 3; i++) {
        directory.record(consortium.key(i, 1, 100));
      }
      malformed().forEach(key -> directory.record(announced(2, key)));
      assertThat(directory.await()).extracting("epoch").containsOnly(1);
    }
  }

  @Test
  void aMalformedKeyThatWasKeptGivesWayToTheNext() {
    try (var store = TestStores.open(data)) {
      store.put("hpke/agg-1", announced(2, new byte[0]));
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      assertThat(directory.missing()).contains("agg-1");
      byte[] good = consortium.key(0, 1, 100);
      directory.record(good);
      assertThat(directory.missing()).containsExactly("agg-2", "agg-3");
      assertThat(store.get("hpke/agg-1")).contains(good);
    }
  }

  @Test
  void theNewestKeyIsTakenAndKeptForTheNextStart() throws InterruptedException {
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      for (int i = 0; i < 3; i++) {
        directory.record(consortium.key(i, 2, 100));
        directory.record(consortium.key(i, 1, 1000));
      }
      assertThat(directory.await()).extracting("epoch").containsOnly(2);
    }
    try (var store = TestStores.open(data)) {
      var directory = new KeyDirectory(consortium.charter, store, millis::get);
      assertThat(directory.await()).extracting("owner").containsExactly("agg-1", "agg-2", "agg-3");
      millis.set(99);
      assertThat(directory.missing()).isEmpty();
      millis.set(100);
      assertThat(directory.missing()).hasSize(3);
      assertThat(directory.unusable()).isEmpty();
      millis.set(99 + KeyDirectory.LATE_MAX.toMillis());
      assertThat(directory.await()).extracting("epoch").containsOnly(2);
      millis.addAndGet(1);
      assertThat(directory.unusable()).hasSize(3);
      directory.record(consortium.key(0, 3, millis.get() + 1));
      assertThat(directory.unusable()).containsExactly("agg-2", "agg-3");
    }
  }
}
