package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.concordat.aggregator.batch.MachineHarness.agreement;
import static org.concordat.aggregator.batch.MachineHarness.proposal;
import static org.concordat.aggregator.batch.MachineHarness.vote;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** Each rule of the batch protocol, on one machine whose peers the test plays. */
class BatchMachineTest {
  private static final Event.BlockHeld A0 = Batches.block("bank-a", 0, 100);
  private static final Event.BlockHeld A1 = Batches.block("bank-a", 1, 100);
  private static final Event.BlockHeld B0 = Batches.block("bank-b", 0, 100);

  // Cuts.

  @Test
  void theLeaderCutsAtTheMinimumOverParties() {
    var leader = MachineHarness.ready(0, A0, A1, B0);
    leader.announced(1, 0, 2, 0).announced(2, 0, 1, 1).tickAfter(1);
    CutRecord cut = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(cut.getEntries())
        .containsExactly(new CutEntry("bank-a", 0L, 1L, 100, A0.watermarkMinute()));
  }

  @Test
  void theLeaderWaitsForEveryPeersWordOnThisBatch() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0).tickAfter(1);
    assertThat(leader.broadcast(Proposal.class)).isEmpty();
    assertThat(leader.machine.waitingFor()).isEqualTo("announcements of agg-3");
    // A peer that is still at another batch could only object.
    leader.announced(2, 1, 1, 0).tickAfter(1);
    assertThat(leader.broadcast(Proposal.class)).isEmpty();
    leader.announced(2, 0, 1, 0).tickAfter(1);
    assertThat(leader.broadcast(Proposal.class)).hasSize(1);
  }

  @Test
  void aBatchIsBoundedInRows() {
    var blocks = new Event.BlockHeld[6];
    for (int s = 0; s < blocks.length; s++) {
      blocks[s] = Batches.block("bank-a", s, 1_024);
    }
    var leader = MachineHarness.ready(0, blocks);
    leader.announced(1, 0, 6, 0).announced(2, 0, 6, 0).tickAfter(1);
    CutEntry entry = leader.broadcast(Proposal.class).getFirst().getCut().getEntries().getFirst();
    assertThat(entry.getRows()).isEqualTo(Batches.ROWS_MAX);
    assertThat(entry.getNextSequence()).isEqualTo(4);
  }

  @Test
  void aFloodingBankDoesNotFillABatchWhileAnotherWaits() {
    for (int rows : List.of(1, 100, 1_024)) {
      Event.BlockHeld[] blocks =
          Stream.concat(
                  IntStream.range(0, 5_000).mapToObj(s -> Batches.block("bank-a", s, rows)),
                  IntStream.range(0, 2).mapToObj(s -> Batches.block("bank-b", s, 1_024)))
              .toArray(Event.BlockHeld[]::new);
      var leader = MachineHarness.ready(0, blocks);
      leader.announced(1, 0, 5_000, 2).announced(2, 0, 5_000, 2).tickAfter(1);
      CutRecord cut = leader.broadcast(Proposal.class).getFirst().getCut();
      assertThat(cut.getEntries()).extracting(CutEntry::getBank).contains("bank-a", "bank-b");
      assertThat(cut.getEntries().getLast().getNextSequence()).as("of bank-b").isEqualTo(2);
    }
  }

  /** Where not even a block of each bank fits, another bank is the first each time. */
  @Test
  void banksTakeTurnsWhereABatchHasNoRoomForAll() {
    int full = Batches.ROWS_MAX;
    Event.BlockHeld[] blocks = {
      Batches.block("bank-a", 0, full),
      Batches.block("bank-a", 1, full),
      Batches.block("bank-b", 0, full)
    };
    CutRecord first = proposal(0, blocks).getCut();
    assertThat(first.getEntries()).extracting(CutEntry::getBank).containsExactly("bank-a");
    Progress after = Progress.initial();
    after.apply(first);
    CutRecord second = proposal(after, 0, blocks[1], blocks[2]).getCut();
    assertThat(second.getEntries()).extracting(CutEntry::getBank).containsExactly("bank-b");
  }

  @Test
  void nothingIsProposedWithoutBlocks() {
    var leader = MachineHarness.ready(0);
    leader.announced(1, 0, 0, 0).announced(2, 0, 0, 0).tickAfter(1);
    assertThat(leader.broadcast(Proposal.class)).isEmpty();
    assertThat(leader.machine.waitingFor()).isEqualTo("blocks");
  }

  @Test
  void everyPartyAgreesToAllBeforeAnyComputes() {
    var party = MachineHarness.ready(1, A0, B0);
    Proposal proposal = proposal(0, A0, B0);
    party.from(0, proposal);
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
    assertThat(party.all(Effect.Compute.class)).isEmpty();
    assertThat(party.machine.waitingFor()).isEqualTo("agreement of agg-3");
    party.from(2, agreement(proposal.getCut()));
    assertThat(party.only(Effect.Compute.class).blocks())
        .as("commit order: bank, then sequence")
        .containsExactly(new Effect.Position("bank-a", 0), new Effect.Position("bank-b", 0));
  }

  @Test
  void anAgreementMayComeBeforeTheProposal() {
    var party = MachineHarness.ready(1, A0);
    Proposal proposal = proposal(0, A0);
    party.from(2, agreement(proposal.getCut()));
    party.from(0, proposal);
    party.only(Effect.Compute.class);
  }

  @Test
  void anAgreementOnAnotherCutDoesNotCount() {
    var party = MachineHarness.ready(1, A0, A1);
    party.from(2, agreement(proposal(0, A0, A1).getCut())).from(0, proposal(0, A0));
    assertThat(party.all(Effect.Compute.class)).isEmpty();
  }

  // Votes.

  @Test
  void aVoteIsDurableBeforeItIsSent() {
    var party = computing(1);
    CutRecord cut = proposal(0, A0).getCut();
    party.step(new Event.Computed(cut.getCut(), cut.getCut()));
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.PREPARED);
    assertThat(party.broadcast(Vote.class)).isEmpty();
    party.persisted();
    assertThat(party.broadcast(Vote.class)).hasSize(1);
  }

  @Test
  void onlyAllPreparedVotesCommit() {
    var party = prepared(1);
    CutRecord cut = proposal(0, A0).getCut();
    party.from(0, vote(0, cut, VoteKind.PREPARED));
    assertThat(party.all(Effect.Commit.class)).isEmpty();
    assertThat(party.machine.waitingFor()).isEqualTo("votes of agg-3");
    party.from(2, vote(2, cut, VoteKind.PREPARED));
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut);
    party.step(new Event.Committed(0));
    assertThat(party.machine.nextBatch()).isEqualTo(1);
    assertThat(party.machine.nextSequence("bank-a")).isEqualTo(1);
  }

  @Test
  void aLateResultOfAnotherCutIsNotVotedOn() {
    var party = computing(1);
    party.step(new Event.Computed(Batches.digest("another cut"), Batches.digest("outcome")));
    assertThat(party.effects).isEmpty();
    party.step(new Event.ComputeFailed(Batches.digest("another cut")));
    assertThat(party.effects).isEmpty();
  }

  @Test
  void aCommitThatWasNotAskedForIsABug() {
    var party = prepared(1);
    assertThatThrownBy(() -> party.step(new Event.Committed(0)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void differentOutcomesAreNamedAndAbandoned() {
    var party = prepared(1);
    CutRecord cut = proposal(0, A0).getCut();
    party.from(0, vote(0, cut, VoteKind.PREPARED, Batches.digest("other")));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_604);
    party.from(2, vote(2, cut, VoteKind.PREPARED));
    assertThat(party.all(Effect.Commit.class)).isEmpty();
    party.from(0, proposal(1, A0));
    assertThat(party.broadcast(Agreement.class)).as("another attempt may follow").hasSize(1);
  }

  @Test
  void aVoteThatContradictsAnEarlierOneIsNamedAndDoesNotCount() {
    var party = prepared(1);
    CutRecord cut = proposal(0, A0).getCut();
    party.from(0, vote(0, cut, VoteKind.PREPARED)).from(0, vote(0, cut, VoteKind.ABANDONED));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_603);
    party.from(2, vote(2, cut, VoteKind.PREPARED));
    party.only(Effect.Commit.class);
  }

  // Ends of attempts.

  @Test
  void aFailedComputationIsAbandonedDurablyAndRepeatedLater() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    CutRecord cut = leader.broadcast(Proposal.class).getFirst().getCut();
    leader.from(1, agreement(cut)).from(2, agreement(cut));
    leader.step(new Event.ComputeFailed(cut.getCut()));
    assertThat(leader.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
    Effect.PersistVote wanted = leader.only(Effect.PersistVote.class);
    leader.tickAfter(1_000);
    assertThat(leader.broadcast(Proposal.class)).as("not before it is durable").isEmpty();
    leader.step(
        new Event.VotePersisted(
            Batches.vote(leader.settings, 0, 0, wanted.kind(), wanted.cut(), wanted.outcome())));
    leader.tickAfter(Batches.BACKOFF_MILLIS - 1);
    assertThat(leader.broadcast(Proposal.class)).as("not before the backoff").isEmpty();
    leader.tickAfter(1);
    CutRecord second = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(second.getAttempt()).isEqualTo(1);
    assertThat(second.getCut()).as("other masks for another attempt").isNotEqualTo(cut.getCut());
  }

  @Test
  void aLostSessionEndsWhatIsNotPrepared() {
    var party = computing(1);
    party.step(new Event.SessionDown());
    party.only(Effect.CancelCompute.class);
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
  }

  @Test
  void aLostSessionDoesNotEndWhatIsPrepared() {
    var party = prepared(1);
    party.step(new Event.SessionDown());
    assertThat(party.effects).isEmpty();
    party.sessionUp();
    assertThat(party.broadcast(Standing.class).getFirst().getVotes()).hasSize(1);
    CutRecord cut = proposal(0, A0).getCut();
    party.from(0, new Standing(0, 1L, List.of(vote(0, cut, VoteKind.PREPARED))));
    party.from(2, new Standing(0, 0L, List.of(vote(2, cut, VoteKind.PREPARED))));
    party.only(Effect.Commit.class);
  }

  @Test
  void aPeersAbandonedVoteEndsTheAttempt() {
    var party = computing(1);
    party.from(2, vote(2, proposal(0, A0).getCut(), VoteKind.ABANDONED));
    party.only(Effect.CancelCompute.class);
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
  }

  @Test
  void anAttemptThatThisPartyLostIsAbandonedOnce() {
    var party = new MachineHarness(1);
    party.sessionUp();
    CutRecord cut = proposal(0, A0).getCut();
    party.from(0, vote(0, cut, VoteKind.PREPARED));
    Effect.PersistVote wanted = party.only(Effect.PersistVote.class);
    assertThat(wanted.kind()).isEqualTo(VoteKind.ABANDONED);
    party.from(2, vote(2, cut, VoteKind.PREPARED));
    assertThat(party.effects).as("the write is under way").isEmpty();
  }

  @Test
  void aStallIsGivenUp() {
    var party = MachineHarness.ready(1, A0);
    party.from(0, proposal(0, A0)).tickAfter(Batches.STALL_MILLIS);
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.tickAfter(1);
    party.only(Effect.PersistVote.class);
  }

  @Test
  void theNextProposalMayComeBeforeTheOwnVoteIsDurable() {
    var party = computing(1);
    party.from(0, vote(0, proposal(0, A0).getCut(), VoteKind.ABANDONED));
    Effect.PersistVote wanted = party.only(Effect.PersistVote.class);
    party.from(0, proposal(1, A0));
    assertThat(party.effects).as("it waits").isEmpty();
    party.step(
        new Event.VotePersisted(
            Batches.vote(party.settings, 0, 0, wanted.kind(), wanted.cut(), wanted.outcome())));
    assertThat(party.broadcast(Agreement.class).getFirst().getAttempt()).isEqualTo(1);
  }

  @Test
  void attemptsOfOneSessionAreBounded() {
    var party = MachineHarness.ready(1, A0);
    for (int attempt = 0; attempt < Retries.COMPUTED_MAX; attempt++) {
      assertThat(party.machine.waitingFor()).doesNotContain("too many");
      CutRecord cut = proposal(attempt, A0).getCut();
      party.from(0, proposal(attempt, A0)).from(2, agreement(cut));
      party.step(new Event.ComputeFailed(cut.getCut())).persisted();
    }
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_610);
    assertThat(party.machine.waitingFor()).contains("too many");
    party.from(0, proposal(Retries.COMPUTED_MAX, A0));
    assertThat(party.objection().getReason()).isEqualTo("failures");
    party.announced(0, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    party.tickAfter(Batches.STALL_MILLIS + 1);
    assertThat(party.all(Effect.Alarm.class)).as("the leader waits, too").isEmpty();
    party.step(new Event.SessionDown()).sessionUp();
    party.from(0, proposal(Retries.COMPUTED_MAX + 1, A0));
    assertThat(party.broadcast(Agreement.class)).as("a new session has new keys").hasSize(1);
  }

  @Test
  void anObjectionEndsTheLeadersAttempt() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    leader.from(2, new Objection(0, 0L, 0, "headers", List.of()));
    assertThat(leader.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
  }

  // Recovery.

  @Test
  void aPreparedBatchIsFinishedAfterARestart() {
    CutRecord cut = proposal(0, A0).getCut();
    var party = new MachineHarness(1);
    party.step(
        new Event.Recovered(
            List.of(vote(1, cut, VoteKind.PREPARED)), List.of(new PreparedCut(0, cut))));
    party.sessionUp();
    assertThat(party.broadcast(Standing.class).getFirst().getVotes()).hasSize(1);
    party.from(0, new Standing(0, 0L, List.of(vote(0, cut, VoteKind.PREPARED))));
    party.from(2, new Standing(0, 0L, List.of(vote(2, cut, VoteKind.PREPARED))));
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut);
  }

  @Test
  void votesOnTheLastBatchAreStillToldAfterwards() {
    var party = MachineHarness.ready(1, A0);
    CutRecord cut = party.runBatch(proposal(0, A0));
    party.step(new Event.SessionDown()).sessionUp();
    Standing standing = party.broadcast(Standing.class).getFirst();
    assertThat(standing.getNextBatch()).isEqualTo(1);
    assertThat(standing.getVotes())
        .as("a peer that has not committed yet needs it")
        .extracting(Vote::getCut)
        .containsExactly(cut.getCut());
  }

  @Test
  void anAbandonedAttemptIsNotTakenUpAgainAfterARestart() {
    CutRecord cut = proposal(0, A0).getCut();
    var party = new MachineHarness(1);
    party.step(new Event.Recovered(List.of(vote(1, cut, VoteKind.ABANDONED)), List.of()));
    party.sessionUp();
    party.step(A0).from(0, proposal(0, A0));
    assertThat(party.objection().getReason()).isEqualTo("standing");
    assertThat(party.standingsSent().getFirst().getVotes()).hasSize(1);
  }

  /** A party that gave up attempt after attempt has more votes than a link's frame has room for. */
  @Test
  void manyVotesAreToldInSeveralMessages() {
    CutRecord cut = proposal(0, A0).getCut();
    for (int count :
        List.of(
            Agreeing.STANDING_VOTES_MAX, Agreeing.STANDING_VOTES_MAX + 1, Voting.ATTEMPTS_MAX)) {
      List<Vote> votes =
          IntStream.range(0, count)
              .mapToObj(
                  attempt ->
                      vote(
                          1,
                          CutRecord.newBuilder(cut).setAttempt(attempt).build(),
                          VoteKind.ABANDONED))
              .toList();
      var party = new MachineHarness(1);
      party.step(new Event.Recovered(votes, List.of())).sessionUp();
      List<Standing> told = party.broadcast(Standing.class);
      assertThat(told).hasSize(Math.ceilDiv(count, Agreeing.STANDING_VOTES_MAX));
      assertThat(told.stream().flatMap(part -> part.getVotes().stream()))
          .containsExactlyElementsOf(votes);
      assertThat(told)
          .allSatisfy(
              part ->
                  assertThat(RecordCodec.encode(new PeerMessage(part)).length)
                      .isLessThan(PeerLimits.CONTROL_BYTES_MAX / 4));
      var peer = new MachineHarness(2);
      peer.sessionUp();
      int known = 0;
      for (Standing part : told) {
        known += peer.from(1, part).all(Effect.PersistVote.class).size();
      }
      assertThat(known).as("attempts that the peer gives up too").isEqualTo(count);
    }
  }

  @Test
  void aPeerAtAnImpossibleBatchIsNamed() {
    var party = MachineHarness.ready(1);
    party.from(2, new Standing(0, Settings.BATCHES_IN_FLIGHT_MAX + 1L, List.of()));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_605);
    party = prepared(1);
    party.from(2, new Standing(0, (long) Settings.BATCHES_IN_FLIGHT_MAX, List.of()));
    assertThat(party.effects).isEmpty();
  }

  @Test
  void aVoteOfItsOwnThatIsGoneIsNoticed() {
    var party = MachineHarness.ready(1);
    party.from(2, new Standing(0, 1L, List.of()));
    Effect.Alarm alarm = party.only(Effect.Alarm.class);
    assertThat(alarm.code()).as("the peer has committed on it").isEqualTo(Code.CDT_605);
    assertThat(alarm.peer()).isEqualTo(1);
    assertThat(alarm.fact()).contains("batch 0", "agg-3");

    CutRecord cut = proposal(0, A0).getCut();
    var progress = Progress.initial();
    progress.apply(cut);
    var later = new MachineHarness(1, progress);
    later.step(new Event.Recovered(List.of(), List.of())).sessionUp();
    later.from(2, new Standing(0, 1L, List.of()));
    assertThat(later.all(Effect.Alarm.class)).as("nobody needs it any more").isEmpty();
    later.from(0, new Standing(0, 0L, List.of()));
    assertThat(later.only(Effect.Alarm.class).fact()).contains("batch 0", "agg-1");

    var whole = new MachineHarness(1, progress.copy());
    whole.step(new Event.Recovered(List.of(vote(1, cut, VoteKind.PREPARED)), List.of()));
    whole.sessionUp().from(0, new Standing(0, 0L, List.of()));
    assertThat(whole.all(Effect.Alarm.class)).isEmpty();
  }

  @Test
  void votesFarAheadAreNotAnswered() {
    var party = MachineHarness.ready(1);
    CutRecord bound = proposal(Voting.ATTEMPTS_AHEAD_MAX - 1, A0).getCut();
    CutRecord past = proposal(2 * Voting.ATTEMPTS_AHEAD_MAX, A0).getCut();
    party.from(0, vote(0, bound, VoteKind.ABANDONED));
    assertThat(party.all(Effect.PersistVote.class)).hasSize(1);
    party.from(2, vote(2, past, VoteKind.ABANDONED));
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_605);
  }

  @Test
  void anAnnouncementSaysWhatIsOffered() {
    var party = MachineHarness.ready(1, A0, A1, Batches.block("bank-b", 1, 1));
    party.tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getOffered()).isEqualTo(Map.of("bank-a", 2L, "bank-b", 0L));
    party.tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).as("only what is new").isEmpty();
  }

  /** A peer that reads its state takes no messages yet: few are sent to it. */
  @Test
  void whatIsNewIsAnnouncedOnceAllPeersHaveSpoken() {
    var party = MachineHarness.ready(1, A0).tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).hasSize(1);
    party.announced(0, 0, 0, 0).step(A1).tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).as("party 2 is silent").isEmpty();
    party.announced(2, 0, 0, 0).tickAfter(1);
    assertThat(party.broadcast(Announcement.class).getFirst().getOffered())
        .containsEntry("bank-a", 2L);
    party.step(new Event.SessionDown()).sessionUp().tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).as("in another session").hasSize(1);
    party.step(Batches.block("bank-a", 2, 1)).tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).isEmpty();
  }

  /** A party that has agreed with all others on a cut of bank a's first block. */
  private static MachineHarness computing(int me) {
    var party = MachineHarness.ready(me, A0);
    Proposal proposal = proposal(0, A0);
    party.from(0, proposal).from(3 - me, agreement(proposal.getCut()));
    return party;
  }

  private static MachineHarness prepared(int me) {
    var party = computing(me);
    Digest cut = proposal(0, A0).getCut().getCut();
    return party.step(new Event.Computed(cut, cut)).persisted();
  }
}
