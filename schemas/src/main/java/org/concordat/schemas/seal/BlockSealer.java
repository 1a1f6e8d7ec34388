package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.BlockPayload;
import org.concordat.schemas.record.ComponentPayload;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Salt;
import org.concordat.schemas.record.Signature;

/**
 * Seals a block for every aggregator (DESIGN 5): aggregator i gets components i and i+1 under a key
 * of its own that is used for this block only; one signed header, the same in every copy, commits
 * to all of it.
 *
 * <p>Two aggregators that hold copies under one header hold consistent components without talking:
 * each component's commitment is in the header, under a salt that only its holders get. What it
 * does NOT protect: the header's content (bank, position, rows, event minutes) is readable on the
 * bus, and the ciphertext's length tells the rows and the contract's width.
 */
public final class BlockSealer {
  private final Charter charter;
  private final String bank;
  private final SigningKey signingKey;
  private final List<SealingSession> sessions;
  private final SecureRandom random;

  /**
   * @param sessions by aggregator index, of one session number
   */
  public BlockSealer(
      Charter charter,
      String bank,
      SigningKey signingKey,
      List<SealingSession> sessions,
      SecureRandom random) {
    if (sessions.size() != charter.aggregators().size()
        || sessions.stream().mapToLong(SealingSession::session).distinct().count() != 1) {
      throw new IllegalArgumentException("sessions");
    }
    this.charter = charter;
    this.bank = bank;
    this.signingKey = signingKey;
    this.sessions = List.copyOf(sessions);
    this.random = random;
  }

  /**
   * Seals once. The caller keeps these bytes and sends no others for this position.
   *
   * @return by aggregator index
   * @throws IllegalStateException the sessions have sealed this or a later sequence of the
   *     partition: sealing again would use the block's keys for a second message
   * @throws IllegalArgumentException the block is larger than {@link
   *     BlockOpener#CIPHERTEXT_BYTES_MAX}
   */
  public List<Block> seal(BlockContent content) {
    int n = sessions.size();
    Salt commonSalt = salt();
    List<ComponentPayload> components = new ArrayList<>(n);
    List<Digest> componentCommitments = new ArrayList<>(n);
    for (int c = 0; c < n; c++) {
      Salt salt = salt();
      byte[] body = content.components.body(c);
      boolean seeded = content.components.seeded(c);
      components.add(new ComponentPayload(c, salt, seeded, ByteBuffer.wrap(body)));
      componentCommitments.add(
          new Digest(BlockKeys.componentCommitment(salt.bytes(), c, seeded, body)));
    }
    List<byte[]> keys = new ArrayList<>(n);
    List<Digest> keyCommitments = new ArrayList<>(n);
    for (SealingSession session : sessions) {
      byte[] key = session.blockKey(content.partition, content.sequence);
      keys.add(key);
      keyCommitments.add(new Digest(BlockKeys.keyCommitment(key)));
    }
    var commonCommitment =
        new Digest(BlockKeys.commonCommitment(commonSalt.bytes(), content.transactionIds));
    byte[] core =
        RecordCodec.encode(core(content, keyCommitments, commonCommitment, componentCommitments));
    byte[] associated = Hashes.sha256().digest(core);
    List<byte[]> ciphertexts = new ArrayList<>(n);
    List<Digest> digests = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      var payload =
          new BlockPayload(
              commonSalt,
              ByteBuffer.wrap(content.transactionIds),
              List.of(components.get(i), components.get((i + 1) % n)));
      byte[] plain = RecordCodec.encode(payload);
      if (plain.length + Gcm.TAG_BYTES > BlockOpener.CIPHERTEXT_BYTES_MAX) {
        throw new IllegalArgumentException("The block is larger than aggregators take.");
      }
      byte[] sealed = Gcm.seal(keys.get(i), BlockKeys.NONCE, associated, plain);
      Gcm.wipe(plain);
      Gcm.wipe(keys.get(i));
      ciphertexts.add(sealed);
      digests.add(new Digest(Hashes.sha256().digest(sealed)));
    }
    BlockHeader header =
        Signed.sign(
            new BlockHeader(ByteBuffer.wrap(core), digests, new Signature(new byte[64])),
            signingKey);
    List<Block> blocks = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      blocks.add(new Block(header, i, ByteBuffer.wrap(ciphertexts.get(i))));
    }
    return blocks;
  }

  private BlockCore core(
      BlockContent content,
      List<Digest> keyCommitments,
      Digest commonCommitment,
      List<Digest> componentCommitments) {
    List<Long> minutes = new ArrayList<>(content.rows);
    long previous = 0;
    for (long minute : content.eventMinutes) {
      minutes.add(minute - previous);
      previous = minute;
    }
    return BlockCore.newBuilder()
        .setProtocol(Charter.PROTOCOL)
        .setCharter(charter.hash())
        .setBank(bank)
        .setPartition(content.partition)
        .setSequence(content.sequence)
        .setSession(sessions.getFirst().session())
        .setKind(content.kind)
        .setContract(content.contract)
        .setContractVersion(content.contractVersion)
        .setContractHash(new Digest(content.contractHash))
        .setRows(content.rows)
        .setEventMinutes(minutes)
        .setWatermarkMinute(content.watermarkMinute)
        .setKeyCommitments(keyCommitments)
        .setCommonCommitment(commonCommitment)
        .setComponentCommitments(componentCommitments)
        .build();
  }

  private Salt salt() {
    byte[] salt = new byte[32];
    random.nextBytes(salt);
    return new Salt(salt);
  }
}
