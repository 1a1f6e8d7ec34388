package org.concordat.aggregator.worker;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.BlockContent;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.BlockSealer;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.seal.SealingSession;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** Banks, three aggregators and the blocks that a bank seals for the first of them. */
final class SealedBlocks {
  static final String BANK = "bank-a";

  /** Signs with the same key. */
  static final String OTHER = "bank-b";

  static final int PARTITION = 1;
  private static final ShareLayout LAYOUT =
      new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(10)));

  final SecureRandom random = new SecureRandom();
  final SigningKey bankKey = SigningKey.generate(random);
  final SigningKey aggregatorKey = SigningKey.generate(random);
  final Plan plan =
      new Plan("rules", 1, new byte[32], "payments", 1, new byte[32], LAYOUT, List.of(), List.of());
  final Charter charter;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<SealingKeyPair> sealing = new ArrayList<>();
  private final List<BlockOpener> openers = new ArrayList<>();
  private long session;

  SealedBlocks() {
    this(Set.of(1));
  }

  /**
   * As above.
   *
   * @param contractVersions that the charter accepts; the gate looks each block's up
   */
  SealedBlocks(Set<Integer> contractVersions) {
    List<Charter.Aggregator> aggregators = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sealing.add(SealingKeyPair.generate(random));
      aggregators.add(
          new Charter.Aggregator("agg-" + (i + 1), "operator-" + i, aggregatorKey.verifier()));
    }
    charter =
        new Charter(
            new Digest(new byte[32]),
            1,
            new Digest(new byte[32]),
            "demo",
            Charter.Mode.TEST,
            "rep3",
            4,
            1,
            false,
            35,
            contractVersions,
            new Charter.Caps(0, 64, 10, 4),
            aggregators,
            List.of(bank(BANK), bank(OTHER)));
  }

  private Charter.Bank bank(String name) {
    return new Charter.Bank(name, bankKey.verifier(), SealingKeyPair.generate(random).publicKey());
  }

  private HpkeKey key(int aggregator) {
    return new HpkeKey(
        Charter.PROTOCOL,
        charter.hash(),
        "agg-" + (aggregator + 1),
        "key-1",
        0,
        ByteBuffer.wrap(sealing.get(aggregator).publicKey().bytes()),
        0L,
        Long.MAX_VALUE,
        new Signature(new byte[64]));
  }

  /** The first aggregator's opener, before any set-up. */
  BlockOpener opener() {
    return new BlockOpener(charter, "agg-1", id -> sealing.getFirst());
  }

  /** One that has its key only when told so. */
  BlockOpener opener(BooleanSupplier hasKey) {
    return new BlockOpener(
        charter, "agg-1", id -> hasKey.getAsBoolean() ? sealing.getFirst() : null);
  }

  /** What the bank tells the first aggregator of a new session. */
  SessionSetup sessionSetup() {
    return newSession(BANK).getFirst().setup();
  }

  /** One that learns of each session that the bank opens from now on. */
  BlockOpener openerInSession() {
    BlockOpener opener = opener();
    openers.add(opener);
    return opener;
  }

  /** A session for each block: none seals a position twice. */
  private List<SealingSession> newSession(String bank) {
    session++;
    List<SealingSession> sessions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sessions.add(SealingSession.open(charter, bank, bankKey, "agg-" + (i + 1), key(i), session));
    }
    for (BlockOpener opener : openers) {
      if (opener.setup(sessions.getFirst().setup()).isPresent()) {
        throw new AssertionError("the set-up is good");
      }
    }
    return sessions;
  }

  BlockGate gate(BlockOpener opener) {
    return new BlockGate(opener, plan, charter.contractVersions(), PARTITION);
  }

  /** The first aggregator's copy of a good block. */
  byte[] block(long sequence, int rows) {
    return block(PARTITION, sequence, rows, "payments", 1, LAYOUT);
  }

  /** The first aggregator's copy of a good block as its gate lets it in. */
  Opening.Opened opened(int rows) {
    BlockGate gate = gate(openerInSession());
    if (gate.admit(BANK, 0, block(0, rows)) instanceof Admission.Accepted accepted) {
      return accepted.block().opened();
    }
    throw new AssertionError("the block is good");
  }

  /** As {@link #block(long, int)}, of the other bank. */
  byte[] otherBlock(long sequence, int rows) {
    return block(sealer(OTHER), RecordKind.LIVE, PARTITION, sequence, rows, "payments", 1, LAYOUT);
  }

  byte[] block(
      int partition, long sequence, int rows, String contract, int version, ShareLayout layout) {
    return block(
        sealer(BANK), RecordKind.LIVE, partition, sequence, rows, contract, version, layout);
  }

  /** As {@link #block(long, int)}, of a kind. */
  byte[] block(RecordKind kind, long sequence, int rows) {
    return block(sealer(BANK), kind, PARTITION, sequence, rows, "payments", 1, LAYOUT);
  }

  /** Blocks of a row each, from the first sequence on, all sealed in one session. */
  List<byte[]> blocksOfOneSession(int number) {
    BlockSealer sealer = sealer(BANK);
    return LongStream.range(0, number)
        .mapToObj(
            sequence ->
                block(sealer, RecordKind.LIVE, PARTITION, sequence, 1, "payments", 1, LAYOUT))
        .toList();
  }

  /** Seals in a session of its own. */
  private BlockSealer sealer(String of) {
    return new BlockSealer(charter, of, bankKey, newSession(of), random);
  }

  private byte[] block(
      BlockSealer sealer,
      RecordKind kind,
      int partition,
      long sequence,
      int rows,
      String contract,
      int version,
      ShareLayout layout) {
    long[] words = new long[layout.words(rows)];
    // Component 0, which the first aggregator holds, is the explicit one.
    var components = Rep3Sharing.split(layout, words, rows, 0, random);
    var content =
        new BlockContent(
            partition,
            sequence,
            kind,
            contract,
            version,
            new byte[32],
            rows,
            new long[rows],
            0,
            new byte[16 * rows],
            components);
    return RecordCodec.encode(sealer.seal(content).getFirst());
  }

  PartitionSetup setup() {
    return setup(opener(), List.of(BANK), 16_384);
  }

  /**
   * As above.
   *
   * @param halt gets what ends the process
   */
  PartitionSetup setup(Consumer<Throwable> halt) {
    return setup(opener(), List.of(BANK), 16_384, halt);
  }

  /**
   * As above.
   *
   * @param banks in ascending order
   */
  PartitionSetup setup(BlockOpener opener, List<String> banks, int bufferedRowsMax) {
    return setup(
        opener,
        banks,
        bufferedRowsMax,
        cause -> {
          throw new AssertionError(cause);
        });
  }

  /**
   * As above.
   *
   * @param halt is called for a bug
   */
  PartitionSetup setup(
      BlockOpener opener, List<String> banks, int bufferedRowsMax, Consumer<Throwable> halt) {
    return setup(opener, banks, bufferedRowsMax, 30_000, halt);
  }

  /**
   * As above.
   *
   * @param stallMillis so long a block waits for its session's set-up, too
   */
  PartitionSetup setup(
      BlockOpener opener,
      List<String> banks,
      int bufferedRowsMax,
      long stallMillis,
      Consumer<Throwable> halt) {
    var settings =
        new Settings(
            Charter.PROTOCOL,
            charter.hash(),
            PARTITION,
            0,
            List.of("agg-1", "agg-2", "agg-3"),
            banks,
            new Digest(plan.hash()),
            1,
            16_384,
            4,
            5,
            20,
            2_000,
            stallMillis,
            50);
    return new PartitionSetup(
        charter,
        settings,
        new Topics("test."),
        aggregatorKey,
        new Scorings(new Scoring(plan, new PlanEvaluator(plan))),
        opener,
        new AggregatorMetrics(meters, "test"),
        bufferedRowsMax,
        halt);
  }
}
