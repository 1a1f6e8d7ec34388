package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.concordat.aggregator.batch.MachineHarness.agreement;
import static org.concordat.aggregator.batch.MachineHarness.proposal;
import static org.concordat.aggregator.batch.MachineHarness.vote;

import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** What the machine does with several batches at once. */
class BatchesInFlightTest {
  private static final Event.BlockHeld[] BLOCKS = blocks(6);

  /** One batch after another of one block each, all at their first attempt. */
  private static final List<Proposal> CHAIN = chain();

  private static Event.BlockHeld[] blocks(int number) {
    var blocks = new Event.BlockHeld[number];
    for (int s = 0; s < number; s++) {
      blocks[s] = Batches.block("bank-a", s, 100);
    }
    return blocks;
  }

  private static List<Proposal> chain() {
    Progress at = Progress.initial();
    List<Proposal> chain = new ArrayList<>();
    for (Event.BlockHeld block : BLOCKS) {
      chain.add(proposal(at, 0, block));
      at.apply(chain.getLast().getCut());
    }
    return chain;
  }

  private static CutRecord cut(int batch) {
    return CHAIN.get(batch).getCut();
  }

  /** A follower that computes so many batches. */
  private static MachineHarness computing(int batches) {
    var party = MachineHarness.ready(1, BLOCKS);
    for (int k = 0; k < batches; k++) {
      party.from(0, CHAIN.get(k)).from(2, agreement(cut(k)));
      assertThat(party.only(Effect.Compute.class).cut()).isEqualTo(cut(k));
    }
    return party;
  }

  private static MachineHarness computed(MachineHarness party, int batch) {
    return party.step(new Event.Computed(cut(batch).getCut(), cut(batch).getCut()));
  }

  private static void votesOfPeers(MachineHarness party, int batch) {
    party.from(0, vote(0, cut(batch), VoteKind.PREPARED));
    party.from(2, vote(2, cut(batch), VoteKind.PREPARED));
  }

  @Test
  void theLeaderCutsTheNextBatchOnceTheLastIsAgreed() {
    var leader = MachineHarness.ready(0, BLOCKS[0]);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    CutRecord first = leader.broadcast(Proposal.class).getFirst().getCut();
    leader.step(BLOCKS[1]);
    leader.announced(1, 0, 2, 0).announced(2, 0, 2, 0).tickAfter(50);
    assertThat(leader.broadcast(Proposal.class)).as("the first isn't agreed").isEmpty();
    leader.from(1, agreement(first)).from(2, agreement(first)).tickAfter(1);
    CutRecord second = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(second.getBatch()).isEqualTo(1);
    assertThat(second.getPreviousCut()).isEqualTo(first.getCut());
    assertThat(second.getEntries().getFirst().getFirstSequence()).isEqualTo(1);
  }

  /** Peers may have committed a later attempt, by a vote that this process doesn't know of. */
  @Test
  void theLeaderCutsNothingBehindAnAttemptThatPeersAreBeyond() {
    var leader = MachineHarness.ready(0, BLOCKS[0]);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    CutRecord first = leader.broadcast(Proposal.class).getFirst().getCut();
    leader.from(1, agreement(first)).from(2, agreement(first)).step(BLOCKS[1]);
    leader.announced(1, 1, 2, 0).announced(2, 1, 2, 0);
    leader.from(1, vote(1, proposal(1, BLOCKS[0]).getCut(), VoteKind.PREPARED)).tickAfter(50);
    assertThat(leader.broadcast(Proposal.class)).isEmpty();
  }

  /** Its party's vote on that one has come too late for it to read, and peers have committed. */
  @Test
  void aLeaderThatLacksItsOwnVoteWaitsUntilItIsFound() {
    CutRecord later = proposal(1, BLOCKS[0]).getCut();
    var leader = new MachineHarness(0);
    leader.step(
        new Event.Recovered(
            List.of(vote(0, cut(0), VoteKind.PREPARED)), List.of(new PreparedCut(0, cut(0)))));
    leader.sessionUp().step(BLOCKS[0]).step(BLOCKS[1]);
    leader.from(1, new Standing(0, 1L, List.of(vote(1, later, VoteKind.PREPARED))));
    assertThat(leader.all(Effect.Alarm.class)).isEmpty();
    Effect.PersistVote wanted = leader.only(Effect.PersistVote.class);
    assertThat(wanted.attempt()).as("this write shows what is before it").isEqualTo(1);
    assertThat(wanted.kind()).isEqualTo(VoteKind.ABANDONED);
    leader.from(2, new Standing(0, 1L, List.of(vote(2, later, VoteKind.PREPARED))));
    leader.announced(1, 1, 2, 0).announced(2, 1, 2, 0).tickAfter(50);
    assertThat(leader.broadcast(Proposal.class)).isEmpty();
    leader.step(new Event.VotePersisted(vote(0, later, VoteKind.ABANDONED)));
    assertThat(leader.all(Effect.Alarm.class))
        .as("were it the first on its attempt, the one by which they have committed is gone")
        .extracting(Effect.Alarm::code, Effect.Alarm::peer)
        .containsExactly(tuple(Code.CDT_605, 0), tuple(Code.CDT_605, 0));
  }

  /** As above, where that write was the first on its attempt, and the party begins again. */
  @Test
  void aVoteThatIsGoneIsToldAgainAfterARestart() {
    CutRecord later = proposal(1, BLOCKS[0]).getCut();
    var leader = new MachineHarness(0);
    leader.step(
        new Event.Recovered(
            List.of(vote(0, cut(0), VoteKind.PREPARED), vote(0, later, VoteKind.ABANDONED)),
            List.of(new PreparedCut(0, cut(0)))));
    leader.sessionUp();
    leader.from(1, new Standing(0, 1L, List.of(vote(1, later, VoteKind.PREPARED))));
    Effect.Alarm alarm = leader.only(Effect.Alarm.class);
    assertThat(alarm.code()).isEqualTo(Code.CDT_605);
    assertThat(alarm.peer()).isZero();
    assertThat(alarm.fact()).contains("batch 0", "agg-2 has committed");
  }

  @Test
  void aFollowerAgreesToNothingBehindAnAttemptThatAPeerIsBeyond() {
    var party = computing(1);
    party.from(2, vote(2, proposal(1, BLOCKS[0]).getCut(), VoteKind.PREPARED));
    party.from(0, CHAIN.get(1));
    assertThat(party.objection().getReason()).isEqualTo("standing");
  }

  /** Nothing can end it any more, whatever somebody says of a later one. */
  @Test
  void anAttemptThatStandsIsBuiltOn() {
    var party = computed(computing(1), 0).persisted();
    votesOfPeers(party, 0);
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut(0));
    party.from(2, vote(2, proposal(1, BLOCKS[0]).getCut(), VoteKind.PREPARED));
    party.from(0, CHAIN.get(1));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void theLeaderHasNoMoreInFlightThanItMay() {
    var leader = MachineHarness.ready(0);
    for (int k = 0; k <= Batches.IN_FLIGHT; k++) {
      leader.step(BLOCKS[k]);
      leader.announced(1, 0, k + 1, 0).announced(2, 0, k + 1, 0).tickAfter(50);
      List<Proposal> proposals = leader.broadcast(Proposal.class);
      if (k == Batches.IN_FLIGHT) {
        assertThat(proposals).isEmpty();
      } else {
        CutRecord cut = proposals.getFirst().getCut();
        leader.from(1, agreement(cut)).from(2, agreement(cut));
      }
    }
    assertThat(leader.machine.inFlight()).isEqualTo(Batches.IN_FLIGHT);
  }

  @Test
  void aFollowerTakesUpNoMoreThanItMay() {
    var party = computing(Batches.IN_FLIGHT);
    party.from(0, CHAIN.get(Batches.IN_FLIGHT));
    assertThat(party.effects).as("it waits").isEmpty();
    computed(party, 0).persisted();
    votesOfPeers(party, 0);
    party.step(new Event.Committed(0));
    assertThat(party.broadcast(Agreement.class).getFirst().getBatch()).isEqualTo(Batches.IN_FLIGHT);
  }

  @Test
  void aBatchIsPreparedOnlyOnceAllHavePreparedTheOneBefore() {
    var party = computed(computing(2), 1);
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    computed(party, 0);
    assertThat(party.only(Effect.PersistVote.class).batch()).isZero();
    party.persisted();
    votesOfPeers(party, 0);
    assertThat(party.only(Effect.PersistVote.class).batch()).isEqualTo(1);
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut(0));
  }

  @Test
  void batchesAreCommittedInOrder() {
    var party = computed(computed(computing(2), 0).persisted(), 1);
    votesOfPeers(party, 0);
    party.persisted();
    votesOfPeers(party, 1);
    assertThat(party.all(Effect.Commit.class)).as("the first is being committed").isEmpty();
    party.step(new Event.Committed(0));
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut(1));
  }

  @Test
  void anAbandonedBatchAbandonsThoseBehindIt() {
    var party = computed(computing(3), 2);
    party.from(0, CHAIN.get(3));
    party.step(new Event.ComputeFailed(cut(0).getCut()));
    assertThat(party.all(Effect.PersistVote.class))
        .as("computing, computed and agreeing")
        .extracting(Effect.PersistVote::batch, Effect.PersistVote::kind)
        .containsExactly(
            tuple(0L, VoteKind.ABANDONED),
            tuple(1L, VoteKind.ABANDONED),
            tuple(2L, VoteKind.ABANDONED),
            tuple(3L, VoteKind.ABANDONED));
    assertThat(party.all(Effect.CancelCompute.class))
        .as("what has failed, and what still runs on it")
        .extracting(Effect.CancelCompute::cut)
        .containsExactly(cut(0).getCut(), cut(1).getCut());
  }

  @Test
  void anAbandonedBatchInTheMiddleLeavesThoseBeforeIt() {
    var party = computing(3);
    party.from(2, vote(2, cut(1), VoteKind.ABANDONED));
    assertThat(party.all(Effect.PersistVote.class))
        .extracting(Effect.PersistVote::batch)
        .containsExactly(1L, 2L);
    computed(party, 0);
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.PREPARED);
  }

  @Test
  void aProposalOnAnAbandonedAttemptIsNotTakenUp() {
    var party = computing(1);
    party.step(new Event.ComputeFailed(cut(0).getCut()));
    Effect.PersistVote wanted = party.only(Effect.PersistVote.class);
    party.from(0, CHAIN.get(1));
    assertThat(party.effects).as("it waits").isEmpty();
    party.step(
        new Event.VotePersisted(
            Batches.vote(party.settings, 0, 0, wanted.kind(), wanted.cut(), wanted.outcome())));
    assertThat(party.objection().getBatch()).isEqualTo(1);
    party.from(0, proposal(1, BLOCKS[0]));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
    party.from(0, CHAIN.get(1));
    assertThat(party.objection().getReason()).isEqualTo("previous cut");
    assertThat(party.all(Effect.Alarm.class)).as("it may not have heard yet").isEmpty();
  }

  @Test
  void agreementsOutOfOrderStartBatchesInOrder() {
    var party = MachineHarness.ready(1, BLOCKS).from(0, CHAIN.get(0)).from(0, CHAIN.get(1));
    party.from(2, agreement(cut(1)));
    assertThat(party.all(Effect.Compute.class)).as("the one before isn't agreed").isEmpty();
    party.from(2, agreement(cut(0)));
    assertThat(party.all(Effect.Compute.class))
        .extracting(Effect.Compute::cut)
        .containsExactly(cut(0), cut(1));
  }

  @Test
  void aVoteThatNamesTheCutOfAnotherAttemptEndsNothing() {
    var party = computed(computing(1), 0);
    Vote lie =
        Batches.vote(
            Batches.settings(2, MachineHarness.BANKS),
            0,
            1,
            VoteKind.ABANDONED,
            cut(0).getCut(),
            cut(0).getCut());
    party.from(2, lie);
    assertThat(party.only(Effect.PersistVote.class).attempt()).isEqualTo(1);
    assertThat(party.all(Effect.Forget.class)).isEmpty();
  }

  @Test
  void whatIsAbandonedIsForgottenAndNoMore() {
    var party = computing(2);
    party.step(new Event.ComputeFailed(cut(1).getCut()));
    assertThat(party.only(Effect.Forget.class).cut()).isEqualTo(cut(1).getCut());
  }

  @Test
  void aLostSessionEndsAllThatIsNotPrepared() {
    var party = computed(computing(3), 0).persisted();
    party.step(new Event.SessionDown());
    assertThat(party.all(Effect.PersistVote.class))
        .extracting(Effect.PersistVote::batch)
        .containsExactly(1L, 2L);
  }

  @Test
  void severalPreparedBatchesAreFinishedAfterARestart() {
    var party = new MachineHarness(1);
    party.step(
        new Event.Recovered(
            List.of(vote(1, cut(0), VoteKind.PREPARED), vote(1, cut(1), VoteKind.PREPARED)),
            List.of(new PreparedCut(0, cut(0)), new PreparedCut(0, cut(1)))));
    party.sessionUp();
    assertThat(party.broadcast(Standing.class).getFirst().getVotes()).hasSize(2);
    // The peers have gone on, and committed both.
    for (int peer : new int[] {0, 2}) {
      List<Vote> votes =
          List.of(vote(peer, cut(0), VoteKind.PREPARED), vote(peer, cut(1), VoteKind.PREPARED));
      party.from(peer, new Standing(0, 2L, votes));
    }
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut(0));
    party.step(new Event.Committed(0));
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut(1));
  }

  @Test
  void votesAreToldAsLongAsAPeerMayNeedThem() {
    var party = computing(2);
    for (int k = 0; k < 2; k++) {
      computed(party, k).persisted();
      votesOfPeers(party, k);
      party.step(new Event.Committed(k));
    }
    party.step(new Event.SessionDown()).sessionUp();
    assertThat(party.broadcast(Standing.class).getFirst().getVotes())
        .extracting(Vote::getBatch)
        .containsExactly(0L, 1L);
  }

  @Test
  void aBatchThatWaitsForTheOneBeforeDoesNotStall() {
    var party = computed(computing(2), 1);
    party.tickAfter(Batches.STALL_MILLIS);
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.tickAfter(1);
    assertThat(party.all(Effect.PersistVote.class)).hasSize(2);
  }
}
