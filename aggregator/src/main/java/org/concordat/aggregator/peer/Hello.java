package org.concordat.aggregator.peer;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.concordat.aggregator.peer.PeerSettings.Versions;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.problem.Code;

/**
 * What each end says first on a new link. Public: everything in it goes into the transcript.
 *
 * @param ownCertificate SHA-256 of the sender's certificate
 * @param peerCertificate SHA-256 of the certificate that the sender was shown
 * @param nonce 32 random bytes
 * @param key the sender's X-Wing public key for this link alone
 * @param view {@link PeerSettings#view}; an earlier release, which names none, is alone
 */
record Hello(
    Versions protocol,
    Versions planFormats,
    int party,
    int parties,
    long epoch,
    byte[] charterHash,
    byte[] ruleSetHash,
    byte[] ownCertificate,
    byte[] peerCertificate,
    byte[] nonce,
    byte[] key,
    byte[] view) {
  private static final int MAGIC = 0x434e_4344;
  private static final int HASH_BYTES = 32;
  private static final int FIXED_BYTES = 4 + 4 * 2 + 2 * 2 + 8;

  byte[] encode() {
    return ByteBuffer.allocate(FIXED_BYTES + 6 * HASH_BYTES + key.length)
        .putInt(MAGIC)
        .putShort((short) protocol.oldest())
        .putShort((short) protocol.newest())
        .putShort((short) planFormats.oldest())
        .putShort((short) planFormats.newest())
        .putShort((short) party)
        .putShort((short) parties)
        .putLong(epoch)
        .put(charterHash)
        .put(ruleSetHash)
        .put(ownCertificate)
        .put(peerCertificate)
        .put(nonce)
        .put(key)
        .put(view)
        .array();
  }

  /** Reads a hello; a newer release's may be longer. */
  static Hello decode(byte[] bytes) throws LinkFault {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.getInt() != MAGIC) {
        throw new LinkFault(Code.CDT_557);
      }
      return new Hello(
          versions(in),
          versions(in),
          Short.toUnsignedInt(in.getShort()),
          Short.toUnsignedInt(in.getShort()),
          in.getLong(),
          bytes(in, HASH_BYTES),
          bytes(in, HASH_BYTES),
          bytes(in, HASH_BYTES),
          bytes(in, HASH_BYTES),
          bytes(in, HASH_BYTES),
          bytes(in, SealingPublicKey.KEY_BYTES),
          in.hasRemaining() ? bytes(in, HASH_BYTES) : PeerSettings.ALONE.bytes());
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new LinkFault(Code.CDT_557);
    }
  }

  private static Versions versions(ByteBuffer in) {
    int oldest = Short.toUnsignedInt(in.getShort());
    return new Versions(oldest, Short.toUnsignedInt(in.getShort()));
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /**
   * Whether the two can work together, as the sender of {@code this} sees it.
   *
   * @param expected the index that belongs to the name in the peer's certificate
   */
  void check(Hello peer, int expected) throws LinkFault {
    require(protocol.overlap(peer.protocol), Code.CDT_553);
    require(planFormats.overlap(peer.planFormats), Code.CDT_553);
    require(Arrays.equals(charterHash, peer.charterHash), Code.CDT_554);
    require(parties == peer.parties && peer.party == expected, Code.CDT_554);
    require(Arrays.equals(ruleSetHash, peer.ruleSetHash), Code.CDT_555);
    require(Arrays.equals(view, peer.view), Code.CDT_560);
    require(Arrays.equals(ownCertificate, peer.peerCertificate), Code.CDT_557);
    require(Arrays.equals(peerCertificate, peer.ownCertificate), Code.CDT_557);
  }

  private static void require(boolean holds, Code otherwise) throws LinkFault {
    if (!holds) {
      throw new LinkFault(otherwise);
    }
  }
}
