package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

/** A block opens at its three aggregators, to shares that rebuild it, and nothing else opens. */
class BlockSealingTest {
  private static final int ROWS = 130;
  private final SecureRandom random = new SecureRandom();
  private final SigningKey bankKey = SigningKey.generate(random);
  private final List<SealingKeyPair> sealing = new ArrayList<>();
  private final Charter charter = charter();
  private final ShareLayout layout =
      new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(10), ShareField.bits(1)));
  private final List<SealingSession> sessions = new ArrayList<>();
  private final List<BlockOpener> openers = new ArrayList<>();
  private final List<Block> blocks;
  private final long[] words = new long[layout.words(ROWS)];

  BlockSealingTest() {
    for (int i = 0; i < 3; i++) {
      SealingKeyPair pair = sealing.get(i);
      sessions.add(session(i, 7));
      openers.add(
          new BlockOpener(charter, "agg-" + (i + 1), id -> id.equals("key-1") ? pair : null));
      assertThat(openers.get(i).setup(sessions.get(i).setup())).isEmpty();
    }
    var values = new Random(1);
    long[] column = new long[ROWS];
    for (int f = 0; f < 3; f++) {
      for (int r = 0; r < ROWS; r++) {
        column[r] = values.nextLong();
      }
      if (f == 0) {
        System.arraycopy(column, 0, words, 0, ROWS);
      } else {
        BitPlanes.toPlanes(column, ROWS, f == 1 ? 10 : 1, words, layout.offset(f, ROWS));
      }
    }
    blocks = new BlockSealer(charter, "bank-a", bankKey, sessions, random).seal(content(3));
  }

  private BlockContent content(long sequence) {
    return new BlockContent(
        0,
        sequence,
        RecordKind.LIVE,
        "payments",
        1,
        new byte[32],
        ROWS,
        new long[ROWS],
        0,
        new byte[16 * ROWS],
        Rep3Sharing.split(layout, words, ROWS, (int) (sequence % 3), random));
  }

  private SealingSession session(int aggregator, long number) {
    var key =
        new HpkeKey(
            Charter.PROTOCOL,
            charter.hash(),
            "agg-" + (aggregator + 1),
            "key-1",
            0,
            ByteBuffer.wrap(sealing.get(aggregator).publicKey().bytes()),
            0L,
            Long.MAX_VALUE,
            new Signature(new byte[64]));
    return SealingSession.open(charter, "bank-a", bankKey, "agg-" + (aggregator + 1), key, number);
  }

  private Charter charter() {
    List<Charter.Aggregator> aggregators = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      aggregators.add(
          new Charter.Aggregator("agg-" + i, "op-" + i, SigningKey.generate(random).verifier()));
      sealing.add(SealingKeyPair.generate(random));
    }
    return new Charter(
        new Digest(new byte[32]),
        "demo",
        Charter.Mode.TEST,
        "rep3",
        4,
        1,
        false,
        35,
        Set.of(1),
        new Charter.Caps(0, 64, 10, 4),
        aggregators,
        List.of(
            new Charter.Bank(
                "bank-a", bankKey.verifier(), SealingKeyPair.generate(random).publicKey())));
  }

  @Test
  void threeCopiesRebuildTheBlock() {
    long[][] first = new long[3][];
    long[][] second = new long[3][];
    for (int i = 0; i < 3; i++) {
      var opened = (Opening.Opened) openers.get(i).open(RecordCodec.encode(blocks.get(i)));
      first[i] = opened.first(words.length);
      second[i] = opened.second(words.length);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(second[i]).isEqualTo(first[(i + 1) % 3]);
    }
    assertThat(Rep3Sharing.reconstruct(layout, ROWS, first[0], first[1], first[2]))
        .isEqualTo(words);
  }

  @Test
  void refusesEachWayOfTamperingByItsCode() {
    Block block = blocks.getFirst();
    assertThat(refusal(0, blocks.get(1))).isEqualTo(Code.CDT_405);
    assertThat(code(openers.getFirst().open(new byte[] {1, 2, 3}))).isEqualTo(Code.CDT_401);

    byte[] flipped = block.getCiphertext().array().clone();
    flipped[100] ^= 1;
    assertThat(refusal(0, new Block(block.getHeader(), 0, ByteBuffer.wrap(flipped))))
        .isEqualTo(Code.CDT_407);

    byte[] core = block.getHeader().getCore().array().clone();
    core[core.length - 2] ^= 1;
    var header = block.getHeader();
    var changed =
        new BlockHeader(ByteBuffer.wrap(core), header.getCiphertexts(), header.getSignature());
    assertThat(refusal(0, new Block(changed, 0, block.getCiphertext()))).isEqualTo(Code.CDT_404);

    var resigned = Signed.sign(changed, bankKey);
    assertThat(refusal(0, new Block(resigned, 0, block.getCiphertext())))
        .as("the signed core isn't the one that the ciphertext was sealed with")
        .isEqualTo(Code.CDT_409);
  }

  @Test
  void anUnknownSessionWaitsAndAForeignSetupIsRefused() {
    var opener = new BlockOpener(charter, "agg-1", id -> sealing.getFirst());
    assertThat(opener.open(blocks.getFirst())).isEqualTo(new Opening.Waiting("bank-a", 7));
    assertThat(opener.setup(sessions.get(1).setup())).contains(Code.CDT_412);
    var stolen = sessions.getFirst().setup();
    stolen.put("session", 8L);
    assertThat(opener.setup(stolen)).isEqualTo(Optional.of(Code.CDT_404));
    stolen.put("session", 7L);
    assertThat(opener.setup(stolen)).isEmpty();
    assertThat(opener.open(blocks.getFirst())).isInstanceOf(Opening.Opened.class);
  }

  @Test
  void aBlockUnderAnotherSessionsKeyIsRefused() {
    List<SealingSession> others = List.of(session(0, 7), session(1, 7), session(2, 7));
    Block block =
        new BlockSealer(charter, "bank-a", bankKey, others, random).seal(content(4)).getFirst();
    assertThat(refusal(0, block)).isEqualTo(Code.CDT_408);
  }

  @Test
  void oneAggregatorsSharesAreFreshForTheSameInput() {
    Block again =
        new BlockSealer(charter, "bank-a", bankKey, sessions, random).seal(content(6)).getFirst();
    var one = (Opening.Opened) openers.getFirst().open(blocks.getFirst());
    var two = (Opening.Opened) openers.getFirst().open(again);
    assertThat(two.first(words.length)).isNotEqualTo(one.first(words.length));
    assertThat(two.second(words.length)).isNotEqualTo(one.second(words.length));
  }

  private Code refusal(int aggregator, Block block) {
    return code(openers.get(aggregator).open(RecordCodec.encode(block)));
  }

  private static Code code(Opening opening) {
    return ((Opening.Refused) opening).code();
  }
}
