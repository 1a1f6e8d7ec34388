package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Signature;

/**
 * A bank's sealing session with one aggregator: one HPKE encapsulation (RFC 9180 section 5.1.1,
 * base mode, X-Wing) per agent start, from whose exporter (section 5.3) every block key comes.
 *
 * <p>Keeps blocks secret from everyone but the aggregator, also from a recorder who later has a
 * quantum computer or the bank's keys: the session's secret lives in this object only. Does not
 * protect once the aggregator's private key is taken while it still exists: whoever has it opens
 * every recorded session under it. The bank is authenticated by its signature on the set-up record
 * and on every header, not by HPKE.
 */
public final class SealingSession {
  private final SessionSetup setup;
  private final byte[] secret;
  private final Map<Integer, Long> lastSequences = new HashMap<>();

  SealingSession(SessionSetup setup, byte[] secret) {
    this.setup = setup;
    this.secret = secret;
  }

  /**
   * Opens a session.
   *
   * @param key the aggregator's, its signature already verified
   * @param session strictly larger than that of any earlier start of this bank's agent
   * @throws IllegalArgumentException the key isn't the aggregator's, or none that can be sealed to
   */
  public static SealingSession open(
      Charter charter,
      String bank,
      SigningKey signingKey,
      String aggregator,
      HpkeKey key,
      long session) {
    if (!key.getOwner().equals(aggregator) || !key.getCharter().equals(charter.hash())) {
      throw new IllegalArgumentException("The key belongs to someone else.");
    }
    byte[] info =
        BlockKeys.sessionInfo(charter, bank, aggregator, key.getKeyId(), key.getEpoch(), session);
    var recipient = new SealingPublicKey(Hashes.bytesOf(key.getPublicKey()));
    HPKEContextWithEncapsulation context =
        SealingPublicKey.hpke().setupBaseS(recipient.key(), info);
    var unsigned =
        SessionSetup.newBuilder()
            .setProtocol(Charter.PROTOCOL)
            .setCharter(charter.hash())
            .setBank(bank)
            .setAggregator(aggregator)
            .setSession(session)
            .setKeyId(key.getKeyId())
            .setEpoch(key.getEpoch())
            .setEncapsulation(ByteBuffer.wrap(context.getEncapsulation()))
            .setCreatedMillis(System.currentTimeMillis())
            .setSignature(new Signature(new byte[64]))
            .build();
    return new SealingSession(
        Signed.sign(unsigned, signingKey),
        context.export(BlockKeys.exporterContext(), BlockKeys.SECRET_BYTES));
  }

  /** The signed record for the topic of sessions. */
  public SessionSetup setup() {
    return setup;
  }

  long session() {
    return setup.getSession();
  }

  /**
   * The key of one block, given out once: with a constant nonce, a second message under it would
   * tell the difference of both and let anyone forge.
   */
  synchronized byte[] blockKey(int partition, long sequence) {
    Long last = lastSequences.put(partition, sequence);
    if (last != null && last >= sequence) {
      throw new IllegalStateException("The session has sealed this or a later sequence.");
    }
    return BlockKeys.blockKey(secret, session(), partition, sequence);
  }

  /** Forgets the secret; nothing can be sealed afterwards. */
  public void destroy() {
    Gcm.wipe(secret);
  }

  @Override
  public String toString() {
    return "SealingSession[" + setup.getAggregator() + ", " + setup.getSession() + "]";
  }
}
