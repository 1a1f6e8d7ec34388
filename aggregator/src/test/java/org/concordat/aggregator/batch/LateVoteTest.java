package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.proposal;
import static org.concordat.aggregator.batch.MachineHarness.vote;

import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** What a process finds in its log of a session that its peers know nothing of any more. */
class LateVoteTest {
  private static final Event.BlockHeld BLOCK = Batches.block("bank-a", 0, 100);
  private static final Digest OF_EARLIER_SESSION = Batches.digest("earlier session");
  private static final Digest OF_THIS_SESSION = Batches.digest("this session");

  @Test
  void itDoesNotStandBesideVotesOfAnotherSessionAndTheNextAttemptFollows() {
    CutRecord cut = proposal(0, BLOCK).getCut();
    var party = new MachineHarness(1);
    party.step(
        new Event.Recovered(
            List.of(vote(1, cut, VoteKind.PREPARED, OF_EARLIER_SESSION)),
            List.of(new PreparedCut(0, cut))));
    party.sessionUp().step(BLOCK);
    party.from(0, new Standing(0, 0L, List.of(vote(0, cut, VoteKind.PREPARED, OF_THIS_SESSION))));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_604);
    party.from(2, new Standing(0, 0L, List.of(vote(2, cut, VoteKind.PREPARED, OF_THIS_SESSION))));
    assertThat(party.effects).as("neither a commit nor another alarm").isEmpty();
    party.from(0, proposal(1, BLOCK));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }
}
