package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.proposal;

import java.util.List;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** A peer that votes on ever more attempts fills neither memory nor this party's log. */
class AttemptsBoundTest {
  private static final int PEER = 2;
  private static final Settings PEERS = Batches.settings(PEER, MachineHarness.BANKS);
  private static final Event.BlockHeld BLOCK = Batches.block("bank-a", 0, 100);

  private final MachineHarness party = MachineHarness.ready(1, BLOCK);

  private static Vote abandoned(Settings voter, long batch, int attempt) {
    return Batches.vote(
        voter, batch, attempt, VoteKind.ABANDONED, voter.charter(), voter.ruleSet());
  }

  private static Vote prepared(int attempt) {
    return Batches.vote(PEERS, 0, attempt, VoteKind.PREPARED, PEERS.charter(), PEERS.ruleSet());
  }

  /** As many attempts of the first batch as may be known. */
  private static void fill(MachineHarness party) {
    for (int attempt = 0; attempt < Voting.ATTEMPTS_MAX; attempt++) {
      party.from(PEER, abandoned(PEERS, 0, attempt)).persisted();
    }
  }

  private void assertLeftOut(long batch, int attempt) {
    party.from(PEER, abandoned(PEERS, batch, attempt));
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
  }

  @Test
  void votesOnMoreAttemptsAreLeftOut() {
    int last = Voting.ATTEMPTS_MAX - 2;
    for (int attempt = 0; attempt <= last; attempt++) {
      party.from(PEER, abandoned(PEERS, 0, attempt)).persisted();
    }
    // One of another batch is the last that has room.
    party.from(PEER, abandoned(PEERS, 1, 0)).persisted();
    assertLeftOut(0, last + 1);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_605);
    assertLeftOut(1, 1);
    assertThat(party.effects).as("named once in a session").isEmpty();

    party.from(0, abandoned(Batches.settings(0, MachineHarness.BANKS), 0, last));
    assertThat(party.effects).as("of an attempt that is known, any party's vote").isEmpty();

    // The party's own attempts go on, and the votes on them are heard.
    party.from(0, proposal(last + 1, BLOCK));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
    party.from(PEER, abandoned(PEERS, 0, last + 1));
    assertThat(party.only(Effect.PersistVote.class).attempt()).isEqualTo(last + 1);
  }

  /** A peer that has prepared an attempt goes on only once this party has voted on it. */
  @Test
  void onePreparedVoteOfEachPeerAndSessionIsAnswered() {
    fill(party);
    party.from(PEER, prepared(Voting.ATTEMPTS_MAX + 1));
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
    party.persisted();
    party.from(PEER, prepared(Voting.ATTEMPTS_MAX + 2));
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.from(PEER, abandoned(PEERS, 0, Voting.ATTEMPTS_MAX + 2));
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.step(new Event.SessionDown()).sessionUp();
    party.from(PEER, prepared(Voting.ATTEMPTS_MAX + 2));
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
    party.persisted();
    assertLeftOut(0, Voting.ATTEMPTS_MAX + 3);
    assertThat(party.only(Effect.Alarm.class).code()).as("anew").isEqualTo(Code.CDT_605);
  }

  /** A peer follows only to an attempt behind all that it knows of, though others don't. */
  @Test
  void aLeaderGoesOnBehindWhatItHasLeftOut() {
    int last = Voting.ATTEMPTS_MAX - 1;
    int most = last + Voting.ATTEMPTS_AHEAD_MAX;
    for (int leftOut : List.of(last, last + 5, most - 1, most, Integer.MAX_VALUE)) {
      var leader = MachineHarness.ready(0, BLOCK);
      fill(leader);
      leader.from(PEER, abandoned(PEERS, 0, leftOut));
      leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
      assertThat(leader.broadcast(Proposal.class).getFirst().getCut().getAttempt())
          .isEqualTo(leftOut < most ? leftOut + 1 : most);
    }
  }

  /** Where a party couldn't agree for long, a leader is far ahead of what had room here. */
  @Test
  void aFollowerGoesOnBehindWhatItHasLeftOut() {
    fill(party);
    Settings leader = Batches.settings(0, MachineHarness.BANKS);
    int attempt = Voting.ATTEMPTS_MAX;
    int ahead = attempt + Voting.ATTEMPTS_AHEAD_MAX + 6;
    for (; attempt < ahead; attempt++) {
      party.from(0, abandoned(leader, 0, attempt));
    }
    party.from(0, proposal(ahead, BLOCK));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void votesOnAllAttemptsFitWhatAPeerHasRoomFor() {
    Vote vote = abandoned(PEERS, Long.MAX_VALUE, Integer.MAX_VALUE);
    long headBytes = 1_024;
    long bytes = RecordCodec.encode(new PeerMessage(vote)).length + headBytes;
    // Four such messages have room on each link.
    assertThat(Voting.ATTEMPTS_MAX * bytes).isLessThan(PeerLimits.CONTROL_BYTES_MAX);
  }

  @Test
  void ofACommittedBatchPeersAreToldWhatWasPrepared() {
    int attempts = 10;
    for (int attempt = 0; attempt < attempts; attempt++) {
      party.from(PEER, abandoned(PEERS, 0, attempt)).persisted();
    }
    party.runBatch(proposal(attempts, BLOCK));
    party.step(new Event.SessionDown()).sessionUp();
    List<Vote> told = party.broadcast(Standing.class).getFirst().getVotes();
    assertThat(told).extracting(Vote::getAttempt).containsExactly(attempts);
    assertThat(told).extracting(Vote::getKind).containsExactly(VoteKind.PREPARED);
  }
}
