package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.SessionSetup;
import org.junit.jupiter.api.Test;

/** Set-up records are taken from the bank for this aggregator's key only; blocks wait for them. */
class SealingSessionTest {
  private final SealingConsortium consortium = new SealingConsortium("sessions");
  private final BlockOpener opener = consortium.opener(0);
  private final SessionSetup honest = consortium.session(0, 7).setup();

  private Optional<Code> signed(Consumer<SessionSetup.Builder> change) {
    SessionSetup.Builder builder = SessionSetup.newBuilder(honest);
    change.accept(builder);
    return opener.setup(Signed.sign(builder.build(), consortium.bankKey));
  }

  @Test
  void aGoodSetUpIsTakenAsOftenAsItComes() {
    assertThat(opener.setup(honest)).isEmpty();
    assertThat(opener.setup(honest)).isEmpty();
  }

  @Test
  void aBlockWaitsForItsSetUp() {
    List<SealingSession> sessions = consortium.sessions(7);
    Block block = consortium.sealer(sessions).seal(consortium.content(0, 1)).getFirst();
    assertWaits(block);
    assertThat(opener.setup(sessions.getFirst().setup())).isEmpty();
    assertThat(opener.open(block)).isInstanceOf(Opening.Opened.class);
    opener.destroy();
    assertWaits(block);
  }

  private void assertWaits(Block block) {
    assertThat(opener.open(block))
        .isInstanceOfSatisfying(
            Opening.Waiting.class,
            waiting -> {
              assertThat(waiting.core().getBank()).isEqualTo("bank-a");
              assertThat(waiting.core().getSession()).isEqualTo(7);
            });
  }

  @Test
  void setUpsOfOthersAreRefused() {
    byte[] other = new byte[32];
    other[0] = 1;
    assertThat(signed(b -> b.setProtocol(2))).contains(Code.CDT_402);
    assertThat(signed(b -> b.setCharter(new Digest(other)))).contains(Code.CDT_402);
    assertThat(signed(b -> b.setBank("bank-b"))).contains(Code.CDT_403);
    assertThat(opener.setup(SessionSetup.newBuilder(honest).setSession(8).build()))
        .contains(Code.CDT_404);
    assertThat(opener.setup(Signed.sign(honest, SigningKey.generate(consortium.random))))
        .contains(Code.CDT_404);
    assertThat(opener.setup(consortium.session(1, 7).setup())).contains(Code.CDT_412);
    assertThat(signed(b -> b.setKeyId("key-0"))).contains(Code.CDT_412);
  }

  @Test
  void encapsulationsThatAreNoneAreRefused() {
    byte[] encapsulation = Hashes.bytesOf(honest.getEncapsulation());
    for (int length : new int[] {0, 1088, 1119, 1121}) {
      byte[] changed = Arrays.copyOf(encapsulation, length);
      assertThat(signed(b -> b.setEncapsulation(ByteBuffer.wrap(changed)))).contains(Code.CDT_412);
    }
    byte[] zeroPoint = encapsulation.clone();
    Arrays.fill(zeroPoint, 1088, 1120, (byte) 0);
    assertThat(signed(b -> b.setEncapsulation(ByteBuffer.wrap(zeroPoint)))).contains(Code.CDT_412);
  }

  /** Base mode can't notice; the header's commitment to the key does. */
  @Test
  void anEncapsulationForOtherNumbersLeadsToAnotherKey() {
    List<SealingSession> sessions = consortium.sessions(7);
    SessionSetup renumbered =
        Signed.sign(
            SessionSetup.newBuilder(sessions.getFirst().setup()).setEpoch(1).build(),
            consortium.bankKey);
    assertThat(opener.setup(renumbered)).isEmpty();
    Block block = consortium.sealer(sessions).seal(consortium.content(0, 1)).getFirst();
    assertThat(((Opening.Refused) opener.open(block)).code()).isEqualTo(Code.CDT_408);
  }

  @Test
  void theOldestSessionsOfABankAreForgotten() {
    List<SealingSession> sessions = consortium.sessions(0);
    Block block = consortium.sealer(sessions).seal(consortium.content(0, 1)).getFirst();
    assertThat(opener.setup(sessions.getFirst().setup())).isEmpty();
    for (int i = 1; i < BlockOpener.SESSIONS_PER_BANK_MAX; i++) {
      long number = i;
      assertThat(signed(b -> b.setSession(number))).isEmpty();
    }
    assertThat(opener.open(block)).isInstanceOf(Opening.Opened.class);
    assertThat(signed(b -> b.setSession(BlockOpener.SESSIONS_PER_BANK_MAX))).isEmpty();
    assertThat(opener.open(block)).isInstanceOf(Opening.Waiting.class);
  }

  @Test
  void aSessionIsOpenedWithTheAggregatorsOwnKeyOnly() {
    HpkeKey key = consortium.key(0);
    refused("agg-2", key);
    byte[] other = new byte[32];
    other[0] = 1;
    refused("agg-1", HpkeKey.newBuilder(key).setCharter(new Digest(other)).build());
    byte[] zeroPoint = Hashes.bytesOf(key.getPublicKey());
    Arrays.fill(zeroPoint, SealingPublicKey.KEY_BYTES - 32, zeroPoint.length, (byte) 0);
    refused("agg-1", HpkeKey.newBuilder(key).setPublicKey(ByteBuffer.wrap(zeroPoint)).build());
    byte[] beyondModulus = Hashes.bytesOf(key.getPublicKey());
    Arrays.fill(beyondModulus, 0, 1152, (byte) 0xFF);
    refused("agg-1", HpkeKey.newBuilder(key).setPublicKey(ByteBuffer.wrap(beyondModulus)).build());
  }

  private void refused(String aggregator, HpkeKey key) {
    assertThatThrownBy(
            () ->
                SealingSession.open(
                    consortium.charter, "bank-a", consortium.bankKey, aggregator, key, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
