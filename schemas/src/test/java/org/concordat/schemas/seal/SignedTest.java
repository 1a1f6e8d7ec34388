package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.RandomData;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signature covers every field of a record and its kind. */
class SignedTest {
  private final FixedRandom random = new FixedRandom("signed");
  private final SigningKey key = SigningKey.generate(random);

  /** Fields that a signature leaves out: itself, and what a vote doesn't show to peers. */
  private static boolean signed(SpecificRecordBase record, Schema.Field field) {
    return !field.name().equals("signature")
        && !(record instanceof Vote && field.name().equals("sealed"));
  }

  private static SpecificRecordBase sample(Class<?> type, int seed) {
    Schema schema = SpecificData.get().getSchema(type);
    Object generic = new RandomData(schema, 1, seed).iterator().next();
    return (SpecificRecordBase) SpecificData.get().deepCopy(schema, generic);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        HpkeKey.class,
        SessionSetup.class,
        BlockHeader.class,
        CutRecord.class,
        Receipt.class,
        AlertShare.class,
        Vote.class
      })
  void everyFieldIsCovered(Class<?> type) {
    SpecificRecordBase unsigned = sample(type, 1);
    SpecificRecordBase signed = Signed.sign(unsigned, key);
    assertThat(Signed.verify(signed, key.verifier())).isTrue();
    assertThat(Signed.verify(unsigned, key.verifier())).isFalse();
    assertThat(Signed.verify(signed, SigningKey.generate(random).verifier())).isFalse();
    SpecificRecordBase other = sample(type, 2);
    for (Schema.Field field : signed.getSchema().getFields()) {
      SpecificRecordBase changed = Signed.sign(unsigned, key);
      if (changed.get(field.pos()).equals(other.get(field.pos()))) {
        continue;
      }
      changed.put(field.pos(), other.get(field.pos()));
      assertThat(Signed.verify(changed, key.verifier()))
          .as("%s.%s", type.getSimpleName(), field.name())
          .isEqualTo(!signed(changed, field) && !field.name().equals("signature"));
    }
  }

  /** A receipt's bytes under a receipt's signature are no vote, whatever they say. */
  @Test
  void aSignatureIsGoodForItsKindOnly() {
    byte[] message = {1, 2, 3};
    byte[] signature = key.sign("Receipt", message);
    assertThat(key.verifier().verify("Receipt", message, signature)).isTrue();
    assertThat(key.verifier().verify("Vote", message, signature)).isFalse();
    assertThat(key.verifier().verify("Receip", new byte[] {'t', 1, 2, 3}, signature)).isFalse();
    assertThat(key.verifier().verify("Receipt", message, new byte[63])).isFalse();
    assertThat(key.verifier().verify("Receipt", message, new byte[64])).isFalse();
  }

  @Test
  void peersGetAVoteWithoutItsSealedPart() {
    Vote vote = (Vote) Signed.sign(sample(Vote.class, 1), key);
    Vote shown = Vote.newBuilder(vote).setSealed(ByteBuffer.allocate(0)).build();
    assertThat(Signed.verify(shown, key.verifier())).isTrue();
  }

  @Test
  void aCutsHashIsEveryPartys() {
    CutRecord cut = (CutRecord) sample(CutRecord.class, 1);
    CutRecord ofAnother =
        CutRecord.newBuilder(cut)
            .setAggregator("agg-2")
            .setCommittedMillis(5)
            .setSignature(new Signature(new byte[64]))
            .setCut(new Digest(new byte[32]))
            .build();
    assertThat(CutHashes.cut(ofAnother)).isEqualTo(CutHashes.cut(cut));
    assertThat(CutHashes.cut(CutRecord.newBuilder(cut).setBatch(cut.getBatch() + 1).build()))
        .isNotEqualTo(CutHashes.cut(cut));
    assertThat(
            CutHashes.cut(
                CutRecord.newBuilder(cut).setSkips(List.of()).setEntries(List.of()).build()))
        .isNotEqualTo(CutHashes.cut(cut));
    var one = new Digest(new byte[32]);
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    var two = new Digest(bytes);
    assertThat(CutHashes.headers(List.of(one, two)))
        .isNotEqualTo(CutHashes.headers(List.of(two, one)));
  }
}
