package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.aggregator.batch.MachineHarness.agreement;
import static org.concordat.aggregator.batch.MachineHarness.proposal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.batch.SimulatedComputing.Load;
import org.concordat.aggregator.batch.SimulatedComputing.Loads;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.VoteKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that take longer than a stall, and such that are too much to compute. */
class LongComputationTest {
  private static final int SEEDS = 20;
  private static final int STEPS = 1_500;
  private static final long SETTLE_MILLIS = 600_000;
  private static final Event.BlockHeld[] BLOCKS = {
    Batches.block("bank-a", 0, 1_000),
    Batches.block("bank-a", 1, 1_000),
    Batches.block("bank-a", 2, 1_000),
    Batches.block("bank-b", 0, 1_000)
  };

  private static SimulatedConsortium run(long seed, Mix mix, Loads loads) {
    var consortium = new SimulatedConsortium(seed, mix);
    consortium.computing.loads = loads;
    return run(consortium, seed);
  }

  private static SimulatedConsortium run(SimulatedConsortium consortium, long seed) {
    try {
      consortium.run(STEPS);
      consortium.settle(SETTLE_MILLIS);
      return consortium;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + "\n" + consortium, e);
    }
  }

  private static long rows(CutRecord cut) {
    return cut.getEntries().stream().mapToLong(CutEntry::getRows).sum();
  }

  /** All are scored, though batches of the full size never are, and nobody is accused. */
  @ParameterizedTest
  @EnumSource(
      value = Load.class,
      names = {"STUCK", "REFUSED"})
  void aBatchThatIsTooMuchGetsThroughInParts(Load load) {
    for (int i = 0; i < SEEDS; i++) {
      long seed = Seeds.seed() * 4_000_037 + i;
      Loads loads = (rows, blocks) -> rows > 700 && blocks > 1 ? load : Load.LIGHT;
      SimulatedConsortium consortium = run(seed, Mix.NONE, loads);
      assertThat(consortium.computing.attemptsInVain()).as("seed %s", seed).isPositive();
      assertThat(consortium.alarms.keySet())
          .as("seed %s", seed)
          .doesNotContain(Code.CDT_603, Code.CDT_604, Code.CDT_605, Code.CDT_606, Code.CDT_610);
    }
  }

  @Test
  void aBatchThatIsTooMuchGetsThroughWhateverElseStops() {
    for (int i = 0; i < SEEDS; i++) {
      Loads loads = (rows, blocks) -> rows > 700 && blocks > 1 ? Load.REFUSED : Load.LIGHT;
      run(Seeds.seed() * 5_000_011 + i, Mix.SOME, loads);
    }
  }

  /** What seeds of the simulation meet in turn. */
  @Test
  void theMixOfLoadsHasBatchesThatAreTooMuchAndBlocks() {
    long inVain = 0;
    long skipped = 0;
    for (int i = 0; i < SEEDS; i++) {
      long seed = Seeds.seed() * 8_000_051 + i;
      SimulatedConsortium consortium = run(new SimulatedConsortium(seed, Mix.LOADS), seed);
      inVain += consortium.computing.attemptsInVain();
      skipped +=
          consortium.parties.getFirst().store.committed.stream()
              .flatMap(cut -> cut.getSkips().stream())
              .filter(skip -> skip.getReason().equals(Code.CDT_411.label()))
              .count();
    }
    assertThat(skipped).isGreaterThan(SEEDS);
    assertThat(inVain).as("of them some were of several blocks").isGreaterThan(skipped);
  }

  /** It is skipped, and nothing stands still for it, whatever else stops. */
  @ParameterizedTest
  @EnumSource(
      value = Mix.class,
      names = {"NONE", "SOME"})
  void aBlockThatIsTooMuchByItselfHoldsUpNothing(Mix mix) {
    for (int i = 0; i < SEEDS; i++) {
      long seed = Seeds.seed() * 7_000_003 + i;
      SimulatedConsortium consortium =
          run(seed, mix, (rows, blocks) -> rows > 900 ? Load.REFUSED : Load.LIGHT);
      assertThat(consortium.parties.getFirst().store.committed)
          .as("seed %s", seed)
          .anyMatch(
              cut -> cut.getSkips().stream().anyMatch(skip -> skip.getReason().equals("CDT-411")));
    }
  }

  @Test
  void aComputationThatComesFurtherIsNoStall() {
    for (int i = 0; i < SEEDS; i++) {
      long seed = Seeds.seed() * 6_000_029 + i;
      SimulatedConsortium consortium =
          run(seed, Mix.NONE, (rows, blocks) -> rows % 3 == 0 ? Load.LONG : Load.LIGHT);
      assertThat(consortium.parties.getFirst().store.committed)
          .as("seed %s", seed)
          .hasSizeGreaterThan(3)
          .allMatch(cut -> cut.getAttempt() == 0);
      assertThat(consortium.alarms.keySet()).as("seed %s", seed).isEmpty();
    }
  }

  /** A party's machine that computes the first batch of all blocks. */
  private static MachineHarness computing(int me) {
    var party = MachineHarness.ready(me, BLOCKS);
    CutRecord cut = proposal(0, BLOCKS).getCut();
    return party.from(0, proposal(0, BLOCKS)).from(3 - me, agreement(cut));
  }

  @Test
  void whatComesFurtherAndThenStopsIsGivenUp() {
    MachineHarness party = computing(1);
    CutRecord cut = party.only(Effect.Compute.class).cut();
    for (int i = 0; i < 5; i++) {
      party.tickAfter(Batches.STALL_MILLIS);
      assertThat(party.all(Effect.PersistVote.class)).isEmpty();
      party.step(new Event.Progressed(cut.getCut()));
    }
    party.tickAfter(Batches.STALL_MILLIS);
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.tickAfter(1);
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
    assertThat(party.only(Effect.CancelCompute.class).cut()).isEqualTo(cut.getCut());
  }

  @Test
  void whatComesFurtherInAnAttemptThatIsOverSaysNothing() {
    MachineHarness party = computing(1);
    party.tickAfter(Batches.STALL_MILLIS);
    party.step(new Event.Progressed(Batches.digest("an earlier cut")));
    party.step(new Event.TooLarge(Batches.digest("an earlier cut"), false));
    assertThat(party.all(Effect.PersistVote.class)).isEmpty();
    party.tickAfter(1);
    assertThat(party.only(Effect.PersistVote.class).kind()).isEqualTo(VoteKind.ABANDONED);
  }

  /** What ends a leader's first attempt on all four blocks. */
  enum End {
    TOO_LARGE,
    TOO_LARGE_UNDER_A_NEW_KEY,
    STALL,
    VOTE_OF_PEER,
    FAILURE,
    SESSION
  }

  @ParameterizedTest
  @EnumSource
  void theLeaderCutsHalfAsManyAfterWhatTookTooLong(End end) {
    var leader = MachineHarness.ready(0, BLOCKS);
    leader.announced(1, 0, 3, 1).announced(2, 0, 3, 1).tickAfter(1);
    CutRecord first = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(rows(first)).isEqualTo(4_000);
    leader.from(1, agreement(first)).from(2, agreement(first));
    leader.only(Effect.Compute.class);
    switch (end) {
      case TOO_LARGE -> leader.step(new Event.TooLarge(first.getCut(), false));
      case TOO_LARGE_UNDER_A_NEW_KEY -> leader.step(new Event.TooLarge(first.getCut(), true));
      case STALL -> leader.tickAfter(Batches.STALL_MILLIS + 1);
      case VOTE_OF_PEER -> leader.from(1, MachineHarness.vote(1, first, VoteKind.ABANDONED));
      case FAILURE -> leader.step(new Event.ComputeFailed(first.getCut()));
      case SESSION -> leader.step(new Event.SessionDown());
    }
    leader.persisted();
    if (end == End.SESSION) {
      leader.sessionUp();
    }
    for (int peer = 1; peer <= 2; peer++) {
      leader.from(peer, MachineHarness.vote(peer, first, VoteKind.ABANDONED));
      leader.announced(peer, 0, 3, 1);
    }
    leader.tickAfter(Batches.BACKOFF_MILLIS);
    CutRecord second = leader.broadcast(Proposal.class).getFirst().getCut();
    boolean tookTooLong = List.of(End.TOO_LARGE, End.STALL, End.VOTE_OF_PEER).contains(end);
    int rows = end == End.TOO_LARGE_UNDER_A_NEW_KEY ? 1_000 : tookTooLong ? 2_000 : 4_000;
    assertThat(rows(second)).isEqualTo(rows);
  }

  @Test
  void aPartyTakesNoMoreRowsThanItsLimit() {
    Event.BlockHeld[] blocks = {
      Batches.block("bank-a", 0, Batches.ROWS_MAX), Batches.block("bank-a", 1, 1)
    };
    var party = MachineHarness.ready(1, blocks);
    party.from(0, proposal(Progress.initial(), 0, Batches.ROWS_MAX + 1, blocks));
    assertThat(party.objection().getReason()).isEqualTo(Cutting.TOO_MANY_ROWS);
    assertThat(party.only(Effect.Alarm.class).code()).isEqualTo(Code.CDT_606);
    assertThat(party.broadcast(Agreement.class)).isEmpty();
  }

  /** A follower whose limit is lower objects to as many rows again and again. */
  @Test
  void theLeaderCutsNoMoreThanAPeerTakes() {
    var leader = MachineHarness.ready(0, BLOCKS);
    List<Long> cut = new ArrayList<>();
    for (int attempt = 0; attempt < 3; attempt++) {
      leader.announced(1, 0, 3, 1).announced(2, 0, 3, 1).tickAfter(Batches.STALL_MILLIS / 2);
      CutRecord tried = leader.broadcast(Proposal.class).getFirst().getCut();
      cut.add(rows(tried));
      leader.from(1, new Objection(0, 0L, attempt, Cutting.TOO_MANY_ROWS, List.of())).persisted();
      for (int peer = 1; peer <= 2; peer++) {
        leader.from(peer, MachineHarness.vote(peer, tried, VoteKind.ABANDONED));
      }
    }
    assertThat(cut).containsExactly(4_000L, 2_000L, 1_000L);
  }

  @Test
  void aCutStaysWithinWhatAPeerTakesUntilTheSessionEnds() {
    var size = new CutSize(65_536);
    size.refused(65_000);
    assertThat(size.rows()).isEqualTo(32_500);
    size.committed(32_500);
    assertThat(size.rows()).isEqualTo(32_500);
    for (int i = 0; i < 20; i++) {
      size.refused(size.rows());
    }
    assertThat(size.rows()).as("none takes fewer").isEqualTo(Settings.ROWS_MAX_LEAST);
    size.newSession();
    size.committed(Settings.ROWS_MAX_LEAST);
    assertThat(size.rows()).isGreaterThan(Settings.ROWS_MAX_LEAST);
  }

  /** What is kept of attempts that came to nothing grows with the number of them. */
  @Test
  void attemptsComeSeldomWhileOneAfterTheOtherFails() {
    var retries = new Retries(Batches.settings(0, MachineHarness.BANKS));
    long now = 0;
    for (int i = 0; i < 100; i++) {
      retries.failed(false, now);
      long before = now;
      while (!retries.due(now)) {
        now++;
      }
      assertThat(now - before)
          .isEqualTo(Math.min(Batches.BACKOFF_MILLIS << Math.min(i, 10), Batches.STALL_MILLIS / 2));
    }
    retries.failed(false, now);
    retries.newSession();
    assertThat(retries.due(now)).isTrue();
  }

  private static final Complaint TOO_LARGE = new Complaint("bank-a", 0L, 1L, "CDT-411");

  /** No cut would do with less of it; the peers were told that the attempt is over, and no more. */
  @Test
  void aBlockThatIsTooLargeByItselfIsSkipped() {
    var leader = MachineHarness.ready(0, Batches.block("bank-a", 0, 1_000));
    leader.announced(1, 0, 1, 0).announced(2, 0, 1, 0).tickAfter(1);
    CutRecord first = leader.broadcast(Proposal.class).getFirst().getCut();
    leader.from(1, agreement(first)).from(2, agreement(first));
    leader.step(new Event.TooLarge(first.getCut(), false)).persisted();
    for (int peer = 1; peer <= 2; peer++) {
      leader.from(peer, MachineHarness.vote(peer, first, VoteKind.ABANDONED));
      leader.announced(peer, 0, 1, 0);
    }
    leader.tickAfter(Batches.BACKOFF_MILLIS);
    CutRecord second = leader.broadcast(Proposal.class).getFirst().getCut();
    assertThat(second.getSkips())
        .containsExactly(new Skip("bank-a", 0L, 1L, "CDT-411", List.of("agg-1")));
    assertThat(second.getEntries()).containsExactly(new CutEntry("bank-a", 0L, 1L, 0, 0L));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aFollowerComplainsAboutABlockThatIsTooLargeByItselfAlone(int blocks) {
    Event.BlockHeld[] held = Arrays.copyOf(BLOCKS, blocks);
    CutRecord cut = proposal(0, held).getCut();
    var party = MachineHarness.ready(1, held).from(0, proposal(0, held)).from(2, agreement(cut));
    party.only(Effect.Compute.class);
    party.step(new Event.TooLarge(cut.getCut(), false)).persisted();
    party.tickAfter(1);
    Announcement announcement = party.broadcast(Announcement.class).getFirst();
    if (blocks == 1) {
      assertThat(announcement.getComplaints()).containsExactly(TOO_LARGE);
      assertThat(announcement.getOffered()).containsEntry("bank-a", 0L);
    } else {
      assertThat(announcement.getComplaints()).isEmpty();
      assertThat(announcement.getOffered()).containsEntry("bank-a", 3L);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1_024, 65_536})
  void theCutGrowsBackWithWhatIsComputed(int rowsMax) {
    var size = new CutSize(rowsMax);
    size.tooMuch(0);
    assertThat(size.rows()).as("nothing was attempted").isEqualTo(rowsMax);
    for (int i = 0; i < 20; i++) {
      size.tooMuch(size.rows());
    }
    assertThat(size.rows()).isEqualTo(1);
    size.committed(0);
    assertThat(size.rows()).as("an empty batch says nothing").isEqualTo(1);
    int batches = 0;
    while (size.rows() < rowsMax) {
      int before = size.rows();
      size.committed((before - 1) / 2);
      assertThat(size.rows()).as("small batches say nothing").isEqualTo(before);
      size.committed(before);
      batches++;
    }
    assertThat(batches).isLessThan(200);
    size.committed(rowsMax);
    assertThat(size.rows()).isEqualTo(rowsMax);
    size.tooMuch(rowsMax / 2);
    assertThat(size.rows()).isEqualTo(Math.max(1, rowsMax < 4 ? rowsMax / 2 : rowsMax / 4));
  }
}
