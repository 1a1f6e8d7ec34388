package org.concordat.aggregator.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** Small parts that the tests of this package are made of. */
final class Batches {
  static final int ROWS_MAX = 4_096;
  static final int IN_FLIGHT = 4;
  static final long GRACE_MILLIS = 20;
  static final long STALL_MILLIS = 200;
  static final long BACKOFF_MILLIS = 5;

  private Batches() {}

  /** Of partition 0, which party 0 leads. */
  static Settings settings(int me, List<String> banks) {
    return new Settings(
        1,
        digest("charter"),
        0,
        me,
        List.of("agg-1", "agg-2", "agg-3"),
        banks,
        digest("rules"),
        1,
        ROWS_MAX,
        IN_FLIGHT,
        1,
        2,
        GRACE_MILLIS,
        STALL_MILLIS,
        BACKOFF_MILLIS);
  }

  static Digest digest(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return new Digest(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static Event.BlockHeld block(String bank, long sequence, int rows) {
    return new Event.BlockHeld(bank, sequence, rows, digest(bank + sequence), 1_000 + sequence);
  }

  /** What another log shows in this place. */
  static Event.BlockHeld otherBlock(String bank, long sequence, int rows) {
    return new Event.BlockHeld(
        bank, sequence, rows, digest("other" + bank + sequence), 1_000 + sequence);
  }

  static Vote vote(
      Settings settings, long batch, int attempt, VoteKind kind, Digest cut, Digest outcome) {
    return Vote.newBuilder()
        .setProtocol(settings.protocol())
        .setCharter(settings.charter())
        .setAggregator(settings.aggregators().get(settings.me()))
        .setPartition(settings.partition())
        .setBatch(batch)
        .setAttempt(attempt)
        .setKind(kind)
        .setCut(cut)
        .setOutcome(outcome)
        .setSignature(new Signature(new byte[64]))
        .setSealed(ByteBuffer.allocate(0))
        .build();
  }
}
