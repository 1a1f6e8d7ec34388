package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.concordat.schemas.Seeds;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.BlockPayload;
import org.concordat.schemas.record.ComponentPayload;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Salt;
import org.junit.jupiter.api.Test;

/** Each way in which a copy can be wrong has its code, and none gets through. */
class BlockRefusalTest {
  private static final int ROWS = 65;

  private final SealingConsortium consortium = new SealingConsortium("refusals");
  private final List<SealingSession> sessions = consortium.sessions(7);
  private final BlockOpener opener = consortium.opener(0);
  private final List<Block> blocks = consortium.sealer(sessions).seal(consortium.content(3, ROWS));
  private final Block honest = blocks.getFirst();

  BlockRefusalTest() {
    assertThat(opener.setup(sessions.getFirst().setup())).isEmpty();
    assertThat(opener.open(honest)).isInstanceOf(Opening.Opened.class);
  }

  private Opening.Refused refusal(Block block) {
    return (Opening.Refused) opener.open(RecordCodec.encode(block));
  }

  private void assertRefused(Block block, Code code) {
    assertThat(refusal(block).code()).isEqualTo(code);
  }

  private void assertCoreRefused(UnaryOperator<BlockCore> change, Code code) {
    assertRefused(
        consortium.forge(honest, sessions.getFirst(), change, UnaryOperator.identity()), code);
  }

  private void assertPayloadRefused(UnaryOperator<BlockPayload> change) {
    assertRefused(
        consortium.forge(honest, sessions.getFirst(), UnaryOperator.identity(), change),
        Code.CDT_410);
  }

  private static BlockCore.Builder core(BlockCore core) {
    return BlockCore.newBuilder(core);
  }

  @Test
  void whatIsNoBlock() {
    byte[] record = RecordCodec.encode(honest);
    for (byte[] bytes :
        List.of(new byte[0], new byte[] {1, 2, 3}, Arrays.copyOf(record, record.length - 1))) {
      assertThat(opener.open(bytes))
          .isInstanceOfSatisfying(
              Opening.Refused.class, r -> assertThat(r.code()).isEqualTo(Code.CDT_401));
    }
    byte[] noCore = {(byte) 0xC3, 1, 2, 3};
    assertRefused(
        consortium.sign(honest, noCore, Hashes.bytesOf(honest.getCiphertext()), 0), Code.CDT_401);
  }

  @Test
  void anotherConsortiumOrProtocol() {
    assertCoreRefused(c -> core(c).setProtocol(2).build(), Code.CDT_402);
    byte[] other = new byte[32];
    other[31] = 1;
    assertCoreRefused(c -> core(c).setCharter(new Digest(other)).build(), Code.CDT_402);
  }

  @Test
  void whatACopySaysOfItselfIsReadWhoeverWroteIt() {
    BlockHeader foreign = Signed.sign(honest.getHeader(), SigningKey.generate(consortium.random));
    var copy = new Block(foreign, 0, ByteBuffer.allocate(0));
    assertRefused(copy, Code.CDT_404);
    assertThat(opener.unverified(RecordCodec.encode(copy)))
        .hasValueSatisfying(core -> assertThat(core.getSequence()).isEqualTo(3));
    byte[] other = new byte[32];
    other[31] = 1;
    Block elsewhere =
        consortium.forge(
            honest,
            sessions.getFirst(),
            c -> core(c).setCharter(new Digest(other)).build(),
            UnaryOperator.identity());
    assertThat(opener.unverified(RecordCodec.encode(elsewhere))).isEmpty();
    assertThat(opener.unverified(new byte[] {1, 2, 3})).isEmpty();
  }

  @Test
  void aBankThatIsNoMember() {
    assertCoreRefused(c -> core(c).setBank("bank-b").build(), Code.CDT_403);
    assertCoreRefused(c -> core(c).setBank("").build(), Code.CDT_403);
  }

  @Test
  void aHeaderThatTheBankDidNotSign() {
    BlockHeader header = honest.getHeader();
    byte[] flipped = Hashes.bytesOf(header.getCore());
    flipped[flipped.length - 2] ^= 1;
    var changed =
        new BlockHeader(ByteBuffer.wrap(flipped), header.getCiphertexts(), header.getSignature());
    assertRefused(new Block(changed, 0, honest.getCiphertext()), Code.CDT_404);

    List<Digest> swapped = new ArrayList<>(header.getCiphertexts());
    Collections.swap(swapped, 1, 2);
    var reordered = new BlockHeader(header.getCore(), swapped, header.getSignature());
    assertRefused(new Block(reordered, 0, honest.getCiphertext()), Code.CDT_404);

    BlockHeader foreign = Signed.sign(header, SigningKey.generate(consortium.random));
    assertRefused(new Block(foreign, 0, honest.getCiphertext()), Code.CDT_404);
    assertThat(refusal(new Block(foreign, 0, honest.getCiphertext())).core())
        .as("nobody can complain about a position that the bank never named")
        .isEmpty();
  }

  @Test
  void anotherAggregatorsCopy() {
    assertRefused(blocks.get(1), Code.CDT_405);
    assertRefused(new Block(honest.getHeader(), -1, honest.getCiphertext()), Code.CDT_405);
    assertRefused(new Block(honest.getHeader(), 3, honest.getCiphertext()), Code.CDT_405);
    assertRefused(new Block(honest.getHeader(), 0, blocks.get(1).getCiphertext()), Code.CDT_407);
  }

  @Test
  void aHeaderThatContradictsItself() {
    Code code = Code.CDT_406;
    assertCoreRefused(c -> core(c).setRows(ROWS - 1).build(), code);
    assertCoreRefused(c -> core(c).setRows(0).setEventMinutes(List.of()).build(), code);
    assertCoreRefused(c -> core(c).setRows(-1).build(), code);
    assertCoreRefused(
        c -> core(c).setRows(1025).setEventMinutes(Collections.nCopies(1025, 0L)).build(), code);
    assertCoreRefused(c -> core(c).setPartition(-1).build(), code);
    assertCoreRefused(c -> core(c).setPartition(SealingConsortium.PARTITIONS).build(), code);
    assertCoreRefused(c -> core(c).setSequence(-1).build(), code);
    assertCoreRefused(
        c -> core(c).setKeyCommitments(c.getKeyCommitments().subList(0, 2)).build(), code);
    assertCoreRefused(
        c -> core(c).setComponentCommitments(c.getComponentCommitments().subList(0, 2)).build(),
        code);
    assertCoreRefused(c -> core(c).setWatermarkMinute(BlockContent.MINUTE_MAX + 1).build(), code);
  }

  @Test
  void aSequenceBeyondTheLimit() {
    for (long sequence : new long[] {BlockOpener.SEQUENCE_MAX + 1, Long.MAX_VALUE}) {
      Block block =
          consortium.forge(
              honest,
              sessions.getFirst(),
              c -> core(c).setSequence(sequence).build(),
              UnaryOperator.identity());
      assertRefused(block, Code.CDT_416);
      assertThat(refusal(block).core())
          .as("nobody can complain about what is missing before it")
          .isEmpty();
    }
    // A position like any other, which this block wasn't sealed for.
    assertCoreRefused(c -> core(c).setSequence(BlockOpener.SEQUENCE_MAX).build(), Code.CDT_408);
  }

  @Test
  void eventMinutesThatAreNoTime() {
    List<Long> minutes = new ArrayList<>(Collections.nCopies(ROWS, 0L));
    minutes.set(0, BlockContent.MINUTE_MAX);
    assertThat(
            opener.open(
                consortium.forge(
                    honest,
                    sessions.getFirst(),
                    c -> core(c).setEventMinutes(minutes).build(),
                    UnaryOperator.identity())))
        .isInstanceOf(Opening.Opened.class);
    minutes.set(ROWS - 1, 1L);
    assertCoreRefused(c -> core(c).setEventMinutes(minutes).build(), Code.CDT_406);
    minutes.set(ROWS - 1, Long.MAX_VALUE);
    assertCoreRefused(c -> core(c).setEventMinutes(minutes).build(), Code.CDT_406);
    minutes.set(0, -BlockContent.MINUTE_MAX);
    minutes.set(ROWS - 1, Long.MIN_VALUE);
    assertCoreRefused(c -> core(c).setEventMinutes(minutes).build(), Code.CDT_406);
  }

  @Test
  void aCiphertextThatTheHeaderDoesNotName() {
    byte[] ciphertext = Hashes.bytesOf(honest.getCiphertext());
    for (int at : new int[] {0, ciphertext.length / 2, ciphertext.length - 1}) {
      byte[] flipped = ciphertext.clone();
      flipped[at] ^= 1;
      assertRefused(new Block(honest.getHeader(), 0, ByteBuffer.wrap(flipped)), Code.CDT_407);
    }
    for (int length : new int[] {0, 15, ciphertext.length - 1}) {
      byte[] truncated = Arrays.copyOf(ciphertext, length);
      assertRefused(new Block(honest.getHeader(), 0, ByteBuffer.wrap(truncated)), Code.CDT_407);
    }
  }

  @Test
  void aKeyThatIsNotTheSessions() {
    List<SealingSession> others = consortium.sessions(7);
    Block block = consortium.sealer(others).seal(consortium.content(4, ROWS)).getFirst();
    assertRefused(block, Code.CDT_408);
  }

  @Test
  void aBlockReplayedAtAnotherPositionOrUnderAnotherSession() {
    assertCoreRefused(c -> core(c).setSequence(4).build(), Code.CDT_408);
    assertCoreRefused(c -> core(c).setPartition(1).build(), Code.CDT_408);
    SealingSession later = consortium.session(0, 8);
    assertThat(opener.setup(later.setup())).isEmpty();
    assertCoreRefused(c -> core(c).setSession(8).build(), Code.CDT_408);
  }

  @Test
  void aHeaderThatTheCiphertextWasNotSealedWith() {
    byte[] core = Hashes.bytesOf(honest.getHeader().getCore());
    BlockCore changed =
        core(RecordCodec.decode(BlockCore.class, core)).setContractVersion(2).build();
    byte[] ciphertext = Hashes.bytesOf(honest.getCiphertext());
    assertRefused(
        consortium.sign(honest, RecordCodec.encode(changed), ciphertext, 0), Code.CDT_409);
    assertRefused(consortium.sign(honest, core, new byte[8], 0), Code.CDT_409);
  }

  @Test
  void contentThatTheHeaderDoesNotCommitTo() {
    assertPayloadRefused(
        p -> {
          byte[] ids = Hashes.bytesOf(p.getTransactionIds());
          ids[0] ^= 1;
          return BlockPayload.newBuilder(p).setTransactionIds(ByteBuffer.wrap(ids)).build();
        });
    assertPayloadRefused(
        p -> BlockPayload.newBuilder(p).setCommonSalt(new Salt(new byte[32])).build());
    assertPayloadRefused(p -> with(p, 0, c -> flipped(c)));
    assertPayloadRefused(p -> with(p, 1, c -> flipped(c)));
    assertPayloadRefused(
        p -> with(p, 0, c -> ComponentPayload.newBuilder(c).setComponent(1).build()));
    assertPayloadRefused(
        p -> with(p, 0, c -> ComponentPayload.newBuilder(c).setSeeded(!c.getSeeded()).build()));
    assertPayloadRefused(
        p ->
            with(
                p, 1, c -> ComponentPayload.newBuilder(c).setSalt(new Salt(new byte[32])).build()));
    assertPayloadRefused(p -> components(p, p.getComponents().subList(0, 1)));
    assertPayloadRefused(p -> components(p, p.getComponents().reversed()));
  }

  private static ComponentPayload flipped(ComponentPayload component) {
    byte[] body = Hashes.bytesOf(component.getBody());
    body[0] ^= 1;
    return ComponentPayload.newBuilder(component).setBody(ByteBuffer.wrap(body)).build();
  }

  private static BlockPayload with(
      BlockPayload payload, int at, UnaryOperator<ComponentPayload> change) {
    List<ComponentPayload> components = new ArrayList<>(payload.getComponents());
    components.set(at, change.apply(components.get(at)));
    return components(payload, components);
  }

  private static BlockPayload components(BlockPayload payload, List<ComponentPayload> components) {
    return BlockPayload.newBuilder(payload).setComponents(components).build();
  }

  /** The bank commits to it, so that all holders see the same, but no one could use it. */
  @Test
  void committedContentOfAWrongSize() {
    byte[] ids = new byte[16 * ROWS - 16];
    assertRefused(
        consortium.forge(
            honest,
            sessions.getFirst(),
            c ->
                core(c)
                    .setCommonCommitment(new Digest(BlockKeys.commonCommitment(new byte[32], ids)))
                    .build(),
            p ->
                BlockPayload.newBuilder(p)
                    .setCommonSalt(new Salt(new byte[32]))
                    .setTransactionIds(ByteBuffer.wrap(ids))
                    .build()),
        Code.CDT_410);

    byte[] longSeed = new byte[33];
    assertRefused(componentOf(true, longSeed), Code.CDT_410);
    int words = SealingConsortium.LAYOUT.words(ROWS);
    for (int bytes : new int[] {0, 7, 8 * words - 8, 8 * words + 8}) {
      var opened = (Opening.Opened) opener.open(componentOf(false, new byte[bytes]));
      assertThat(opened.fits(words)).as("%d bytes", bytes).isFalse();
      assertThatThrownBy(() -> opened.first(words)).isInstanceOf(IllegalStateException.class);
    }
  }

  private Block componentOf(boolean seeded, byte[] body) {
    byte[] salt = new byte[32];
    return consortium.forge(
        honest,
        sessions.getFirst(),
        c -> {
          List<Digest> commitments = new ArrayList<>(c.getComponentCommitments());
          commitments.set(0, new Digest(BlockKeys.componentCommitment(salt, 0, seeded, body)));
          return core(c).setComponentCommitments(commitments).build();
        },
        p ->
            with(
                p, 0, c -> new ComponentPayload(0, new Salt(salt), seeded, ByteBuffer.wrap(body))));
  }

  @Test
  void contentThatIsNoPayload() {
    byte[] core = Hashes.bytesOf(honest.getHeader().getCore());
    byte[] secret = consortium.secret(0, sessions.getFirst().setup());
    byte[] key = BlockKeys.blockKey(secret, 7, 0, 3);
    assertRefused(consortium.seal(honest, key, core, new byte[100]), Code.CDT_410);
  }

  @Test
  void moreBytesThanABlockMayHave() {
    byte[] core = Hashes.bytesOf(honest.getHeader().getCore());
    int max = BlockOpener.CIPHERTEXT_BYTES_MAX;
    assertRefused(consortium.sign(honest, core, new byte[max], 0), Code.CDT_409);
    assertRefused(consortium.sign(honest, core, new byte[max + 1], 0), Code.CDT_411);

    byte[] ciphertext = Hashes.bytesOf(honest.getCiphertext());
    int coreMax = BlockOpener.CORE_BYTES_MAX;
    assertRefused(consortium.sign(honest, new byte[coreMax], ciphertext, 0), Code.CDT_401);
    assertRefused(consortium.sign(honest, new byte[coreMax + 1], ciphertext, 0), Code.CDT_411);
  }

  /** The largest honest core, minutes far apart included, is within the limit. */
  @Test
  void theLargestHonestCoreOpens() {
    List<Long> minutes = new ArrayList<>();
    for (int r = 0; r < BlockOpener.ROWS_MAX; r++) {
      minutes.add((r % 2 == 0 ? 2 : -2) * BlockContent.MINUTE_MAX);
    }
    minutes.set(0, BlockContent.MINUTE_MAX);
    BlockCore core =
        RecordCodec.decode(BlockCore.class, Hashes.bytesOf(honest.getHeader().getCore()));
    byte[] largest = RecordCodec.encode(core(core).setEventMinutes(minutes).build());
    assertThat(largest.length).isLessThan(BlockOpener.CORE_BYTES_MAX / 2);
  }

  /** Any single bit that is changed on the way is noticed. */
  @Test
  void anyFlippedBit() {
    byte[] record = RecordCodec.encode(honest);
    var random = Seeds.random("bits");
    for (int i = 0; i < 2_000; i++) {
      byte[] flipped = record.clone();
      int bit = random.nextInt(8 * record.length);
      flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
      assertThat(opener.open(flipped)).as("bit %d", bit).isInstanceOf(Opening.Refused.class);
    }
  }
}
