package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.jspecify.annotations.Nullable;

/**
 * A bank's opening of alert details: the counterpart of {@link AlertSealing}. Remembers the secrets
 * of the sessions that were used last, so that most shares cost no decapsulation. An aggregator
 * that begins a session with every share makes all others cost one, and does no more harm.
 *
 * <p>Belongs to one thread.
 */
public final class AlertOpening {
  /** Sessions that are remembered; the one that was used least recently goes first. */
  static final int SESSIONS_MAX = 64;

  private final SealingKeyPair key;

  /** By hash of info and encapsulation. */
  private final Map<ByteBuffer, byte[]> secrets =
      new LinkedHashMap<>(2 * SESSIONS_MAX, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, byte[]> eldest) {
          boolean full = size() > SESSIONS_MAX;
          if (full) {
            Gcm.wipe(eldest.getValue());
          }
          return full;
        }
      };

  private long decapsulations;

  /**
   * @param key the bank's alert key
   */
  public AlertOpening(SealingKeyPair key) {
    this.key = key;
  }

  /** Opens a share's detail; nothing where it isn't for this key, was changed or is malformed. */
  public Optional<AlertDetail> open(AlertShare share) {
    ByteBuffer sealed = share.getSealed().duplicate();
    if (sealed.remaining() <= AlertKeys.OVERHEAD_BYTES
        || sealed.remaining() > AlertSealing.SEALED_BYTES_MAX
        || sealed.get() != AlertKeys.FORMAT) {
      return Optional.empty();
    }
    byte[] encapsulation = new byte[AlertKeys.ENCAPSULATION_BYTES];
    sealed.get(encapsulation);
    long number = sealed.getLong();
    byte[] ciphertext = Hashes.bytesOf(sealed);
    byte[] secret = secret(AlertKeys.sessionInfo(share), encapsulation);
    if (secret == null) {
      return Optional.empty();
    }
    byte[] shareKey = AlertKeys.shareKey(secret, number);
    Optional<byte[]> plain =
        Gcm.open(shareKey, BlockKeys.NONCE, AlertKeys.associated(share), ciphertext);
    Gcm.wipe(shareKey);
    return plain.flatMap(AlertOpening::detail);
  }

  private byte @Nullable [] secret(byte[] info, byte[] encapsulation) {
    var name = ByteBuffer.wrap(Hashes.sha256("alert-session-name", info, encapsulation));
    byte[] known = secrets.get(name);
    if (known != null) {
      return known;
    }
    try {
      decapsulations++;
      byte[] secret =
          AlertKeys.secret(SealingPublicKey.hpke().setupBaseR(encapsulation, key.pair(), info));
      secrets.put(name, secret);
      return secret;
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Bouncy Castle throws these for a wrong encapsulation and for a zero agreement.
      return null;
    }
  }

  private static Optional<AlertDetail> detail(byte[] plain) {
    ByteBuffer content = ByteBuffer.wrap(plain);
    int length = content.getInt();
    if (length < 0 || length > content.remaining()) {
      return Optional.empty();
    }
    byte[] bare = new byte[length];
    content.get(bare);
    try {
      return Optional.of(RecordCodec.decode(AlertDetail.class, bare));
    } catch (MalformedRecordException e) {
      return Optional.empty();
    } finally {
      Gcm.wipe(bare);
      Gcm.wipe(plain);
    }
  }

  /** How often a session's secret was not remembered. */
  long decapsulations() {
    return decapsulations;
  }
}
