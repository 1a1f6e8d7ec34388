package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.BlockPayload;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** One bank and three aggregators with keys that are the same for the same name. */
final class SealingConsortium {
  static final String BANK = "bank-a";
  static final String KEY_ID = "key-1";
  static final int PARTITIONS = 4;
  static final int AGGREGATORS = 3;
  static final ShareLayout LAYOUT =
      new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(10), ShareField.bits(1)));

  final FixedRandom random;
  final SigningKey bankKey;
  final SealingKeyPair alertKey;
  final List<SealingKeyPair> sealingKeys = new ArrayList<>();
  final List<SigningKey> signingKeys = new ArrayList<>();
  final Charter charter;
  private final Map<SessionSetup, byte[]> secrets = new HashMap<>();

  SealingConsortium(String name) {
    random = new FixedRandom(name);
    bankKey = SigningKey.generate(random);
    alertKey = SealingKeyPair.generate(random);
    List<Charter.Aggregator> aggregators = new ArrayList<>();
    for (int i = 0; i < AGGREGATORS; i++) {
      sealingKeys.add(SealingKeyPair.generate(random));
      signingKeys.add(SigningKey.generate(random));
      aggregators.add(
          new Charter.Aggregator(aggregator(i), "operator-" + i, signingKeys.get(i).verifier()));
    }
    charter =
        new Charter(
            new Digest(new byte[32]),
            1,
            new Digest(new byte[32]),
            "demo",
            Charter.Mode.TEST,
            "rep3",
            PARTITIONS,
            1,
            false,
            35,
            Set.of(1),
            new Charter.Caps(0, 64, 10, 4),
            aggregators,
            List.of(new Charter.Bank(BANK, bankKey.verifier(), alertKey.publicKey())));
  }

  static String aggregator(int index) {
    return "agg-" + (index + 1);
  }

  HpkeKey key(int aggregator) {
    return new HpkeKey(
        Charter.PROTOCOL,
        charter.hash(),
        aggregator(aggregator),
        KEY_ID,
        0,
        ByteBuffer.wrap(sealingKeys.get(aggregator).publicKey().bytes()),
        0L,
        Long.MAX_VALUE,
        new Signature(new byte[64]));
  }

  SealingSession session(int aggregator, long number) {
    return SealingSession.open(
        charter, BANK, bankKey, aggregator(aggregator), key(aggregator), number);
  }

  List<SealingSession> sessions(long number) {
    return List.of(session(0, number), session(1, number), session(2, number));
  }

  BlockOpener opener(int aggregator) {
    return new BlockOpener(
        charter,
        aggregator(aggregator),
        id -> id.equals(KEY_ID) ? sealingKeys.get(aggregator) : null);
  }

  BlockSealer sealer(List<SealingSession> sessions) {
    return new BlockSealer(charter, BANK, bankKey, sessions, random);
  }

  /** Words of {@link #LAYOUT} that are the same for the same number of rows. */
  static long[] words(int rows) {
    long[] words = new long[LAYOUT.words(rows)];
    long[] column = new long[rows];
    for (int r = 0; r < rows; r++) {
      column[r] = 1_000_003L * r + 7;
    }
    System.arraycopy(column, 0, words, 0, rows);
    BitPlanes.toPlanes(column, rows, 10, words, LAYOUT.offset(1, rows));
    BitPlanes.toPlanes(column, rows, 1, words, LAYOUT.offset(2, rows));
    return words;
  }

  BlockContent content(long sequence, int rows) {
    long[] minutes = new long[rows];
    for (int r = 0; r < rows; r++) {
      minutes[r] = 29_000_000L + r % 7 - 3;
    }
    byte[] ids = new byte[16 * rows];
    random.nextBytes(ids);
    return new BlockContent(
        0,
        sequence,
        RecordKind.LIVE,
        "payments",
        1,
        new byte[32],
        rows,
        minutes,
        29_000_000L,
        ids,
        Rep3Sharing.split(LAYOUT, words(rows), rows, (int) (sequence % 3), random));
  }

  /** What a bank could do that holds all keys and follows no rule. */
  Block forge(
      Block honest,
      SealingSession session,
      UnaryOperator<BlockCore> coreChange,
      UnaryOperator<BlockPayload> payloadChange) {
    int index = honest.getAggregatorIndex();
    byte[] coreBytes = Hashes.bytesOf(honest.getHeader().getCore());
    BlockCore core = RecordCodec.decode(BlockCore.class, coreBytes);
    byte[] key =
        BlockKeys.blockKey(
            secret(index, session.setup()),
            core.getSession(),
            core.getPartition(),
            core.getSequence());
    byte[] plain =
        Gcm.open(
                key,
                BlockKeys.NONCE,
                Hashes.sha256().digest(coreBytes),
                Hashes.bytesOf(honest.getCiphertext()))
            .orElseThrow();
    BlockPayload payload = payloadChange.apply(RecordCodec.decode(BlockPayload.class, plain));
    return seal(
        honest, key, RecordCodec.encode(coreChange.apply(core)), RecordCodec.encode(payload));
  }

  /** Seals any core and payload as the bank would, and signs the header. */
  Block seal(Block honest, byte[] key, byte[] core, byte[] plain) {
    int index = honest.getAggregatorIndex();
    byte[] sealed = Gcm.seal(key, BlockKeys.NONCE, Hashes.sha256().digest(core), plain);
    return sign(honest, core, sealed, index);
  }

  Block sign(Block honest, byte[] core, byte[] ciphertext, int index) {
    List<Digest> digests = new ArrayList<>(honest.getHeader().getCiphertexts());
    digests.set(index, new Digest(Hashes.sha256().digest(ciphertext)));
    var header = new BlockHeader(ByteBuffer.wrap(core), digests, new Signature(new byte[64]));
    return new Block(Signed.sign(header, bankKey), index, ByteBuffer.wrap(ciphertext));
  }

  /** A session's secret, as its aggregator computes it. */
  byte[] secret(int aggregator, SessionSetup setup) {
    return secrets.computeIfAbsent(
        setup,
        s ->
            SealingPublicKey.hpke()
                .setupBaseR(
                    Hashes.bytesOf(s.getEncapsulation()),
                    sealingKeys.get(aggregator).pair(),
                    BlockKeys.sessionInfo(charter, s))
                .export(BlockKeys.exporterContext(), BlockKeys.SECRET_BYTES));
  }
}
