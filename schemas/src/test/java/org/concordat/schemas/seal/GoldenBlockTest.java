package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.concordat.schemas.GoldenFile;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.Rep3Sharing;
import org.junit.jupiter.api.Test;

/** With the same randomness a block is sealed to the same bytes, and released bytes still open. */
class GoldenBlockTest {
  private static final int ROWS = 3;
  private static final int ENCAPSULATION_RANDOM_BYTES = 64;

  private final SealingConsortium consortium = new SealingConsortium("golden");
  private final GoldenFile golden = new GoldenFile(GoldenBlockTest.class, "block.txt");

  /** As {@link SealingSession#open}, with randomness and time that are given. */
  private SealingSession session(int aggregator) {
    Charter charter = consortium.charter;
    String name = SealingConsortium.aggregator(aggregator);
    String keyId = SealingConsortium.KEY_ID;
    byte[] info = BlockKeys.sessionInfo(charter, SealingConsortium.BANK, name, keyId, 0, 7);
    byte[] random = new byte[ENCAPSULATION_RANDOM_BYTES];
    consortium.random.nextBytes(random);
    HPKEContextWithEncapsulation context =
        SealingPublicKey.hpke()
            .setupBaseS(consortium.sealingKeys.get(aggregator).publicKey().key(), info, random);
    var setup =
        new SessionSetup(
            Charter.PROTOCOL,
            charter.hash(),
            SealingConsortium.BANK,
            name,
            7L,
            keyId,
            0,
            ByteBuffer.wrap(context.getEncapsulation()),
            1_700_000_000_000L,
            new Signature(new byte[64]));
    return new SealingSession(
        Signed.sign(setup, consortium.bankKey),
        context.export(BlockKeys.exporterContext(), BlockKeys.SECRET_BYTES));
  }

  @Test
  void sealingGivesGoldenBytes() {
    List<SealingSession> sessions = List.of(session(0), session(1), session(2));
    var text = new StringBuilder();
    for (SealingSession session : sessions) {
      text.append(hex(RecordCodec.encode(session.setup()))).append('\n');
    }
    for (Block block : consortium.sealer(sessions).seal(consortium.content(3, ROWS))) {
      text.append(hex(RecordCodec.encode(block))).append('\n');
    }
    golden.assertHolds(text.toString());
  }

  @Test
  void goldenBytesOpen() {
    List<String> lines = golden.text().lines().toList();
    List<long[]> components = new ArrayList<>();
    int words = SealingConsortium.LAYOUT.words(ROWS);
    for (int i = 0; i < SealingConsortium.AGGREGATORS; i++) {
      BlockOpener opener = consortium.opener(i);
      assertThat(opener.setup(RecordCodec.decode(SessionSetup.class, bytes(lines.get(i)))))
          .isEmpty();
      byte[] block = bytes(lines.get(SealingConsortium.AGGREGATORS + i));
      components.add(((Opening.Opened) opener.open(block)).first(words));
    }
    assertThat(
            Rep3Sharing.reconstruct(
                SealingConsortium.LAYOUT,
                ROWS,
                components.get(0),
                components.get(1),
                components.get(2)))
        .isEqualTo(SealingConsortium.words(ROWS));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
