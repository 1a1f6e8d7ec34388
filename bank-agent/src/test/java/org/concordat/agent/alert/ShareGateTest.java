package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.concordat.agent.TestConsortium;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.Test;

class ShareGateTest {
  private static final TestConsortium CONSORTIUM = new TestConsortium(2);

  private final TestAlert alert = new TestAlert(1, 2, 3);
  private final ShareGate gate = gate(CONSORTIUM.charter, CONSORTIUM.alertKey);

  private static ShareGate gate(Charter charter, SealingKeyPair key) {
    return new ShareGate(charter, TestConsortium.BANK, key);
  }

  private ShareGate.Admission.Admitted admitted(byte[] record) {
    var admission = gate.admit(record, 0);
    assertThat(admission).isInstanceOf(ShareGate.Admission.Admitted.class);
    return (ShareGate.Admission.Admitted) admission;
  }

  private static void isRefused(ShareGate.Admission admission, Code code) {
    assertThat(admission).isEqualTo(new ShareGate.Admission.Refused(code));
  }

  /** The second aggregator's share with a field changed, and signed like that. */
  private byte[] signed(UnaryOperator<AlertShare.Builder> change) {
    AlertShare share = RecordCodec.decode(AlertShare.class, alert.record(CONSORTIUM, 1));
    return RecordCodec.encode(
        Signed.sign(
            change.apply(AlertShare.newBuilder(share)).build(), CONSORTIUM.aggregatorKeys.get(1)));
  }

  @Test
  void opensWhatAnAggregatorSignedForThisBank() {
    for (int i = 0; i < TestAlert.PARTIES; i++) {
      var admitted = admitted(alert.record(CONSORTIUM, i));
      assertThat(admitted.aggregator()).isEqualTo(i);
      OpenedShare opened = gate.open(admitted, 12).orElseThrow();
      assertThat(opened.detail()).isEqualTo(alert.detail(i));
      assertThat(opened.offset()).isEqualTo(12);
      assertThat(opened.share().getSealed().remaining()).isZero();
    }
  }

  @Test
  void refusesWhatIsNotAnAlertShare() {
    byte[] record = alert.record(CONSORTIUM, 0);
    isRefused(gate.admit(null, 0), Code.CDT_701);
    isRefused(gate.admit(new byte[0], 0), Code.CDT_701);
    isRefused(gate.admit(Arrays.copyOf(record, record.length - 1), 0), Code.CDT_701);
    isRefused(gate.admit(Arrays.copyOf(record, record.length + 1), 0), Code.CDT_701);
    isRefused(gate.admit(RecordCodec.encode(alert.detail(0)), 0), Code.CDT_701);
  }

  @Test
  void aRecordHasAGreatestLength() {
    int rest = signed(share -> share.setSealed(ByteBuffer.allocate(1 << 11))).length - (1 << 11);
    int most = ShareGate.RECORD_BYTES_MAX - rest;
    admitted(signed(share -> share.setSealed(ByteBuffer.allocate(most))));
    isRefused(
        gate.admit(signed(share -> share.setSealed(ByteBuffer.allocate(most + 1))), 0),
        Code.CDT_701);
  }

  @Test
  void theLongestRuleFitsWithRoom() {
    byte[] record = alert.ofRule("r".repeat(64), TestAlert.RULE_SET).record(CONSORTIUM, 0);
    assertThat(record.length).isLessThan(ShareGate.RECORD_BYTES_MAX / 2);
    assertThat(gate.open(admitted(record), 0)).isPresent();
  }

  @Test
  void refusesOtherCharters() {
    isRefused(gate.admit(signed(share -> share.setCharter(TestAlert.digest(9))), 0), Code.CDT_702);
    isRefused(gate.admit(signed(share -> share.setProtocol(99)), 0), Code.CDT_702);
  }

  @Test
  void refusesAnotherBanksShares() {
    isRefused(gate.admit(signed(share -> share.setBank("bank-b")), 0), Code.CDT_702);
  }

  @Test
  void refusesAShareOnAnotherPartition() {
    isRefused(gate.admit(alert.record(CONSORTIUM, 0), 1), Code.CDT_702);
  }

  @Test
  void aTestAlertIsNotAProductionOneNorTheOtherWayRound() {
    Charter test = CONSORTIUM.charter;
    var production =
        new Charter(
            test.hash(),
            1,
            test.hash(),
            test.consortium(),
            Charter.Mode.PRODUCTION,
            test.suite(),
            test.partitions(),
            test.quorum(),
            test.bankOperatedAggregators(),
            test.epochDays(),
            test.contractVersions(),
            test.caps(),
            test.aggregators(),
            test.banks());
    isRefused(
        gate(production, CONSORTIUM.alertKey).admit(alert.record(CONSORTIUM, 0), 0), Code.CDT_702);
    alert.mode = production.modeName();
    isRefused(gate.admit(alert.record(CONSORTIUM, 0), 0), Code.CDT_702);
    assertThat(gate(production, CONSORTIUM.alertKey).admit(alert.record(CONSORTIUM, 0), 0))
        .isInstanceOf(ShareGate.Admission.Admitted.class);
  }

  @Test
  void refusesSignaturesOfOthers() {
    isRefused(gate.admit(alert.record(CONSORTIUM, 0, 1, alert.detail(0)), 0), Code.CDT_703);
    isRefused(gate.admit(alert.record(new TestConsortium(2), 0), 0), Code.CDT_703);
    isRefused(gate.admit(signed(share -> share.setAggregator("agg-9")), 0), Code.CDT_703);
  }

  @Test
  void refusesEveryChangedBit() {
    byte[] record = alert.record(CONSORTIUM, 0);
    for (int at = 0; at < record.length; at += 37) {
      record[at] ^= 4;
      assertThat(gate.admit(record, 0)).isInstanceOf(ShareGate.Admission.Refused.class);
      record[at] ^= 4;
    }
    admitted(record);
  }

  @Test
  void opensNothingWithAnotherKey() {
    var other = gate(CONSORTIUM.charter, SealingKeyPair.generate(new SecureRandom()));
    assertThat(other.open(admitted(alert.record(CONSORTIUM, 0)), 0)).isEmpty();
  }

  @Test
  void theSealedPartBelongsToItsOpenFields() {
    assertThat(gate.open(admitted(signed(share -> share.setAttempt(7))), 0)).isEmpty();
    assertThat(gate.open(admitted(signed(share -> share.setCut(TestAlert.digest(8)))), 0))
        .isEmpty();
    assertThat(gate.open(admitted(signed(share -> share.setSealed(ByteBuffer.allocate(9)))), 0))
        .isEmpty();
  }

  @Test
  void theAlertIdBelongsToRuleAndTransaction() {
    var other = new TestAlert(2, 2, 3);
    byte[] record = alert.record(CONSORTIUM, 0, 0, other.detail(0));
    assertThat(gate.open(admitted(record), 0)).isEmpty();
  }
}
