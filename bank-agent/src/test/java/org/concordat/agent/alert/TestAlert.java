package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.store.Id;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.DetailComponent;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.AlertIds;
import org.concordat.schemas.seal.AlertSealing;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;

/** An alert as three honest aggregators share it. A test changes what it wants to be wrong. */
final class TestAlert {
  static final int PARTIES = 3;
  static final int DETAIL_BYTES = 256;
  static final Digest RULE_SET = digest(77);

  /** Tells a score at scale 100 and two reasons. */
  static final RuleOutput RISK =
      new RuleOutput(
          "risk",
          "A high risk",
          true,
          0,
          OptionalInt.of(1),
          100,
          250,
          List.of(
              new RuleOutput.ReasonOutput("new", "It is new", 2),
              new RuleOutput.ReasonOutput("large", "It is large", 3)));

  final long transaction;
  final long score;
  final long reasons;
  String rule = "risk";
  String bank = TestConsortium.BANK;
  String mode = "test";
  Digest ruleSet = RULE_SET;
  int partition;
  int attempt;
  int cut = 1;
  int row;
  long number;
  @Nullable Id128 memberOf;
  private final long[][] components = new long[PARTIES][2];

  TestAlert(long transaction, long score, long reasons) {
    this.transaction = transaction;
    this.score = score;
    this.reasons = reasons;
    var random = new SplittableRandom(transaction);
    for (int c = 0; c < 2; c++) {
      components[c] = new long[] {random.nextLong(), random.nextLong()};
    }
    components[2][0] = score - components[0][0] - components[1][0];
    components[2][1] = reasons ^ components[0][1] ^ components[1][1];
  }

  static Digest digest(int filling) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, (byte) filling);
    return new Digest(bytes);
  }

  /** A score, and no reasons. */
  TestAlert ofRule(String name, Digest ofSet) {
    rule = name;
    ruleSet = ofSet;
    return this;
  }

  byte[] id(Digest charter) {
    return AlertIds.alertId(charter.bytes(), rule, transactionId().bytes());
  }

  Id128 transactionId() {
    return new Id128(new Id(transaction, ~transaction).bytes());
  }

  AlertDetail detail(int aggregator) {
    return new AlertDetail(
        rule,
        transactionId(),
        5L,
        row,
        List.of(component(aggregator), component((aggregator + 1) % PARTIES)),
        memberOf);
  }

  private DetailComponent component(int index) {
    if (memberOf != null) {
      return new DetailComponent(index, ByteBuffer.allocate(0));
    }
    ByteBuffer words = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    words.asLongBuffer().put(components[index]);
    return new DetailComponent(index, words);
  }

  AlertShare.Builder open(int aggregator, Digest charter) {
    return AlertShare.newBuilder()
        .setProtocol(Charter.PROTOCOL)
        .setCharter(charter)
        .setMode(mode)
        .setAlertId(new Id128(id(charter)))
        .setBank(bank)
        .setPartition(partition)
        .setBatch(3)
        .setAttempt(attempt)
        .setAlertSequence(number)
        .setRuleSet(ruleSet)
        .setRuleSetVersion(4)
        .setContractVersion(1)
        .setCut(digest(cut))
        .setAggregator(TestConsortium.name(aggregator))
        .setCommittedMillis(1_000 + aggregator)
        .setSealed(ByteBuffer.allocate(0))
        .setSignature(new Signature(new byte[64]));
  }

  /** As the gate lets it in. */
  OpenedShare opened(int aggregator, long offset) {
    return opened(aggregator, offset, detail(aggregator));
  }

  OpenedShare opened(int aggregator, long offset, AlertDetail detail) {
    return new OpenedShare(open(aggregator, digest(0)).build(), detail, aggregator, offset);
  }

  /** As it is on the bus. */
  byte[] record(TestConsortium consortium, int aggregator) {
    return record(consortium, aggregator, aggregator, detail(aggregator));
  }

  byte[] record(TestConsortium consortium, int aggregator, int signer, AlertDetail detail) {
    var share = open(aggregator, consortium.charter.hash());
    byte[] sealed =
        new AlertSealing(
                consortium.charter,
                share.getAggregator(),
                new Charter.Bank(
                    bank, consortium.bankKey.verifier(), consortium.alertKey.publicKey()),
                () -> 0)
            .seal(share.build(), detail, DETAIL_BYTES);
    return RecordCodec.encode(
        Signed.sign(
            share.setSealed(ByteBuffer.wrap(sealed)).build(),
            consortium.aggregatorKeys.get(signer)));
  }
}
