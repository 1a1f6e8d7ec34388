package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
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
              new DetailComponent(1, ByteBuffer.wrap(new byte[16]))));
  private final AlertShare open = share();

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
    return AlertSealing.seal(open, of, DETAIL_BYTES, bank.publicKey());
  }

  private AlertShare with(Consumer<AlertShare.Builder> change) {
    AlertShare.Builder builder = AlertShare.newBuilder(open);
    change.accept(builder);
    return builder.build();
  }

  @Test
  void theBankOpensIt() {
    assertThat(AlertSealing.open(sealed(), bank)).contains(detail);
  }

  @Test
  void anotherKeyDoesNot() {
    assertThat(AlertSealing.open(sealed(), SealingKeyPair.generate(consortium.random))).isEmpty();
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
      assertThat(AlertSealing.open(moved.build(), bank)).isEmpty();
    }
  }

  @Test
  void whatWasChangedDoesNotOpen() {
    byte[] sealed = Hashes.bytesOf(sealed().getSealed());
    for (int at : new int[] {0, 1_087, 1_119, 1_120, sealed.length - 1}) {
      byte[] flipped = sealed.clone();
      flipped[at] ^= 1;
      assertNotOpened(flipped);
    }
    for (int length : new int[] {0, 1_119, 1_120, 1_140, 1_141, sealed.length - 1}) {
      assertNotOpened(Arrays.copyOf(sealed, length));
    }
    byte[] zeroPoint = sealed.clone();
    Arrays.fill(zeroPoint, 1_088, 1_120, (byte) 0);
    assertNotOpened(zeroPoint);
  }

  private void assertNotOpened(byte[] sealed) {
    assertThat(AlertSealing.open(with(b -> b.setSealed(ByteBuffer.wrap(sealed))), bank)).isEmpty();
  }

  @Test
  void detailsKeepTheirLimit() {
    int max = AlertSealing.DETAIL_BYTES_MAX;
    byte[] largest = AlertSealing.seal(open, detail, max, bank.publicKey());
    assertThat(largest).hasSize(AlertSealing.SEALED_BYTES_MAX);
    assertThat(AlertSealing.open(with(b -> b.setSealed(ByteBuffer.wrap(largest))), bank))
        .contains(detail);
    assertThatThrownBy(() -> AlertSealing.seal(open, detail, max + 1, bank.publicKey()))
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
    assertThat(java.util.HexFormat.of().formatHex(id))
        .isEqualTo("9c06e0b42acdb5d956095cc72d7ab069");
  }
}
