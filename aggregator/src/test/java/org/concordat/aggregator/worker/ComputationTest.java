package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.batch.Event;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.peer.PeerChannel;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Opening;
import org.junit.jupiter.api.Test;

/** Votes on one cut stand together only if one session opened what they name. */
class ComputationTest {
  private static final byte[] OPENED =
      HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

  private static final Digest ZERO = new Digest(new byte[32]);

  private final SealedBlocks sealed = new SealedBlocks();
  private final PartitionSetup setup = sealed.setup();

  private CutRecord cut() {
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(ZERO)
        .setPartition(SealedBlocks.PARTITION)
        .setBatch(0)
        .setAttempt(0)
        .setEntries(List.of())
        .setSkips(List.of())
        .setHeaders(ZERO)
        .setRuleSet(new Digest(sealed.plan.hash()))
        .setRuleSetVersion(1)
        .setPreviousCut(ZERO)
        .setCut(ZERO)
        .setCommitDay(20_000)
        .setAggregator("")
        .setCommittedMillis(0)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  /** What a vote on a computation names. */
  private Digest outcome(long session, Opening.Opened block) throws Exception {
    var outcome = new CompletableFuture<Digest>();
    new Computation(setup, null)
        .start(
            new Alone(session),
            cut(),
            List.of(block),
            CompletableFuture.completedFuture(OwnLog.initial(1, SealedBlocks.PARTITION)),
            result -> outcome.complete(result.outcome()),
            event -> outcome.completeExceptionally(new AssertionError(event)));
    return outcome.get(1, TimeUnit.MINUTES);
  }

  @Test
  void aComputationsOutcomeStandsForItsSession() throws Exception {
    Opening.Opened block = sealed.opened(10);
    Digest inFifth = outcome(5, block);
    assertThat(outcome(5, block)).isEqualTo(inFifth);
    assertThat(outcome(6, block)).isNotEqualTo(inFifth);
  }

  private boolean isTooLarge(Opening.Opened block, long voteBytesMax) throws Exception {
    var isTooLarge = new CompletableFuture<Boolean>();
    new Computation(setup, null, voteBytesMax)
        .start(
            new Alone(5),
            cut(),
            List.of(block),
            CompletableFuture.completedFuture(OwnLog.initial(1, SealedBlocks.PARTITION)),
            result -> isTooLarge.complete(false),
            event -> isTooLarge.complete(event.equals(new Event.TooLarge(ZERO, false))));
    return isTooLarge.get(1, TimeUnit.MINUTES);
  }

  @Test
  void aBatchThatAVoteHasNoRoomForIsTooLarge() throws Exception {
    Opening.Opened block = sealed.opened(10);
    var nothing = new PreparedContent(cut(), List.of(), Map.of(), List.of(), null, null);
    int bytes = RecordCodec.encode(nothing).length;
    assertThat(isTooLarge(block, bytes)).isFalse();
    assertThat(isTooLarge(block, bytes - 1)).isTrue();
  }

  @Test
  void whatTwoSessionsOpenedAlikeDiffersInTheirVotes() {
    byte[] fifth = Computation.inSession(OPENED, 5);
    assertThat(fifth)
        .isNotEqualTo(Computation.inSession(OPENED, 6))
        .isNotEqualTo(Computation.inSession(new byte[32], 5));
    // SHA-256 of the label, what was opened and the session's number, computed elsewhere.
    assertThat(HexFormat.of().formatHex(fifth))
        .isEqualTo("059727c8545f3331446635457f5fd2e3023a33e7e796d9f5bd0c5fb395e1a601");
  }

  /** A session in which nothing is sent: a plan without rules needs no peers. */
  private record Alone(long id) implements PeerSession {
    @Override
    public int protocol() {
      return 3;
    }

    @Override
    public int party() {
      return 0;
    }

    @Override
    public int parties() {
      return 3;
    }

    @Override
    public boolean isUp() {
      return true;
    }

    @Override
    public void sendControl(int peer, byte[] message) {
      throw new AssertionError();
    }

    @Override
    public byte[] attemptKey(int peer, byte[] batchHash, int attempt) {
      return new byte[32];
    }

    @Override
    public PeerChannel channel(int partition, long batch, int attempt) {
      return new Silence();
    }
  }

  private static final class Silence implements PeerChannel {
    @Override
    public int party() {
      return 0;
    }

    @Override
    public int parties() {
      return 3;
    }

    @Override
    public void send(int peer, Step step, long[] words, int offset, int length) {
      throw new AssertionError();
    }

    @Override
    public void receive(int peer, Step step, long[] words, int offset, int length) {
      throw new AssertionError();
    }

    @Override
    public void close() {}
  }
}
