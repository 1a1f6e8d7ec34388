package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.concordat.schemas.record.DetailComponent;

/**
 * What a late share of an alert is held against: a hash of each component, beside all that the
 * shares say alike. It is kept encrypted, since a component has too few bits to be hidden by a
 * hash.
 */
final class Evidence {
  private static final int HASH_BYTES = 16;

  private Evidence() {}

  /** Whose shares an alert was put together of, and the hashes of its components in their order. */
  static String of(List<OpenedShare> shares, byte[][] components) {
    List<String> hashes = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      hashes.add(hash(shares.getFirst(), i, components[i]));
    }
    return shares.stream().map(OpenedShare::aggregator).toList() + ":" + String.join(".", hashes);
  }

  /** Whether the alert was put together of this aggregator's share. */
  static boolean names(String evidence, OpenedShare share) {
    String aggregators = evidence.substring(0, evidence.indexOf(':')).replaceAll("[\\[\\] ]", "");
    return List.of(aggregators.split(",", -1)).contains(Integer.toString(share.aggregator()));
  }

  /** Whether a share has two of the components that an alert was put together of. */
  static boolean fits(String evidence, OpenedShare share) {
    String[] hashes = evidence.substring(evidence.indexOf(':') + 1).split("\\.", -1);
    List<DetailComponent> given = share.detail().getComponents();
    boolean fits = given.size() == 2;
    for (int i = 0; fits && i < 2; i++) {
      int index = (share.aggregator() + i) % hashes.length;
      byte[] words = new byte[given.get(i).getWords().remaining()];
      given.get(i).getWords().duplicate().get(words);
      fits =
          given.get(i).getComponent() == index
              && MessageDigest.isEqual(ascii(hash(share, index, words)), ascii(hashes[index]));
    }
    return fits;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String hash(OpenedShare share, int component, byte[] words) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var open = share.share();
      var numbers = ByteBuffer.allocate(8 * Long.BYTES);
      numbers
          .putLong(open.getAttempt())
          .putLong(open.getBatch())
          .putLong(open.getPartition())
          .putLong(open.getAlertSequence())
          .putLong(open.getRuleSetVersion())
          .putLong(share.detail().getSequence())
          .putLong(share.detail().getRow())
          .putLong(component);
      digest.update(numbers.array());
      digest.update(open.getAlertId().bytes());
      digest.update(open.getCut().bytes());
      digest.update(open.getRuleSet().bytes());
      if (share.detail().getMemberOf() != null) {
        digest.update(share.detail().getMemberOf().bytes());
      }
      digest.update(words);
      return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing.", e);
    }
  }
}
