package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.agreement;
import static org.concordat.aggregator.batch.MachineHarness.changed;
import static org.concordat.aggregator.batch.MachineHarness.proposal;
import static org.concordat.aggregator.batch.MachineHarness.vote;

import java.util.List;
import java.util.Map;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;

/** Rule sets that follow each other while batches are cut. */
class RuleSetChangeTest {
  private static final Event.BlockHeld A0 = Batches.block("bank-a", 0, 100);
  private static final Event.BlockHeld A1 = Batches.block("bank-a", 1, 100);
  private static final RuleSetId SECOND = new RuleSetId(Batches.digest("rules2"), 2);
  private static final RuleSetId THIRD = new RuleSetId(Batches.digest("rules3"), 3);
  private static final Digest NOTHING = new Digest(new byte[32]);

  private static Event.RuleSetsReady ready(RuleSetId... later) {
    return new Event.RuleSetsReady(List.of(later));
  }

  /** A peer that offers both blocks and is ready for some later rule sets. */
  private static Announcement announcement(long batch, RuleSetId... later) {
    var harness = new MachineHarness(1, new Progress(batch, NOTHING, Map.of(), RuleSetId.NONE));
    harness.sessionUp().step(A0).step(A1).step(ready(later)).tickAfter(1);
    return harness.broadcast(Announcement.class).getFirst();
  }

  private static MachineHarness leader(RuleSetId inForce) {
    var leader = new MachineHarness(0, new Progress(0, NOTHING, Map.of(), inForce));
    return leader.sessionUp().step(A0);
  }

  private static Proposal by(RuleSetId ruleSet, Proposal proposal) {
    return changed(
        proposal, cut -> cut.setRuleSet(ruleSet.hash()).setRuleSetVersion(ruleSet.version()));
  }

  private static List<CutRecord> proposed(MachineHarness leader) {
    return leader.broadcast(Proposal.class).stream().map(Proposal::getCut).toList();
  }

  @Test
  void theLeaderChangesOverWhenAllAreReady() {
    var leader = leader(RuleSetId.NONE);
    leader.step(ready(SECOND, THIRD));
    leader.from(1, announcement(0, SECOND)).from(2, announcement(0, SECOND, THIRD)).tickAfter(1);
    CutRecord cut = proposed(leader).getFirst();
    assertThat(cut.getRuleSet()).isEqualTo(SECOND.hash());
    assertThat(cut.getRuleSetVersion()).isEqualTo(2);
  }

  @Test
  void aPartyThatIsNotReadyHoldsUpTheChangeAlone() {
    var leader = leader(RuleSetId.NONE);
    leader.step(ready(SECOND));
    leader.from(1, announcement(0, SECOND)).from(2, announcement(0)).tickAfter(1);
    CutRecord first = proposed(leader).getFirst();
    assertThat(first.getRuleSet()).isEqualTo(leader.settings.ruleSet());
    leader.step(A1).from(1, agreement(first)).from(2, agreement(first));
    leader.from(2, announcement(0, SECOND)).tickAfter(50);
    CutRecord second = proposed(leader).getFirst();
    assertThat(second.getPreviousCut()).isEqualTo(first.getCut());
    assertThat(second.getRuleSet()).as("at the next cut").isEqualTo(SECOND.hash());
  }

  @Test
  void readinessOfAnotherContentUnderTheSameVersionIsNone() {
    var leader = leader(RuleSetId.NONE);
    leader.step(ready(SECOND));
    var other = new RuleSetId(Batches.digest("other"), 2);
    leader.from(1, announcement(0, SECOND)).from(2, announcement(0, other)).tickAfter(1);
    assertThat(proposed(leader).getFirst().getRuleSetVersion()).isEqualTo(1);
  }

  @Test
  void whatAPartyIsNotReadyForIsRefused() {
    var party = MachineHarness.ready(1, A0);
    party.from(0, by(SECOND, proposal(0, A0)));
    assertThat(party.objection().getReason()).isEqualTo("rule set");
    assertThat(party.broadcast(Agreement.class)).isEmpty();
    var readyParty = MachineHarness.ready(1, A0);
    readyParty.step(ready(SECOND)).from(0, by(SECOND, proposal(0, A0)));
    assertThat(readyParty.broadcast(Agreement.class)).hasSize(1);
    assertThat(
            readyParty
                .from(2, agreement(by(SECOND, proposal(0, A0)).getCut()))
                .only(Effect.Compute.class)
                .cut()
                .getRuleSet())
        .isEqualTo(SECOND.hash());
  }

  @Test
  void noCutGoesBackBehindTheOneBeforeNotEvenInFlight() {
    var party = MachineHarness.ready(1, A0, A1);
    party.step(ready(SECOND));
    Proposal first = by(SECOND, proposal(0, A0));
    party.from(0, first).from(2, agreement(first.getCut()));
    party.only(Effect.Compute.class);
    Progress after = Progress.initial();
    after.apply(proposal(0, A0).getCut());
    Proposal second =
        changed(proposal(after, 0, A1), cut -> cut.setPreviousCut(first.getCut().getCut()));
    party.from(0, second);
    assertThat(party.objection().getReason()).isEqualTo("earlier rule set");
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    party.from(0, by(SECOND, second));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void anAttemptThatWasGivenUpBindsNobody() {
    var party = MachineHarness.ready(1, A0);
    CutRecord lost = by(SECOND, proposal(0, A0)).getCut();
    party.step(ready(SECOND)).from(0, by(SECOND, proposal(0, A0)));
    party.step(new Event.SessionDown()).persisted();
    party.sessionUp().from(0, vote(0, lost, VoteKind.ABANDONED, NOTHING));
    party.tickAfter(50).from(0, proposal(1, A0));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void aLeaderBackAfterTheChangeDoesNotGoBackForOneThatLacksIt() {
    var leader = leader(SECOND);
    leader.step(ready(SECOND)).step(new Event.Recovered(List.of(), List.of()));
    assertThat(leader.all(Effect.Alarm.class)).isEmpty();
    leader.from(1, announcement(0, SECOND)).from(2, announcement(0)).tickAfter(1);
    assertThat(proposed(leader)).isEmpty();
    assertThat(leader.machine.waiting().peers()).containsExactly(2);
    assertThat(leader.machine.waitingFor()).contains("version 2").endsWith("agg-3");
    leader.from(2, announcement(0, SECOND)).tickAfter(1);
    assertThat(proposed(leader).getFirst().getRuleSet()).isEqualTo(SECOND.hash());
  }

  @Test
  void aPartyBackWithTheFirstRuleSetAloneSaysSoAndScoresNothing() {
    var party = new MachineHarness(1, new Progress(0, NOTHING, Map.of(), SECOND));
    party.step(new Event.Recovered(List.of(), List.of()));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_614);
    party.sessionUp().step(A0);
    party.from(0, announcement(0, SECOND)).from(2, announcement(0, SECOND));
    assertThat(party.machine.waitingFor()).contains("this aggregator has none");
    party.from(0, proposal(0, A0));
    assertThat(party.objection().getReason()).isEqualTo("earlier rule set");
    party.from(0, by(SECOND, proposal(0, A0)));
    assertThat(party.objection().getReason()).isEqualTo("rule set");
    party.step(ready(SECOND)).tickAfter(1);
    assertThat(party.broadcast(Announcement.class).getFirst().getOffered())
        .as("peers are told")
        .containsValue(2L);
  }

  @Test
  void whatWasPreparedBeforeACrashIsCommittedWithoutItsRuleSet() {
    CutRecord cut = by(SECOND, proposal(0, A0)).getCut();
    var party = new MachineHarness(1);
    Vote own = vote(1, cut, VoteKind.PREPARED);
    party.step(new Event.Recovered(List.of(own), List.of(new PreparedCut(0, cut))));
    party.sessionUp().from(0, vote(0, cut, VoteKind.PREPARED));
    party.from(2, vote(2, cut, VoteKind.PREPARED));
    assertThat(party.only(Effect.Commit.class).cut()).isEqualTo(cut);
    party.step(new Event.Committed(0));
    Effect.Alarm alarm = party.only(Effect.Alarm.class);
    assertThat(alarm.code()).as("now it lacks what scores").isEqualTo(Code.CDT_614);
    assertThat(alarm.fact()).isEqualTo(SECOND.toString());
    party.step(A1);
    assertThat(party.all(Effect.Alarm.class)).as("said once").isEmpty();
    Progress after = Progress.initial();
    after.apply(proposal(0, A0).getCut());
    Proposal next = changed(proposal(after, 0, A1), c -> c.setPreviousCut(cut.getCut()));
    party.from(0, next);
    assertThat(party.objection().getReason()).isEqualTo("earlier rule set");
  }

  @Test
  void aPartyThatAloneHasALaterOneIsToldThatItLacksTheOneInForce() {
    var party = new MachineHarness(1, new Progress(0, NOTHING, Map.of(), SECOND));
    party.step(ready(THIRD)).step(new Event.Recovered(List.of(), List.of()));
    assertThat(party.all(Effect.Alarm.class)).as("the others may have it too").isEmpty();
    party.sessionUp().from(0, announcement(0, SECOND));
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
    party.from(2, announcement(0, SECOND));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_614);
    party.from(2, announcement(0, SECOND));
    assertThat(party.all(Effect.Alarm.class)).as("said once").isEmpty();
    var other = new MachineHarness(2, new Progress(0, NOTHING, Map.of(), SECOND));
    other.step(ready(SECOND)).sessionUp();
    other.from(0, announcement(0, SECOND)).from(1, announcement(0, THIRD));
    assertThat(other.all(Effect.Alarm.class)).as("it is not this one's fault").isEmpty();
  }

  @Test
  void anotherContentOfTheVersionInForceScoresNothing() {
    var inForce = new RuleSetId(Batches.digest("other"), 1);
    var party = new MachineHarness(1, new Progress(0, NOTHING, Map.of(), inForce));
    var own = new RuleSetId(party.settings.ruleSet(), 1);
    party.step(new Event.Recovered(List.of(), List.of()));
    List<Effect.Alarm> alarms = party.all(Effect.Alarm.class);
    assertThat(alarms).extracting(Effect.Alarm::code).containsExactly(Code.CDT_614, Code.CDT_252);
    assertThat(alarms.getLast().fact()).contains(inForce.toString(), own.toString());
    party.sessionUp().step(A0).from(0, proposal(0, A0));
    assertThat(party.objection().getReason()).isEqualTo("earlier rule set");
  }

  @Test
  void aPeersOtherContentOfAVersionIsNamedOnce() {
    var other = new RuleSetId(Batches.digest("other"), 2);
    var party = new MachineHarness(1);
    party.step(ready(SECOND)).sessionUp().from(2, announcement(0, other));
    Effect.Alarm alarm = party.only(Effect.Alarm.class);
    assertThat(alarm.code()).isEqualTo(Code.CDT_252);
    assertThat(alarm.peer()).isEqualTo(2);
    assertThat(alarm.fact()).contains(SECOND.toString(), other.toString());
    var another = new RuleSetId(Batches.digest("another"), 2);
    party.from(2, announcement(0, other)).from(2, announcement(0, another));
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
  }

  @Test
  void whatCanBeNoRuleSetIsLeftOut() {
    Map<String, Long> offered =
        Map.of(
            "bank-a",
            1L,
            "#rules/",
            1L,
            "#rules/" + "g".repeat(64),
            1L,
            "#rules/" + "a".repeat(64),
            1L << 31,
            "#rules/" + "b".repeat(64),
            0L,
            SECOND.entry(),
            2L);
    assertThat(RuleSetId.in(offered)).containsExactly(SECOND);
  }

  @Test
  void nothingIsAnnouncedTwice() {
    var party = MachineHarness.ready(1, A0);
    party.announced(0, 0, 0, 0).announced(2, 0, 0, 0);
    party.step(ready(SECOND)).tickAfter(1);
    Announcement told = party.broadcast(Announcement.class).getFirst();
    assertThat(told.getOffered()).containsEntry("bank-a", 1L).hasSize(3).containsValue(2L);
    party.step(ready(SECOND)).tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).isEmpty();
    party.step(ready()).step(A1).tickAfter(1);
    assertThat(party.broadcast(Announcement.class).getFirst().getOffered())
        .as("none is taken back")
        .containsValue(2L)
        .hasSize(3);
  }
}
