package org.concordat.schemas.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** The hashes by which parties know that they speak of the same cut. */
public final class CutHashes {
  private static final int SIGNATURE_BYTES = 64;

  private CutHashes() {}

  /** SHA-256 over a cut's fields, less those of one party: its name, time and signature. */
  public static Digest cut(CutRecord record) {
    CutRecord common =
        CutRecord.newBuilder(record)
            .setCut(new Digest(new byte[32]))
            .setAggregator("")
            .setCommittedMillis(0)
            .setSignature(new Signature(new byte[SIGNATURE_BYTES]))
            .build();
    return new Digest(sha256().digest(RecordCodec.body(common)));
  }

  /** SHA-256 over the digests of headers in commit order. */
  public static Digest headers(List<Digest> headerDigests) {
    MessageDigest sha = sha256();
    headerDigests.forEach(digest -> sha.update(digest.bytes()));
    return new Digest(sha.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
