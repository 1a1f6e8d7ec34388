package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.changed;
import static org.concordat.aggregator.batch.MachineHarness.proposal;
import static org.concordat.aggregator.batch.MachineHarness.skipping;

import java.util.List;
import java.util.function.UnaryOperator;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Skip;
import org.junit.jupiter.api.Test;

/** What parties refuse in a leader's proposal, and what they complain about. */
class CutCheckTest {
  private static final Event.BlockHeld A0 = Batches.block("bank-a", 0, 100);
  private static final Event.BlockHeld A1 = Batches.block("bank-a", 1, 100);
  private static final Event.BlockHeld B0 = Batches.block("bank-b", 0, 100);
  private static final Complaint B0_BAD = new Complaint("bank-b", 0L, 1L, "CDT-409");

  private static void assertWrong(String reason, UnaryOperator<CutRecord.Builder> change) {
    var party = MachineHarness.ready(1, A0, B0);
    party.from(0, changed(proposal(0, A0, B0), change));
    assertThat(party.objection().getReason()).isEqualTo(reason);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  @Test
  void anHonestProposalIsAgreedTo() {
    var party = MachineHarness.ready(1, A0, B0);
    party.from(0, changed(proposal(0, A0, B0), cut -> cut));
    assertThat(party.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void eachFieldThatCannotBeRightIsRefused() {
    assertWrong("charter or protocol", cut -> cut.setProtocol(2));
    assertWrong("charter or protocol", cut -> cut.setCharter(Batches.digest("other")));
    assertWrong("rule set", cut -> cut.setRuleSet(Batches.digest("other")));
    assertWrong("rule set", cut -> cut.setRuleSetVersion(2));
    assertWrong("partition", cut -> cut.setPartition(1));
    long far = MachineHarness.MINUTE + Cutting.CLOCK_MINUTES_MAX + 1;
    assertWrong("commit time", cut -> cut.setCommitMinute(far));
    assertWrong("commit time", cut -> cut.setCommitDay(20_001));
    assertWrong("hash", cut -> cut.setHeaders(Batches.digest("other")));
  }

  /** An honest leader that lacks a vote errs there, until it is told. */
  @Test
  void anotherPreviousCutIsRefusedAndAccusedOnceTheLeaderHasBeenTold() {
    var party = MachineHarness.ready(1, A0, B0);
    Proposal other =
        changed(proposal(0, A0, B0), cut -> cut.setPreviousCut(Batches.digest("other")));
    for (int told = 0; told < Agreeing.OTHER_BASES_MAX; told++) {
      party.from(0, other);
      assertThat(party.objection().getReason()).isEqualTo("previous cut");
      assertThat(party.standingsSent()).as("what the leader may lack").hasSize(1);
      assertThat(party.all(Effect.Alarm.class)).isEmpty();
    }
    party.from(0, other);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    assertThat(party.broadcast(Agreement.class)).isEmpty();
    party.from(0, other);
    assertThat(party.all(Effect.Alarm.class)).as("once").isEmpty();
    party.step(new Event.SessionDown()).sessionUp().from(0, other);
    assertThat(party.all(Effect.Alarm.class)).as("it may be another process").isEmpty();
  }

  @Test
  void aQuarterOfAnHourBetweenClocksIsNone() {
    for (int minutes : List.of(-Cutting.CLOCK_MINUTES_MAX, Cutting.CLOCK_MINUTES_MAX)) {
      long minute = MachineHarness.MINUTE + minutes;
      var party = MachineHarness.ready(1, A0);
      party.from(0, changed(proposal(0, A0), cut -> cut.setCommitMinute(minute)));
      assertThat(party.broadcast(Agreement.class)).hasSize(1);
    }
  }

  @Test
  void aHashThatDoesNotFitIsRefused() {
    var party = MachineHarness.ready(1, A0);
    Proposal honest = proposal(0, A0);
    CutRecord cut = CutRecord.newBuilder(honest.getCut()).setCut(Batches.digest("x")).build();
    party.from(0, new Proposal(cut, honest.getHeaderDigests()));
    assertThat(party.objection().getReason()).isEqualTo("hash");
  }

  @Test
  void entriesGoOnWhereTheirBankStands() {
    assertWrong("entries", cut -> cut.setEntries(List.of()));
    assertWrong("entries", cut -> cut.setEntries(List.of(entry("bank-c", 0, 1))));
    assertWrong("entries", cut -> cut.setEntries(List.of(entry("bank-a", 1, 2))));
    assertWrong("entries", cut -> cut.setEntries(List.of(entry("bank-a", 0, 0))));
    assertWrong("entries", cut -> cut.setEntries(List.of(entry("bank-a", 0, -1))));
    assertWrong("entries", cut -> cut.setEntries(List.of(entry("bank-a", 0, Long.MIN_VALUE))));
    assertWrong(
        "entries", cut -> cut.setEntries(List.of(entry("bank-a", 0, Cutting.BLOCKS_MAX + 2L))));
    assertWrong(
        "entries", cut -> cut.setEntries(List.of(entry("bank-b", 0, 1), entry("bank-a", 0, 1))));
    assertWrong(
        "entries", cut -> cut.setEntries(List.of(entry("bank-a", 0, 1), entry("bank-a", 0, 1))));
  }

  @Test
  void rowsAndWatermarksAreTheBlocksOwn() {
    assertWrong(
        "rows",
        cut ->
            cut.setEntries(
                List.of(
                    new CutEntry("bank-a", 0L, 1L, 99, A0.watermarkMinute()),
                    entry("bank-b", 0, 1))));
    assertWrong(
        "rows",
        cut ->
            cut.setEntries(
                List.of(new CutEntry("bank-a", 0L, 1L, 100, 7L), entry("bank-b", 0, 1))));
    assertWrong("blocks", cut -> cut.setEntries(List.of(entry("bank-a", 0, 1))));
  }

  @Test
  void onlyTheLeaderProposes() {
    var party = MachineHarness.ready(1, A0);
    party.from(2, proposal(0, A0));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  @Test
  void aBlockThatIsNotHeldIsObjectedToWithoutBlame() {
    var party = MachineHarness.ready(1, A0);
    party.from(0, proposal(0, A0, A1));
    assertThat(party.objection().getReason()).contains("doesn't offer");
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
  }

  @Test
  void anotherHeaderIsDisputedAndThenComplainedAbout() {
    var party = MachineHarness.ready(1, Batches.otherBlock("bank-a", 0, 100));
    party.from(0, proposal(0, A0));
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_602);
    var complaint = new Complaint("bank-a", 0L, 1L, "CDT-602");
    assertThat(party.objection().getComplaints()).containsExactly(complaint);
    party.tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getComplaints()).containsExactly(complaint);
    assertThat(announcement.getOffered()).containsEntry("bank-a", 0L);
  }

  // Complaints and skips.

  @Test
  void aBadBlockIsComplainedAboutOnceItHasBeenSoForAWhile() {
    var party = toldByPeers();
    party.step(new Event.BlockBad("bank-b", 0, "CDT-409"));
    party.tickAfter(Batches.GRACE_MILLIS - 1);
    assertThat(complaints(party)).isEmpty();
    party.tickAfter(1);
    assertThat(complaints(party)).containsExactly(B0_BAD);
  }

  @Test
  void aGoodCopyTakesTheComplaintBack() {
    var party = toldByPeers();
    party.step(new Event.BlockBad("bank-b", 0, "CDT-409")).tickAfter(Batches.GRACE_MILLIS);
    party.step(B0).tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getComplaints()).isEmpty();
    assertThat(announcement.getOffered()).containsEntry("bank-b", 1L);
    party.step(new Event.BlockBad("bank-b", 0, "CDT-409")).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).as("what is held stays held").isEmpty();
  }

  @Test
  void aGapIsComplainedAboutAfterAGraceTime() {
    var party = toldByPeers(A1);
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS - 1);
    assertThat(complaints(party)).isEmpty();
    party.tickAfter(1);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-a", 0L, 1L, "CDT-601"));
    party.step(A0).tickAfter(1);
    assertThat(party.broadcast(Announcement.class).getFirst().getComplaints()).isEmpty();
  }

  @Test
  void severalMissingBlocksHaveOneGraceTime() {
    var party = toldByPeers(Batches.block("bank-a", 3, 1));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-a", 0L, 3L, "CDT-601"));
    party.step(A0).tickAfter(1);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-a", 1L, 3L, "CDT-601"));
    party.step(A1).tickAfter(1);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-a", 2L, 3L, "CDT-601"));
    party.step(Batches.block("bank-a", 2, 1)).tickAfter(1);
    assertThat(party.broadcast(Announcement.class).getFirst().getComplaints()).isEmpty();
  }

  @Test
  void aBlockThatOnlyOthersGetIsComplainedAboutMuchLater() {
    var party = MachineHarness.ready(1);
    party.announced(0, 0, 0, 0).announced(2, 0, 1, 0);
    party.tickAfter(1).tickAfter(Batches.STALL_MILLIS - 1);
    assertThat(complaints(party)).isEmpty();
    party.tickAfter(1);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-a", 0L, 1L, "CDT-601"));
  }

  @Test
  void aBankThatHoldsUpItselfHoldsUpNobodyElse() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 1).announced(2, 0, 1, 1).tickAfter(1);
    CutRecord cut = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(cut.getEntries()).extracting(CutEntry::getBank).containsExactly("bank-a");
  }

  @Test
  void whatAPartyComplainsAboutIsSkipped() {
    var leader = MachineHarness.ready(0, A0, B0);
    leader.announced(1, 0, 1, 1).announced(2, 0, 1, 0, B0_BAD).tickAfter(1);
    CutRecord cut = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(cut.getSkips()).containsExactly(skip("agg-3"));
    assertThat(cut.getEntries().getLast()).isEqualTo(new CutEntry("bank-b", 0L, 1L, 0, 0L));

    leader.from(1, MachineHarness.agreement(cut)).from(2, MachineHarness.agreement(cut));
    assertThat(leader.only(Effect.Compute.class).blocks())
        .containsExactly(new Effect.Position("bank-a", 0));
  }

  @Test
  void aSkipThatTheAccuserDidNotTellAllIsRefused() {
    Proposal proposal = skipping(1, skip("agg-3"));
    var party = MachineHarness.ready(1, A0, B0);
    party.announced(2, 0, 1, 1).from(0, proposal);
    assertThat(party.objection().getReason()).contains("nobody complains");
    assertThat(party.all(Effect.Alarm.class)).as("it may just have been taken back").isEmpty();

    var told = MachineHarness.ready(1, A0, B0);
    told.announced(2, 0, 1, 0, B0_BAD).from(0, proposal);
    assertThat(told.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void aSkipNeedsAnAccuserThatExists() {
    for (Skip skip : List.of(skip(), skip("agg-9"))) {
      var party = MachineHarness.ready(1, A0, B0);
      party.announced(2, 0, 1, 0, B0_BAD).from(0, skipping(1, skip));
      assertThat(party.objection().getReason()).contains("nobody complains");
    }
  }

  @Test
  void aSkipInTheOwnNameNeedsTheOwnComplaint() {
    var party = MachineHarness.ready(1, A0, B0);
    party.from(0, skipping(1, skip("agg-2")));
    assertThat(party.objection().getReason()).contains("nobody complains");
  }

  @Test
  void skipsStandOnceAndInsideTheirEntries() {
    Skip skip = skip("agg-3");
    Skip beyond = new Skip("bank-b", 5L, 6L, "CDT-409", List.of("agg-3"));
    var bad = new Complaint("bank-b", 5L, 6L, "CDT-409");
    for (Skip other : List.of(skip, beyond)) {
      var party = MachineHarness.ready(1, A0, B0);
      party.announced(2, 0, 1, 0, B0_BAD, bad);
      party.from(0, skipping(1, skip, other));
      assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    }
  }

  // Leaders that leave out.

  @Test
  void aLeaderThatProposesNothingIsNamed() {
    var party = MachineHarness.ready(1, A0);
    party.announced(0, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    party.tickAfter(Batches.STALL_MILLIS);
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
    party.tickAfter(1);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_607);
    party.tickAfter(1);
    assertThat(party.all(Effect.Alarm.class)).as("not at every tick").isEmpty();
  }

  /** It cuts nothing before that one has committed what others have. */
  @Test
  void aLeaderThatWaitsForAnotherPartyIsNotNamed() {
    var party = MachineHarness.ready(1, A0, A1);
    party.runBatch(proposal(0, A0));
    party.announced(0, 1, 2, 0).announced(2, 0, 2, 0).tickAfter(1);
    party.tickAfter(Batches.STALL_MILLIS + 1);
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
    party.announced(2, 1, 2, 0).tickAfter(Batches.STALL_MILLIS);
    assertThat(party.all(Effect.Alarm.class)).as("its time begins now").isEmpty();
    party.tickAfter(1);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_607);
  }

  @Test
  void aLeaderThatIsBehindItselfIsNamed() {
    var party = MachineHarness.ready(1, A0, A1);
    party.runBatch(proposal(0, A0));
    party.announced(0, 0, 2, 0).announced(2, 1, 2, 0).tickAfter(1);
    party.tickAfter(Batches.STALL_MILLIS + 1);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_607);
  }

  @Test
  void aBankThatManyCutsPassByIsObjectedFor() {
    Settings settings = Batches.settings(1, MachineHarness.BANKS);
    var watch = new LeaderWatch(settings);
    CutRecord cut = proposal(0, A0).getCut();
    watch.overdue(0, bank -> true);
    for (int i = 0; i < watch.cutsMax(); i++) {
      watch.committed(cut);
    }
    assertThat(watch.leftOut(cut)).isEmpty();
    watch.committed(cut);
    assertThat(watch.leftOut(cut)).contains("bank-b");
    assertThat(watch.leftOut(proposal(0, A0, B0).getCut())).isEmpty();
  }

  /** A party whose peers have announced that they offer nothing. */
  private static MachineHarness toldByPeers(Event.BlockHeld... blocks) {
    return MachineHarness.ready(1, blocks).announced(0, 0, 0, 0).announced(2, 0, 0, 0);
  }

  private static List<Complaint> complaints(MachineHarness party) {
    return party.broadcast(Announcement.class).stream()
        .flatMap(a -> a.getComplaints().stream())
        .toList();
  }

  private static CutEntry entry(String bank, long first, long next) {
    return new CutEntry(bank, first, next, 100, 1_000L);
  }

  /** Of bank b's first block. */
  private static Skip skip(String... accusers) {
    return new Skip("bank-b", 0L, 1L, "CDT-409", List.of(accusers));
  }
}
