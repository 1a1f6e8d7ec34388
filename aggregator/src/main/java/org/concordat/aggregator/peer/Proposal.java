package org.concordat.aggregator.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.OptionalLong;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * How the parties agree on a session without a leader: once all its links are up, each sends the
 * list of their ids on each of them, once in a link's life. The session exists for a party when all
 * lists agree, and its id is a hash of them; so parties in one session hold the same set of links.
 */
final class Proposal {
  private static final int ID_BYTES = Hkdf.KEY_BYTES;
  private static final String LABEL = "concordat session";

  private Proposal() {}

  /**
   * A party's list: an id by peer, zeros for itself.
   *
   * @param links by party, none for this one
   */
  static byte[] of(@Nullable Link[] links) {
    byte[] list = new byte[links.length * ID_BYTES];
    for (int peer = 0; peer < links.length; peer++) {
      Link link = links[peer];
      if (link != null) {
        System.arraycopy(link.keys().id(), 0, list, peer * ID_BYTES, ID_BYTES);
      }
    }
    return list;
  }

  static void check(byte[] list, int parties) throws LinkFault {
    if (list.length != parties * ID_BYTES) {
      throw new LinkFault(Code.CDT_651);
    }
  }

  /** The session's id, never negative; nothing if two parties mean different links. */
  static OptionalLong agree(byte[][] lists) {
    MessageDigest digest = Handshake.sha256();
    digest.update(LABEL.getBytes(StandardCharsets.US_ASCII));
    for (int one = 0; one < lists.length; one++) {
      for (int other = one + 1; other < lists.length; other++) {
        byte[] id = entry(lists[one], other);
        if (!Arrays.equals(id, entry(lists[other], one))) {
          return OptionalLong.empty();
        }
        digest.update(id);
      }
    }
    return OptionalLong.of(ByteBuffer.wrap(digest.digest()).getLong() & Long.MAX_VALUE);
  }

  private static byte[] entry(byte[] list, int peer) {
    return Arrays.copyOfRange(list, peer * ID_BYTES, (peer + 1) * ID_BYTES);
  }
}
