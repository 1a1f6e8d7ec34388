package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.RecordCodec;
import org.jspecify.annotations.Nullable;

/**
 * An aggregator's sealing of alert details for one bank: HPKE (RFC 9180 section 5.1.1, base mode,
 * X-Wing) to the bank's alert key once a session, from whose exporter (section 5.3) comes a key for
 * each share. A share carries the session's encapsulation, so that each opens by itself.
 *
 * <p>Hides rule, transaction, reasons and score shares from the bus, also from a recorder who later
 * has a quantum computer. The alert's existence, its bank and its time are open, and which shares
 * an aggregator sealed in one session. Authenticity comes from the aggregator's signature on the
 * share. Who takes the session's secret out of this process reads what it sealed in that session,
 * which is why a session ends early. Safe for use by several threads.
 */
public final class AlertSealing {
  /** Shares of a session, at most. */
  static final int SESSION_SHARES_MAX = 1 << 16;

  /** A session seals nothing when it is older. */
  static final Duration SESSION_AGE_MAX = Duration.ofHours(1);

  /** A detail holds two components of a score and of at most 4,096 reason bits. */
  static final int SEALED_BYTES_MAX = 64 << 10;

  static final int DETAIL_BYTES_MAX = SEALED_BYTES_MAX - AlertKeys.OVERHEAD_BYTES;

  /** One encapsulation and how often it was used. */
  private static final class Session {
    private final byte[] encapsulation;
    private final byte[] secret;
    private final long begunNanos;
    private long shares;

    Session(byte[] encapsulation, byte[] secret, long begunNanos) {
      this.encapsulation = encapsulation;
      this.secret = secret;
      this.begunNanos = begunNanos;
    }
  }

  private final byte[] info;
  private final SealingPublicKey bank;
  private final LongSupplier nanoClock;
  private @Nullable Session current;

  /**
   * @param bank whose details are sealed
   * @param nanoClock as {@link System#nanoTime}
   */
  public AlertSealing(
      Charter charter, String aggregator, Charter.Bank bank, LongSupplier nanoClock) {
    this.info = AlertKeys.sessionInfo(charter.hash().bytes(), bank.name(), aggregator);
    this.bank = bank.alertKey();
    this.nanoClock = nanoClock;
  }

  /** How long what is sealed of a padded detail is. */
  public static int sealedBytes(int detailBytes) {
    return AlertKeys.OVERHEAD_BYTES + detailBytes;
  }

  /**
   * Seals a detail for a share whose open fields are set.
   *
   * @param share read for its open fields; its sealed part and signature are ignored
   * @param detailBytes the length that every detail of the rule set is padded to
   * @return what {@link AlertShare} calls sealed
   * @throws IllegalArgumentException the detail is longer than that, or that than the limit
   */
  public byte[] seal(AlertShare share, AlertDetail detail, int detailBytes) {
    Session session;
    long number;
    synchronized (this) {
      session = session();
      number = session.shares++;
    }
    return seal(session.encapsulation, session.secret, number, share, detail, detailBytes);
  }

  static byte[] seal(
      byte[] encapsulation,
      byte[] secret,
      long number,
      AlertShare share,
      AlertDetail detail,
      int detailBytes) {
    byte[] bare = RecordCodec.encode(detail);
    if (bare.length > detailBytes || detailBytes > DETAIL_BYTES_MAX) {
      throw new IllegalArgumentException("detailBytes");
    }
    byte[] plain =
        ByteBuffer.allocate(Integer.BYTES + detailBytes).putInt(bare.length).put(bare).array();
    byte[] key = AlertKeys.shareKey(secret, number);
    byte[] ciphertext = Gcm.seal(key, BlockKeys.NONCE, AlertKeys.associated(share), plain);
    Gcm.wipe(key);
    Gcm.wipe(plain);
    Gcm.wipe(bare);
    return AlertKeys.join(encapsulation, number, ciphertext);
  }

  private Session session() {
    Session session = current;
    long nanos = nanoClock.getAsLong();
    if (session == null
        || session.shares >= SESSION_SHARES_MAX
        || nanos - session.begunNanos > SESSION_AGE_MAX.toNanos()) {
      HPKEContextWithEncapsulation context = SealingPublicKey.hpke().setupBaseS(bank.key(), info);
      // The one before isn't overwritten: another thread may be sealing with it.
      session = new Session(context.getEncapsulation(), AlertKeys.secret(context), nanos);
      current = session;
    }
    return session;
  }
}
