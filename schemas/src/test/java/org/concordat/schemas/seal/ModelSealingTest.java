package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.ModelComponent;
import org.concordat.schemas.record.ModelCore;
import org.concordat.schemas.record.ModelPayload;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Salt;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.Domain;
import org.junit.jupiter.api.Test;

class ModelSealingTest {
  private static final long[] VALUES = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 12_345};

  private final SealingConsortium consortium = new SealingConsortium("models");
  private final ModelSealing.Purpose purpose =
      new ModelSealing.Purpose(
          SealingConsortium.BANK,
          new Digest(new byte[32]),
          "rule",
          Domain.ARITHMETIC,
          VALUES.length);

  private List<ModelShare> seal(ModelSealing.Purpose purpose, long publication) {
    return ModelSealing.seal(
        consortium.charter,
        purpose,
        publication,
        VALUES,
        List.of(consortium.key(0), consortium.key(1), consortium.key(2)),
        consortium.bankKey,
        consortium.random);
  }

  private ModelSealing.Opening open(ModelShare share, int aggregator, long after) {
    return ModelSealing.open(
        RecordCodec.encode(share),
        consortium.charter,
        SealingConsortium.aggregator(aggregator),
        purpose,
        after,
        id -> Optional.of(consortium.sealingKeys.get(aggregator)));
  }

  private void assertRefused(ModelShare share, Code code) {
    assertThat(open(share, 0, 4)).isEqualTo(new ModelSealing.Refused(code));
  }

  @Test
  void threeAggregatorsHoldSharesOfTheValues() {
    List<ModelShare> shares = seal(purpose, 5);
    long[][][] parts = new long[3][][];
    Digest core = null;
    for (int i = 0; i < 3; i++) {
      var opened = (ModelSealing.Opened) open(shares.get(i), i, 4);
      assertThat(opened.publication()).isEqualTo(5);
      assertThat(core == null || opened.core().equals(core)).isTrue();
      core = opened.core();
      parts[i] = new long[][] {opened.part().first(), opened.part().second()};
      var kept = ModelSealing.Opened.decode(opened.encode(), VALUES.length).orElseThrow();
      assertThat(kept.part().second()).isEqualTo(parts[i][1]);
      assertThat(kept.core()).isEqualTo(core);
      assertThat(ModelSealing.Opened.decode(opened.encode(), VALUES.length + 1)).isEmpty();
      assertThat(opened.part()).hasToString("Part[values=6]");
    }
    long[] sum = new long[VALUES.length];
    for (int i = 0; i < 3; i++) {
      assertThat(parts[i][1]).isEqualTo(parts[(i + 1) % 3][0]);
      long[] component = parts[i][0];
      Arrays.setAll(sum, v -> sum[v] + component[v]);
    }
    assertThat(sum).isEqualTo(VALUES);
    // Another publication of the same values shares them anew.
    var again = (ModelSealing.Opened) open(seal(purpose, 6).getFirst(), 0, 5);
    assertThat(again.part().first()).doesNotContain(parts[0][0]);
    assertThat(again.core()).isNotEqualTo(core);
  }

  @Test
  void bitsAreTheExclusiveOrOfTheirComponents() {
    var bits = new ModelSealing.Purpose("bank-a", purpose.ruleSet(), "rule", Domain.BOOLEAN, 6);
    List<ModelShare> shares = seal(bits, 5);
    long[] all = new long[VALUES.length];
    for (int i = 0; i < 3; i++) {
      long[] component = ((ModelSealing.Opened) open(shares.get(i), i, 4)).part().first();
      Arrays.setAll(all, v -> all[v] ^ component[v]);
    }
    assertThat(all).isEqualTo(VALUES);
  }

  @Test
  void anotherPurposeIsRefused() {
    assertRefused(
        seal(
                new ModelSealing.Purpose(
                    "bank-a", new Digest(other(32)), "rule", Domain.ARITHMETIC, 6),
                5)
            .getFirst(),
        Code.CDT_423);
    assertRefused(
        seal(
                new ModelSealing.Purpose(
                    "bank-a", purpose.ruleSet(), "other", Domain.ARITHMETIC, 6),
                5)
            .getFirst(),
        Code.CDT_424);
    assertRefused(
        seal(new ModelSealing.Purpose("bank-b", purpose.ruleSet(), "rule", Domain.ARITHMETIC, 6), 5)
            .getFirst(),
        Code.CDT_422);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                seal(
                    new ModelSealing.Purpose(
                        "bank-a", purpose.ruleSet(), "rule", Domain.ARITHMETIC, 5),
                    5));
  }

  private static byte[] other(int length) {
    byte[] bytes = new byte[length];
    bytes[0] = 1;
    return bytes;
  }

  @Test
  void aModelOfAnotherShapeIsRefused() {
    ModelShare share = seal(purpose, 5).getFirst();
    ModelCore core = ModelCore.newBuilder(core(share)).setValues(5).build();
    assertRefused(signed(share, core), Code.CDT_424);
  }

  private static ModelCore core(ModelShare share) {
    return RecordCodec.decode(ModelCore.class, Hashes.bytesOf(share.getCore()));
  }

  private ModelShare signed(ModelShare share, ModelCore core) {
    return Signed.sign(
        ModelShare.newBuilder(share).setCore(ByteBuffer.wrap(RecordCodec.encode(core))).build(),
        consortium.bankKey);
  }

  @Test
  void anotherSignerOrCopyIsRefused() {
    ModelShare share = seal(purpose, 5).getFirst();
    assertRefused(Signed.sign(share, SigningKey.generate(consortium.random)), Code.CDT_422);
    assertRefused(
        ModelShare.newBuilder(share).setSignature(new Signature(new byte[64])).build(),
        Code.CDT_422);
    assertRefused(seal(purpose, 5).get(1), Code.CDT_425);
    assertThat(
            ModelSealing.open(
                new byte[] {1}, consortium.charter, "agg-1", purpose, 0, id -> Optional.empty()))
        .isEqualTo(new ModelSealing.Refused(Code.CDT_420));
  }

  @Test
  void anotherCharterIsRefused() {
    ModelShare share = seal(purpose, 5).getFirst();
    ModelCore core = ModelCore.newBuilder(core(share)).setCharter(new Digest(other(32))).build();
    assertRefused(signed(share, core), Code.CDT_421);
  }

  @Test
  void anOlderPublicationIsRefused() {
    assertRefused(seal(purpose, 4).getFirst(), Code.CDT_428);
    // Under another number, the sealed part is bound to the first.
    ModelShare share = seal(purpose, 5).getFirst();
    ModelCore core = ModelCore.newBuilder(core(share)).setPublication(9).build();
    assertRefused(signed(share, core), Code.CDT_426);
  }

  @Test
  void brokenSharesAreRefused() {
    ModelShare share = seal(purpose, 5).getFirst();
    byte[] sealed = Hashes.bytesOf(share.getSealed());
    sealed[sealed.length - 1] ^= 1;
    assertRefused(resealed(share, sealed), Code.CDT_426);
    assertRefused(resealed(share, new byte[10]), Code.CDT_426);
    assertRefused(resealed(share, new byte[ModelSealing.SEALED_BYTES_MAX + 1]), Code.CDT_426);
    assertThat(
            ModelSealing.open(
                RecordCodec.encode(share),
                consortium.charter,
                "agg-1",
                purpose,
                4,
                id -> Optional.empty()))
        .isEqualTo(new ModelSealing.Refused(Code.CDT_426));
  }

  @Test
  void sharesThatThePublisherDidNotCommitToAreRefused() {
    ModelShare share = seal(purpose, 5).getFirst();
    byte[] core = Hashes.bytesOf(share.getCore());
    List<ModelComponent> components =
        List.of(
            new ModelComponent(0, new Salt(new byte[32]), ByteBuffer.wrap(new byte[48])),
            new ModelComponent(1, new Salt(new byte[32]), ByteBuffer.wrap(new byte[48])));
    for (List<ModelComponent> given : List.of(components, List.<ModelComponent>of())) {
      byte[] sealed =
          ModelSealing.sealed(
              consortium.charter,
              SealingConsortium.BANK,
              core,
              consortium.key(0),
              new ModelPayload(given));
      assertRefused(resealed(share, sealed), Code.CDT_427);
    }
  }

  private ModelShare resealed(ModelShare share, byte[] sealed) {
    return Signed.sign(
        ModelShare.newBuilder(share).setSealed(ByteBuffer.wrap(sealed)).build(),
        consortium.bankKey);
  }
}
