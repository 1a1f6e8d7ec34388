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
    return settings(me, banks, IN_FLIGHT);
  }

  static Settings settings(int me, List<String> banks, int inFlight) {
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
        inFlight,
        1,
        2,
        GRACE_MILLIS,
        STALL_MILLIS,
        BACKOFF_MILLIS);
  }

  static Digest digest(String text) {
    return digest(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Digest digest(ByteBuffer bytes) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(bytes);
      return new Digest(sha.digest());
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

  /** A vote that seals nothing. Like a real one, its signature is that of what it says. */
  static Vote vote(
      Settings settings, long batch, int attempt, VoteKind kind, Digest cut, Digest outcome) {
    Digest said = digest(settings.me() + " " + batch + " " + attempt + kind + cut + outcome);
    byte[] signature =
        ByteBuffer.allocate(2 * said.bytes().length).put(said.bytes()).put(said.bytes()).array();
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
        .setSignature(new Signature(signature))
        .setSealed(ByteBuffer.allocate(0))
        .build();
  }

  /**
   * The same vote as the log has it.
   *
   * @param number tells what it seals from what others do
   */
  static Vote sealing(Vote vote, int number) {
    ByteBuffer sealed = ByteBuffer.allocate(Integer.BYTES).putInt(0, number);
    return Vote.newBuilder(vote).setSealed(sealed).build();
  }

  /** The same vote as machines get it. */
  static Vote bare(Vote vote) {
    return Vote.newBuilder(vote).setSealed(ByteBuffer.allocate(0)).build();
  }

  /** Of what a vote seals. */
  static Digest sealedDigest(Vote vote) {
    return digest(vote.getSealed().duplicate());
  }
}
