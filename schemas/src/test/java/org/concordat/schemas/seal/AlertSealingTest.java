package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.concordat.schemas.GoldenFile;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.DetailComponent;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.Signature;
import org.junit.jupiter.api.Test;

/** A detail opens for the bank's alert key, at its own place, in one length, and not otherwise. */
class AlertSealingTest {
  private static final int DETAIL_BYTES = 400;

  private final SealingConsortium consortium = new SealingConsortium("alerts");
  private final SealingKeyPair bank = consortium.alertKey;
  private final AlertDetail detail =
      new AlertDetail(
          "rule-7",
          new Id128(new byte[16]),
          12L,
          3,
          List.of(
              new DetailComponent(0, ByteBuffer.wrap(new byte[16])),
              new DetailComponent(1, ByteBuffer.wrap(new byte[16]))),
          null);
  private final AlertShare open = share();
  private final AlertSealing sealing = sealing(() -> 0);
  private final AlertOpening opening = new AlertOpening(bank);

  private AlertShare share() {
    return new AlertShare(
        Charter.PROTOCOL,
        consortium.charter.hash(),
        "test",
        new Id128(new byte[16]),
        SealingConsortium.BANK,
        0,
        5L,
        1,
        9L,
        new Digest(new byte[32]),
        1,
        1,
        new Digest(new byte[32]),
        "agg-1",
        1_700_000_000_000L,
        ByteBuffer.allocate(0),
        new Signature(new byte[64]));
  }

  private AlertShare sealed() {
    return with(b -> b.setSealed(ByteBuffer.wrap(seal(detail))));
  }

  private byte[] seal(AlertDetail of) {
    return sealing.seal(open, of, DETAIL_BYTES);
  }

  private AlertSealing sealing(LongSupplier nanoClock) {
    return new AlertSealing(
        consortium.charter, "agg-1", consortium.charter.banks().getFirst(), nanoClock);
  }

  private AlertShare with(Consumer<AlertShare.Builder> change) {
    AlertShare.Builder builder = AlertShare.newBuilder(open);
    change.accept(builder);
    return builder.build();
  }

  @Test
  void theBankOpensIt() {
    assertThat(opening.open(sealed())).contains(detail);
  }

  @Test
  void anotherKeyDoesNot() {
    var other = new AlertOpening(SealingKeyPair.generate(consortium.random));
    assertThat(other.open(sealed())).isEmpty();
  }

  @Test
  void everyDetailOfARuleSetHasOneLength() {
    var longer = AlertDetail.newBuilder(detail).setRule("a-rule-with-a-longer-name").build();
    assertThat(seal(longer)).hasSameSizeAs(seal(detail));
    var tooLong = AlertDetail.newBuilder(detail).setRule("x".repeat(DETAIL_BYTES)).build();
    assertThatThrownBy(() -> seal(tooLong)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anotherPlaceDoesNotOpen() {
    AlertShare share = sealed();
    byte[] other = new byte[32];
    other[0] = 1;
    List<Consumer<AlertShare.Builder>> changes =
        List.of(
            b -> b.setCharter(new Digest(other)),
            b -> b.setBank("bank-b"),
            b -> b.setAggregator("agg-2"),
            b -> b.setAlertId(new Id128(Arrays.copyOf(other, 16))),
            b -> b.setPartition(1),
            b -> b.setBatch(6),
            b -> b.setAttempt(2),
            b -> b.setCut(new Digest(other)),
            b -> b.setRuleSet(new Digest(other)));
    for (Consumer<AlertShare.Builder> change : changes) {
      AlertShare.Builder moved = AlertShare.newBuilder(share);
      change.accept(moved);
      assertThat(opening.open(moved.build())).isEmpty();
    }
  }

  @Test
  void whatWasChangedDoesNotOpen() {
    byte[] sealed = Hashes.bytesOf(sealed().getSealed());
    for (int at : new int[] {0, 1, 1_088, 1_120, 1_121, 1_128, 1_129, sealed.length - 1}) {
      byte[] flipped = sealed.clone();
      flipped[at] ^= 1;
      assertNotOpened(flipped);
    }
    for (int length : new int[] {0, 1, 1_120, 1_129, 1_149, 1_150, sealed.length - 1}) {
      assertNotOpened(Arrays.copyOf(sealed, length));
    }
    byte[] zeroPoint = sealed.clone();
    Arrays.fill(zeroPoint, 1_089, 1_121, (byte) 0);
    assertNotOpened(zeroPoint);
  }

  private void assertNotOpened(byte[] sealed) {
    assertThat(opening.open(with(b -> b.setSealed(ByteBuffer.wrap(sealed))))).isEmpty();
  }

  private void opens(byte[] sealed) {
    assertThat(opening.open(with(b -> b.setSealed(ByteBuffer.wrap(sealed))))).contains(detail);
  }

  private static byte[] encapsulation(byte[] sealed) {
    return Arrays.copyOfRange(sealed, 1, 1 + AlertKeys.ENCAPSULATION_BYTES);
  }

  @Test
  void aSessionIsAgreedOnOnceAndSealsNoTwoSharesAlike() {
    byte[] first = seal(detail);
    byte[] second = seal(detail);
    assertThat(encapsulation(second)).isEqualTo(encapsulation(first));
    int prefix = AlertKeys.PREFIX_BYTES;
    assertThat(Arrays.copyOfRange(second, prefix, second.length))
        .isNotEqualTo(Arrays.copyOfRange(first, prefix, first.length));
    opens(second);
    opens(first);
    assertThat(opening.decapsulations()).isEqualTo(1);
  }

  @Test
  void aSessionEndsWithItsAgeAndItsShares() {
    var nanos = new AtomicLong();
    AlertSealing aging = sealing(nanos::get);
    byte[] first = aging.seal(open, detail, DETAIL_BYTES);
    nanos.set(AlertSealing.SESSION_AGE_MAX.toNanos());
    byte[] last = aging.seal(open, detail, DETAIL_BYTES);
    assertThat(encapsulation(last)).isEqualTo(encapsulation(first));
    nanos.incrementAndGet();
    byte[] next = aging.seal(open, detail, DETAIL_BYTES);
    assertThat(encapsulation(next)).isNotEqualTo(encapsulation(first));
    for (int i = 1; i < AlertSealing.SESSION_SHARES_MAX; i++) {
      last = aging.seal(open, detail, DETAIL_BYTES);
    }
    assertThat(encapsulation(last)).isEqualTo(encapsulation(next));
    byte[] later = aging.seal(open, detail, DETAIL_BYTES);
    assertThat(encapsulation(later)).isNotEqualTo(encapsulation(next));
    opens(last);
    opens(later);
  }

  @Test
  void theSessionsUsedLastAreRemembered() {
    byte[] kept = seal(detail);
    opens(kept);
    for (int i = 0; i < AlertOpening.SESSIONS_MAX - 1; i++) {
      opens(sealing(() -> 0).seal(open, detail, DETAIL_BYTES));
    }
    opens(kept);
    assertThat(opening.decapsulations()).isEqualTo(AlertOpening.SESSIONS_MAX);
    for (int i = 0; i < AlertOpening.SESSIONS_MAX; i++) {
      opens(sealing(() -> 0).seal(open, detail, DETAIL_BYTES));
    }
    opens(kept);
    assertThat(opening.decapsulations()).isEqualTo(2 * AlertOpening.SESSIONS_MAX + 1);
  }

  /** With the same randomness a detail is sealed to the same bytes, and those open. */
  @Test
  void sealingGivesGoldenBytes() {
    var golden = new GoldenFile(AlertSealingTest.class, "alert.txt");
    byte[] random = new byte[64];
    consortium.random.nextBytes(random);
    HPKEContextWithEncapsulation context =
        SealingPublicKey.hpke()
            .setupBaseS(bank.publicKey().key(), AlertKeys.sessionInfo(open), random);
    byte[] sealed =
        AlertSealing.seal(
            context.getEncapsulation(), AlertKeys.secret(context), 5, open, detail, DETAIL_BYTES);
    golden.assertHolds(HexFormat.of().formatHex(sealed) + "\n");
    opens(HexFormat.of().parseHex(golden.text().strip()));
  }

  @Test
  void detailsKeepTheirLimit() {
    int max = AlertSealing.DETAIL_BYTES_MAX;
    byte[] largest = sealing.seal(open, detail, max);
    assertThat(largest).hasSize(AlertSealing.SEALED_BYTES_MAX);
    assertThat(opening.open(with(b -> b.setSealed(ByteBuffer.wrap(largest))))).contains(detail);
    assertThatThrownBy(() -> sealing.seal(open, detail, max + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertNotOpened(Arrays.copyOf(largest, largest.length + 1));
  }

  /** Names in records, receipts and deliveries: a change would deliver every alert twice. */
  @Test
  void alertIdsAreTheSameForEver() {
    byte[] transaction = new byte[16];
    byte[] id = AlertIds.alertId(new byte[32], "rule-7", transaction);
    assertThat(id)
        .hasSize(AlertIds.ID_BYTES)
        .isEqualTo(AlertIds.alertId(new byte[32], "rule-7", transaction));
    assertThat(AlertIds.alertId(new byte[32], "rule-8", transaction)).isNotEqualTo(id);
    transaction[0] = 1;
    assertThat(AlertIds.alertId(new byte[32], "rule-7", transaction)).isNotEqualTo(id);
    assertThat(HexFormat.of().formatHex(id)).isEqualTo("9c06e0b42acdb5d956095cc72d7ab069");
  }
}
