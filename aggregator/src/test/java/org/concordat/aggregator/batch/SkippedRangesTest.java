package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.agreement;
import static org.concordat.aggregator.batch.MachineHarness.skipping;
import static org.concordat.aggregator.batch.MachineHarness.vote;

import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.BlockOpener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is missing is complained about, skipped and left behind in one piece. */
class SkippedRangesTest {
  private static final long FAR = 1_000_000_000;
  private static final Event.BlockHeld A0 = Batches.block("bank-a", 0, 100);

  private static Event.BlockHeld b(long sequence) {
    return Batches.block("bank-b", sequence, 100);
  }

  private static Complaint missing(long first, long next) {
    return new Complaint("bank-b", first, next, "CDT-601");
  }

  private static Skip skip(long first, long next, String... accusers) {
    return new Skip("bank-b", first, next, "CDT-601", List.of(accusers));
  }

  /** What a leader that holds A0 proposes at first. */
  private static CutRecord cut(MachineHarness leader) {
    return leader.tickAfter(1).broadcast(Proposal.class).getFirst().getCut();
  }

  private static List<Complaint> complaints(MachineHarness party) {
    return party.broadcast(Announcement.class).stream()
        .flatMap(announcement -> announcement.getComplaints().stream())
        .toList();
  }

  /** A follower whose peers have announced that they offer nothing of bank b. */
  private static MachineHarness follower(Event.BlockHeld... blocks) {
    return MachineHarness.ready(1, blocks).announced(0, 0, 1, 0).announced(2, 0, 1, 0);
  }

  // Of any length.

  @ParameterizedTest
  @ValueSource(longs = {2, FAR, BlockOpener.SEQUENCE_MAX})
  void aGapIsUsedUpByOneCutAndScoringGoesOn(long far) {
    var leader = MachineHarness.ready(0, A0, b(far));
    leader.announced(1, 0, 1, 0, missing(0, far)).announced(2, 0, 1, 0, missing(0, far));
    CutRecord first = cut(leader);
    assertThat(first.getSkips()).containsExactly(skip(0, far, "agg-2", "agg-3"));
    assertThat(first.getEntries().getLast()).isEqualTo(new CutEntry("bank-b", 0L, far, 0, 0L));

    leader.from(1, agreement(first)).from(2, agreement(first));
    assertThat(leader.only(Effect.Compute.class).blocks())
        .containsExactly(new Effect.Position("bank-a", 0));
    leader.step(new Event.Computed(first.getCut(), first.getCut())).persisted();
    leader.from(1, vote(1, first, VoteKind.PREPARED)).from(2, vote(2, first, VoteKind.PREPARED));
    assertThat(leader.only(Effect.Commit.class).cut()).isEqualTo(first);
    leader.step(new Event.Committed(0));
    leader.announced(1, 1, 1, far + 1).announced(2, 1, 1, far + 1);
    CutRecord second = cut(leader);
    assertThat(second.getSkips()).isEmpty();
    assertThat(second.getEntries())
        .containsExactly(new CutEntry("bank-b", far, far + 1, 100, b(far).watermarkMinute()));
  }

  @Test
  void aFollowerComplainsAboutAGapOfAnyLengthAndKeepsNothingOfIt() {
    var party = follower(b(BlockOpener.SEQUENCE_MAX));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, BlockOpener.SEQUENCE_MAX));
    assertThat(party.machine.kept().blocks()).isEqualTo(1);
  }

  @Test
  void aFollowerThatHoldsBlocksOfTheRangeLetsThemGo() {
    var party = MachineHarness.ready(1, A0, b(5), b(6), b(FAR));
    party.announced(0, 0, 1, 0, missing(0, FAR)).announced(2, 0, 1, 0, missing(0, FAR));
    party.runBatch(skipping(FAR, skip(0, FAR, "agg-1", "agg-3")));
    assertThat(party.machine.kept().blocks()).isEqualTo(1);
    assertThat(party.machine.nextSequence("bank-b")).isEqualTo(FAR);
    party.tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getOffered()).containsEntry("bank-b", FAR + 1);
    assertThat(announcement.getComplaints()).isEmpty();
  }

  // Complaints.

  @Test
  void aComplaintEndsAtWhatIsHeldAndAtWhatIsBad() {
    var party = follower(b(2), b(7));
    party.step(new Event.BlockBad("bank-b", 4, "CDT-409"));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, 2));
    party.step(b(0)).step(b(1)).tickAfter(1);
    assertThat(complaints(party)).as("another gap").isEmpty();
    party.tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(3, 4));
    party.step(b(3)).tickAfter(1);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-b", 4L, 5L, "CDT-409"));
    party.step(b(4)).tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(5, 7));
  }

  @Test
  void whatComesInTheMiddleIsLeftOutAndWhatIsBeforeItIsAwaitedAnew() {
    var party = follower(b(7));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, 7));
    party.step(b(3)).tickAfter(1);
    assertThat(complaints(party)).as("late only now").isEmpty();
    party.tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, 3));
    party.step(b(0)).step(b(1)).step(b(2)).tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(4, 7));
    party.step(new Event.BlockBad("bank-b", 4, "CDT-409")).tickAfter(1);
    assertThat(complaints(party)).as("a good copy may come").isEmpty();
    party.tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(new Complaint("bank-b", 4L, 5L, "CDT-409"));
  }

  /** Its broker may be away: what comes late must not be lost by the thousand. */
  @Test
  void whatOnlyOthersHoldIsComplainedAboutOneByOne() {
    var party = MachineHarness.ready(1);
    party.announced(0, 0, 0, 500).announced(2, 0, 0, 500);
    party.tickAfter(1).tickAfter(Batches.STALL_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, 1));
  }

  // A block that is far ahead of all others, as far as one party knows.

  /** The others get one before it does. */
  @Test
  void whatIsOnItsWayIsAwaitedThoughOneFarAheadCame() {
    var party = follower(b(FAR));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).as("tells the others").containsExactly(missing(0, FAR));
    party.announced(0, 0, 1, 1).tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getComplaints()).as("that one may come yet").isEmpty();
    party.tickAfter(Batches.GRACE_MILLIS - 1).step(b(0)).tickAfter(1);
    announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getOffered()).containsEntry("bank-b", 1L);
    assertThat(announcement.getComplaints()).containsExactly(missing(1, FAR));
  }

  /** They come in another order; a single one would be skipped on this party's word alone. */
  @Test
  void oneThatIsLateIsAwaitedThoughOneFarAheadCame() {
    var party = follower(b(FAR));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS);
    assertThat(complaints(party)).containsExactly(missing(0, FAR));
    party.step(b(1)).tickAfter(1);
    assertThat(complaints(party)).isEmpty();
    party.tickAfter(Batches.GRACE_MILLIS - 1).step(b(0)).tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    assertThat(announcement.getOffered()).containsEntry("bank-b", 2L);
    assertThat(announcement.getComplaints()).isEmpty();
  }

  @Test
  void whatOthersHoldIsGivenUpAsFarAsTheyHadItAGraceTimeAgo() {
    var party = follower(b(FAR)).announced(0, 0, 1, 3);
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS - 1);
    assertThat(complaints(party)).isEmpty();
    party.tickAfter(1);
    assertThat(complaints(party)).containsExactly(missing(0, 3));
    party.announced(0, 0, 1, 7).tickAfter(1);
    assertThat(party.broadcast(Announcement.class)).as("its end stays").isEmpty();
  }

  @Test
  void whatAnotherHasSeenPassIsGivenUpAtOnce() {
    var party = follower(b(5));
    party.tickAfter(1).tickAfter(Batches.GRACE_MILLIS - 1).announced(0, 0, 1, 6).tickAfter(1);
    assertThat(complaints(party)).containsExactly(missing(0, 5));
  }

  // What the leader skips.

  @Test
  void oneAccuserIsEnoughForWhatOthersHold() {
    var leader = MachineHarness.ready(0, A0, b(0), b(1), b(2));
    leader.announced(1, 0, 1, 3).announced(2, 0, 1, 0, missing(0, 3));
    assertThat(cut(leader).getSkips()).containsExactly(skip(0, 3, "agg-3"));
  }

  /** One misses more than the other, which holds the first of them. */
  @Test
  void noPartOfAComplaintIsSkipped() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 3, missing(3, 5)).announced(2, 0, 1, 0, missing(0, 9));
    assertThat(cut(leader).getSkips()).isEmpty();
    var told = MachineHarness.ready(0, A0);
    told.announced(1, 0, 1, 3, missing(3, 5)).announced(2, 0, 1, 0, missing(0, 5));
    assertThat(cut(told).getSkips()).containsExactly(skip(0, 5, "agg-3"));
  }

  /** It has seen a block far ahead, and gets the next one later than the others. */
  @Test
  void aBlockThatTheOthersGetFirstIsNotSkipped() {
    var leader = MachineHarness.ready(0, A0, b(0));
    leader.announced(1, 0, 1, 1).announced(2, 0, 1, 0, missing(0, FAR));
    CutRecord cut = cut(leader);
    assertThat(cut.getSkips()).isEmpty();
    assertThat(cut.getEntries()).extracting(CutEntry::getBank).containsExactly("bank-a");
  }

  @Test
  void allWhoComplainAboutTheWholeRangeAreNamed() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0, missing(0, 5)).announced(2, 0, 1, 0, missing(0, 9));
    assertThat(cut(leader).getSkips()).containsExactly(skip(0, 5, "agg-2", "agg-3"));
    var other = MachineHarness.ready(0, A0, b(0), b(1), b(2), b(3), b(4), b(5));
    other.announced(1, 0, 1, 0, missing(0, 2)).announced(2, 0, 1, 0, missing(0, 6));
    assertThat(cut(other).getSkips()).containsExactly(skip(0, 6, "agg-3"));
  }

  @ParameterizedTest
  @ValueSource(longs = {2, FAR, Long.MAX_VALUE})
  void aRangeThatOnePartyAloneKnowsOfWaits(long far) {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0, missing(0, far));
    CutRecord cut = cut(leader);
    assertThat(cut.getSkips()).isEmpty();
    assertThat(cut.getEntries()).extracting(CutEntry::getBank).containsExactly("bank-a");
  }

  @Test
  void aSingleBlockNeedsOneAccuserAlone() {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0, missing(0, 1));
    assertThat(cut(leader).getSkips()).containsExactly(skip(0, 1, "agg-3"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aComplaintAboutNothingSkipsNothing(long next) {
    var leader = MachineHarness.ready(0, A0);
    leader.announced(1, 0, 1, 0, missing(0, next)).announced(2, 0, 1, 0, missing(0, next));
    assertThat(cut(leader).getSkips()).isEmpty();
  }

  // What followers agree to.

  @Test
  void aRangeBeyondItsAccusersComplaintIsRefused() {
    var party = follower(A0);
    party.announced(0, 0, 1, 0, missing(0, FAR)).announced(2, 0, 1, 0, missing(0, 500));
    party.from(0, skipping(FAR, skip(0, FAR, "agg-1", "agg-3")));
    assertThat(party.objection().getReason()).contains("nobody complains");
    assertThat(party.all(Effect.Alarm.class)).as("it may just have got some").isEmpty();
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  @Test
  void aRangeThatItsAccuserAloneKnowsOfIsRefused() {
    var party = follower(A0);
    party.announced(2, 0, 1, 0, missing(0, FAR));
    party.from(0, skipping(FAR, skip(0, FAR, "agg-3")));
    assertThat(party.objection().getReason()).contains("two parties");
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  /** Else a leader could name a party for blocks that it only tells of. */
  @Test
  void aPartOfAComplaintIsSkippedWhereAnotherComplainsAboutJustThat() {
    var party = follower(A0);
    party.announced(0, 0, 1, 0, missing(0, 500)).announced(2, 0, 1, 0, missing(0, FAR));
    party.from(0, skipping(500, skip(0, 500, "agg-3")));
    assertThat(party.objection().getReason()).contains("nobody complains");
    assertThat(party.all(Effect.Alarm.class)).isEmpty();
    var told = follower(A0);
    told.announced(0, 0, 1, 0, missing(0, 500)).announced(2, 0, 1, 0, missing(0, FAR));
    told.from(0, skipping(500, skip(0, 500, "agg-1", "agg-3")));
    assertThat(told.broadcast(Agreement.class)).hasSize(1);
  }

  @Test
  void oneBlockOfARangeThatIsComplainedAboutIsNotSkipped() {
    var party = follower(A0);
    party.announced(2, 0, 1, 0, missing(0, FAR));
    party.from(0, skipping(1, skip(0, 1, "agg-3")));
    assertThat(party.objection().getReason()).contains("nobody complains");
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  @Test
  void rangesThatDoNotFitTheirEntriesAreRefused() {
    Skip all = skip(0, 9, "agg-3");
    assertWrong(skipping(9, skip(4, 4, "agg-3"), skip(0, 9, "agg-3")));
    assertWrong(skipping(9, skip(0, 4, "agg-3"), skip(3, 9, "agg-3")));
    assertWrong(skipping(9, skip(4, 9, "agg-3"), skip(0, 4, "agg-3")));
    assertWrong(skipping(9, all, all));
    assertWrong(skipping(9, skip(0, 10, "agg-3")));
    assertWrong(skipping(9, skip(0, Long.MAX_VALUE, "agg-3")));
    assertWrong(skipping(9, skip(-1, 9, "agg-3")));
    assertWrong(skipping(9, skip(0, Long.MIN_VALUE, "agg-3")));
    assertWrong(skipping(9, all, new Skip("bank-c", 0L, 9L, "CDT-601", List.of("agg-3"))));
    assertWrong(skipping(Cutting.BLOCKS_MAX + 10L, all));
  }

  private static void assertWrong(Proposal proposal) {
    var party = follower(A0);
    party.announced(0, 0, 1, 0, missing(0, FAR)).announced(2, 0, 1, 0, missing(0, FAR));
    party.from(0, proposal);
    assertThat(party.objection().getReason()).isEqualTo("entries");
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }
}
