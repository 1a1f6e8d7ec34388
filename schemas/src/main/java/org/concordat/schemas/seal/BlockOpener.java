package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.BlockPayload;
import org.concordat.schemas.record.ComponentPayload;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.share.Components;
import org.jspecify.annotations.Nullable;

/**
 * Opens the copies of blocks that are sealed for one aggregator: the counterpart of {@link
 * BlockSealer}. Safe for use by several threads.
 *
 * <p>What is accepted was signed by the bank, was sealed for this aggregator at exactly this
 * position, and is what the header commits to. What it does NOT check: whether the position was
 * used before (the partition's state knows), whether the contract is accepted, and whether the
 * values make sense, which no single aggregator can see.
 */
public final class BlockOpener {
  public static final int ROWS_MAX = 1_024;
  public static final int TRANSACTION_ID_BYTES = 16;

  /** The last sequence that a block may have: what follows it, and the sum of two, are numbers. */
  public static final long SEQUENCE_MAX = (1L << 62) - 1;

  /** Bytes of a ciphertext, at most. */
  public static final int CIPHERTEXT_BYTES_MAX = 512 << 10;

  /** Bytes of a header's core, at most: 1,024 event minutes take up to ten each. */
  static final int CORE_BYTES_MAX = 32 << 10;

  /** Sessions whose secrets are kept; the oldest of a bank goes first. */
  static final int SESSIONS_PER_BANK_MAX = 1_000;

  private final Charter charter;
  private final String aggregator;
  private final int index;
  private final Function<String, @Nullable SealingKeyPair> keys;
  private final Map<String, ConcurrentSkipListMap<Long, Session>> secrets =
      new ConcurrentHashMap<>();

  /** What a set-up gave, and the key that opened it. */
  private static final class Session {
    private final String keyId;
    private final byte[] secret;

    Session(String keyId, byte[] secret) {
      this.keyId = keyId;
      this.secret = secret;
    }
  }

  /**
   * @param keys this aggregator's key pairs by id; null for an unknown or destroyed one
   */
  public BlockOpener(
      Charter charter, String aggregator, Function<String, @Nullable SealingKeyPair> keys) {
    this.charter = charter;
    this.aggregator = aggregator;
    this.index = charter.aggregatorIndex(aggregator);
    this.keys = keys;
    if (index < 0) {
      throw new IllegalArgumentException("aggregator");
    }
  }

  /**
   * Takes a bank's session set-up.
   *
   * @return nothing where it is good; else why it isn't
   */
  public Optional<Code> setup(SessionSetup setup) {
    if (setup.getProtocol() != Charter.PROTOCOL || !setup.getCharter().equals(charter.hash())) {
      return Optional.of(Code.CDT_402);
    }
    Optional<Charter.Bank> bank = charter.bank(setup.getBank());
    if (bank.isEmpty()) {
      return Optional.of(Code.CDT_403);
    }
    if (!Signed.verify(setup, bank.get().verifyingKey())) {
      return Optional.of(Code.CDT_404);
    }
    SealingKeyPair key = keys.apply(setup.getKeyId());
    if (!setup.getAggregator().equals(aggregator) || key == null) {
      return Optional.of(Code.CDT_412);
    }
    try {
      byte[] secret =
          SealingPublicKey.hpke()
              .setupBaseR(
                  Hashes.bytesOf(setup.getEncapsulation()),
                  key.pair(),
                  BlockKeys.sessionInfo(charter, setup))
              .export(BlockKeys.exporterContext(), BlockKeys.SECRET_BYTES);
      keep(setup.getBank(), setup.getSession(), new Session(setup.getKeyId(), secret));
      if (keys.apply(setup.getKeyId()) == null) {
        // Destroyed meanwhile: forget() may have come before there was anything to forget.
        forget(setup.getKeyId());
        return Optional.of(Code.CDT_412);
      }
      return Optional.empty();
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Bouncy Castle throws these for encapsulations of a wrong length or a zero agreement.
      return Optional.of(Code.CDT_412);
    }
  }

  /**
   * Forgets what was agreed under a key: without it, nothing that was sealed in those sessions
   * opens any more. A block that is being opened at this moment is refused, as it would be the
   * next.
   */
  public void forget(String keyId) {
    for (ConcurrentSkipListMap<Long, Session> ofBank : secrets.values()) {
      for (Session session : ofBank.values()) {
        if (session.keyId.equals(keyId)) {
          ofBank.values().remove(session);
          Gcm.wipe(session.secret);
        }
      }
    }
  }

  private void keep(String bank, long number, Session session) {
    ConcurrentSkipListMap<Long, Session> ofBank =
        secrets.computeIfAbsent(bank, b -> new ConcurrentSkipListMap<>());
    ofBank.put(number, session);
    while (ofBank.size() > SESSIONS_PER_BANK_MAX) {
      // Not overwritten: another thread may be opening a block with it.
      ofBank.pollFirstEntry();
    }
  }

  private byte @Nullable [] secret(BlockCore core) {
    ConcurrentSkipListMap<Long, Session> ofBank = secrets.get(core.getBank());
    Session session = ofBank == null ? null : ofBank.get(core.getSession());
    return session == null ? null : session.secret;
  }

  /** Opens a copy, or says why not. Never throws for what a bank or broker can send. */
  public Opening open(byte[] record) {
    try {
      return open(RecordCodec.decode(Block.class, record));
    } catch (MalformedRecordException e) {
      return refused(Code.CDT_401);
    }
  }

  /** As {@link #open(byte[])}, for a decoded record. */
  public Opening open(Block block) {
    if (block.getHeader().getCore().remaining() > CORE_BYTES_MAX) {
      return refused(Code.CDT_411);
    }
    byte[] coreBytes = Hashes.bytesOf(block.getHeader().getCore());
    BlockCore core;
    try {
      core = RecordCodec.decode(BlockCore.class, coreBytes);
    } catch (MalformedRecordException e) {
      return refused(Code.CDT_401);
    }
    if (!isOfCharter(core)) {
      return refused(Code.CDT_402);
    }
    Optional<Charter.Bank> bank = charter.bank(core.getBank());
    if (bank.isEmpty()) {
      return refused(Code.CDT_403);
    }
    if (!Signed.verify(block.getHeader(), bank.get().verifyingKey())) {
      return refused(Code.CDT_404);
    }
    if (core.getSequence() > SEQUENCE_MAX) {
      return refused(Code.CDT_416);
    }
    // From here on the position is the bank's own word, and a complaint about it makes sense.
    if (block.getAggregatorIndex() != index) {
      return refused(Code.CDT_405, core);
    }
    if (!consistent(core, block.getHeader().getCiphertexts())) {
      return refused(Code.CDT_406, core);
    }
    if (block.getCiphertext().remaining() > CIPHERTEXT_BYTES_MAX) {
      return refused(Code.CDT_411, core);
    }
    byte[] ciphertext = Hashes.bytesOf(block.getCiphertext());
    byte[] digest = Hashes.sha256().digest(ciphertext);
    if (!MessageDigest.isEqual(digest, block.getHeader().getCiphertexts().get(index).bytes())) {
      return refused(Code.CDT_407, core);
    }
    byte[] secret = secret(core);
    if (secret == null) {
      return new Opening.Waiting(core);
    }
    byte[] key =
        BlockKeys.blockKey(secret, core.getSession(), core.getPartition(), core.getSequence());
    try {
      return unseal(block, core, coreBytes, ciphertext, key);
    } finally {
      Gcm.wipe(key);
    }
  }

  /**
   * What a copy says of itself, whoever wrote it: enough to leave it alone, and for nothing else.
   * Looks at neither signature nor ciphertext, on which opening spends its time.
   *
   * @return nothing where it is no block under this charter
   */
  public Optional<BlockCore> unverified(byte[] record) {
    try {
      ByteBuffer bytes = RecordCodec.decode(Block.class, record).getHeader().getCore();
      if (bytes.remaining() > CORE_BYTES_MAX) {
        return Optional.empty();
      }
      BlockCore core = RecordCodec.decode(BlockCore.class, Hashes.bytesOf(bytes));
      return isOfCharter(core) ? Optional.of(core) : Optional.empty();
    } catch (MalformedRecordException e) {
      return Optional.empty();
    }
  }

  private boolean isOfCharter(BlockCore core) {
    return core.getProtocol() == Charter.PROTOCOL && core.getCharter().equals(charter.hash());
  }

  private Opening unseal(
      Block block, BlockCore core, byte[] coreBytes, byte[] ciphertext, byte[] key) {
    byte[] commitment = core.getKeyCommitments().get(index).bytes();
    if (!MessageDigest.isEqual(BlockKeys.keyCommitment(key), commitment)) {
      return refused(Code.CDT_408, core);
    }
    byte[] associated = Hashes.sha256().digest(coreBytes);
    Optional<byte[]> plain = Gcm.open(key, BlockKeys.NONCE, associated, ciphertext);
    if (plain.isEmpty()) {
      return refused(Code.CDT_409, core);
    }
    try {
      return check(block, core, RecordCodec.decode(BlockPayload.class, plain.get()));
    } catch (MalformedRecordException e) {
      return refused(Code.CDT_410, core);
    } finally {
      Gcm.wipe(plain.get());
    }
  }

  private Opening check(Block block, BlockCore core, BlockPayload payload) {
    byte[] transactionIds = Hashes.bytesOf(payload.getTransactionIds());
    byte[] common = BlockKeys.commonCommitment(payload.getCommonSalt().bytes(), transactionIds);
    if (transactionIds.length != core.getRows() * TRANSACTION_ID_BYTES
        || !MessageDigest.isEqual(common, core.getCommonCommitment().bytes())
        || payload.getComponents().size() != 2) {
      return refused(Code.CDT_410, core);
    }
    int parties = charter.aggregators().size();
    ComponentBody first = component(payload.getComponents().get(0), index, core);
    ComponentBody second = component(payload.getComponents().get(1), (index + 1) % parties, core);
    if (first == null || second == null) {
      return refused(Code.CDT_410, core);
    }
    return new Opening.Opened(
        core, Signed.headerDigest(block.getHeader()), transactionIds, minutes(core), first, second);
  }

  private static @Nullable ComponentBody component(
      ComponentPayload payload, int expected, BlockCore core) {
    byte[] body = Hashes.bytesOf(payload.getBody());
    byte[] commitment =
        BlockKeys.componentCommitment(
            payload.getSalt().bytes(), expected, payload.getSeeded(), body);
    boolean right =
        payload.getComponent() == expected
            && (!payload.getSeeded() || body.length == Components.SEED_BYTES)
            && MessageDigest.isEqual(
                commitment, core.getComponentCommitments().get(expected).bytes());
    return right ? new ComponentBody(payload.getSeeded(), body) : null;
  }

  private boolean consistent(BlockCore core, List<Digest> ciphertexts) {
    int n = charter.aggregators().size();
    return core.getRows() >= 1
        && core.getRows() <= ROWS_MAX
        && core.getEventMinutes().size() == core.getRows()
        && core.getPartition() >= 0
        && core.getPartition() < charter.partitions()
        && core.getSequence() >= 0
        && core.getKeyCommitments().size() == n
        && core.getComponentCommitments().size() == n
        && ciphertexts.size() == n
        && BlockContent.isMinute(core.getWatermarkMinute())
        && Arrays.stream(minutes(core)).allMatch(BlockContent::isMinute);
  }

  private static long[] minutes(BlockCore core) {
    long[] minutes = new long[core.getRows()];
    long minute = 0;
    for (int r = 0; r < minutes.length; r++) {
      // A sum that wraps around lands far outside of what isMinute lets in.
      minute += core.getEventMinutes().get(r);
      minutes[r] = minute;
    }
    return minutes;
  }

  private static Opening refused(Code code) {
    return new Opening.Refused(code, Optional.empty());
  }

  private static Opening refused(Code code, BlockCore core) {
    return new Opening.Refused(code, Optional.of(core));
  }

  /** Forgets every session's secret. */
  public void destroy() {
    secrets.values().forEach(ofBank -> ofBank.values().forEach(s -> Gcm.wipe(s.secret)));
    secrets.clear();
  }
}
