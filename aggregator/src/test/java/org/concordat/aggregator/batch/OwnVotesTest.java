package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** Which own votes are first, whatever reached the log before them. */
class OwnVotesTest {
  private static final Settings PARTY = Batches.settings(1, MachineHarness.BANKS);

  static {
    RecordCodec.trustRecords();
  }

  /** The log had 5 votes when it was read. */
  private final OwnVotes votes = new OwnVotes(5, Batches::sealedDigest);

  private static Vote vote(long batch, VoteKind kind) {
    return Batches.vote(PARTY, batch, 0, kind, PARTY.charter(), PARTY.ruleSet());
  }

  private static Vote abandoned(long batch) {
    return vote(batch, VoteKind.ABANDONED);
  }

  private static Vote prepared(long batch, int sealed) {
    return Batches.sealing(vote(batch, VoteKind.PREPARED), sealed);
  }

  private void assertReported(Vote vote, long offset) {
    assertThat(votes.next()).contains(new OwnVotes.Next.Report(vote, offset));
  }

  private void assertLooks(long from, long to) {
    assertThat(votes.next()).contains(new OwnVotes.Next.Look(from, to));
  }

  private void assertOtherFirst(Vote vote) {
    assertThat(votes.next()).contains(new OwnVotes.Next.OtherFirst(vote));
  }

  /** Own votes follow each other in the log. */
  private void assertReportedAtOnce(Vote vote, long offset) {
    votes.written(vote, offset);
    assertReported(vote, offset);
    assertThat(votes.next()).isEmpty();
  }

  /** Votes of other processes stand from offset 5 on, and one of this process's behind them. */
  private void gap(Vote own, Vote... before) {
    long offset = 5 + before.length;
    votes.written(own, offset);
    assertLooks(5, offset);
    votes.looked(List.of(before), offset);
  }

  @Test
  void nothingIsToBeDoneBeforeAVoteIsWritten() {
    assertThat(votes.next()).isEmpty();
  }

  @Test
  void votesThatFollowEachOtherAreReported() {
    assertReportedAtOnce(prepared(3, 1), 5);
    assertReportedAtOnce(prepared(4, 2), 6);
  }

  @Test
  void votesBehindAGapWaitUntilItIsRead() {
    votes.written(abandoned(3), 6);
    votes.written(abandoned(4), 7);
    assertLooks(5, 6);
    assertThat(votes.next()).isEmpty();
    votes.written(abandoned(5), 8);
    assertThat(votes.next()).isEmpty();
    votes.looked(List.of(prepared(6, 1)), 6);
    assertReported(abandoned(3), 6);
    assertReported(abandoned(4), 7);
    assertReported(abandoned(5), 8);
    assertThat(votes.next()).isEmpty();
  }

  /** As where an own write arrived though it seemed to have failed. */
  @Test
  void theSameVoteInTheGapIsNoOther() {
    gap(prepared(3, 1), prepared(3, 1));
    assertReported(prepared(3, 1), 6);
  }

  @Test
  void aVoteOfAnotherKindInTheGapIsFirst() {
    gap(abandoned(3), prepared(3, 1));
    assertOtherFirst(abandoned(3));
  }

  @Test
  void aVoteThatSealsOtherThingsIsAnother() {
    gap(prepared(3, 2), prepared(3, 1));
    assertOtherFirst(prepared(3, 2));
  }

  @Test
  void theFirstInTheGapCounts() {
    gap(abandoned(3), abandoned(3), prepared(3, 1));
    assertReported(abandoned(3), 7);
  }

  /** The gap is seen by a vote on another attempt, and the own vote on that one comes later. */
  @Test
  void aLateVoteThatAnotherVotesGapShowedIsFirstToo() {
    gap(abandoned(4), prepared(3, 1));
    assertReported(abandoned(4), 6);
    votes.written(abandoned(3), 7);
    assertOtherFirst(abandoned(3));
  }

  @Test
  void whatIsAcknowledgedLateIsKnownFromTheGap() {
    gap(abandoned(4), abandoned(3));
    assertReported(abandoned(4), 6);
    votes.written(abandoned(3), 5);
    assertReported(abandoned(3), 5);
    assertReportedAtOnce(abandoned(5), 7);
  }

  @Test
  void aLateVoteIsKeptInMindWhileItsBatchMayBeVotedOn() {
    gap(abandoned(3 + Settings.BATCHES_IN_FLIGHT_MAX), prepared(3, 1));
    assertReported(abandoned(3 + Settings.BATCHES_IN_FLIGHT_MAX), 6);
    votes.written(abandoned(3), 7);
    assertOtherFirst(abandoned(3));
  }

  @Test
  void aLateVoteOnABatchThatIsLongCommittedIsForgotten() {
    gap(abandoned(4 + Settings.BATCHES_IN_FLIGHT_MAX), prepared(3, 1));
    assertReported(abandoned(4 + Settings.BATCHES_IN_FLIGHT_MAX), 6);
    assertReportedAtOnce(abandoned(3), 7);
  }
}
