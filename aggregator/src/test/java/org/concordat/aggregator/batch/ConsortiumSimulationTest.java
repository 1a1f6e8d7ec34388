package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The batch protocol under faults, from a seed; a failure names its seed. */
class ConsortiumSimulationTest {
  /** More with {@code -Psimulate}. */
  private static final int SEEDS = Integer.getInteger("concordat.simulations", 1_000);

  private static final int OUTCOME_SEEDS = 20;
  private static final int DEFECT_SEEDS = 100;
  private static final int DEFECT_STEPS = 4_000;
  private static final int TRACE_SEEDS = 3;

  /** Of a failing run that is replayed. */
  private static final int EVENTS_TOLD = 200;

  private static final int STEPS = 1_500;
  private static final long SETTLE_MILLIS = 120_000;

  /** What only a party that breaks the protocol brings about. */
  private static final Set<Code> ACCUSATIONS =
      EnumSet.of(Code.CDT_603, Code.CDT_604, Code.CDT_605, Code.CDT_606, Code.CDT_607);

  /**
   * The same where writes come late: a leader that waits for its brokers may seem to leave a bank
   * out, and outcomes of two sessions differ. A party may miss a vote of its own then, but that is
   * no accusation of another.
   */
  private static final Set<Code> ACCUSATIONS_LATE =
      EnumSet.of(Code.CDT_603, Code.CDT_605, Code.CDT_606);

  /** Seeds take turns at them. */
  private static final List<Mix> MIXES =
      List.of(Mix.MANY, Mix.SOME, Mix.BROKERS, Mix.OUTAGES, Mix.JUMPS, Mix.OUTCOMES, Mix.LOADS);

  @Test
  void withoutFaultsEverythingIsScoredAtTheFirstAttempt() {
    var consortium = run(Seeds.seed(), Mix.NONE);
    assertThat(consortium.alarms).isEmpty();
    assertThat(consortium.batches()).isGreaterThan(10);
    assertThat(consortium.invariants.ruleSetsUsed())
        .as("rule sets change, and each change is a batch boundary")
        .isGreaterThan(1);
    assertThat(consortium.invariants.inFlightMost())
        .as("several batches are in flight, and no more than may be")
        .isEqualTo(Batches.IN_FLIGHT);
    assertThat(
            consortium.parties.getFirst().store.committed.stream()
                .allMatch(cut -> cut.getAttempt() == 0 && cut.getSkips().isEmpty()))
        .isTrue();
  }

  /** Runs share nothing, so each processor has its own; of those that fail the first is told. */
  @Test
  void nothingIsLostOrDoubledWhateverStopsWhen() {
    Optional<AssertionError> failure =
        IntStream.range(0, SEEDS)
            .parallel()
            .mapToObj(ConsortiumSimulationTest::failure)
            .flatMap(Optional::stream)
            .findFirst();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /**
   * After two outages a follower lacks the vote by which an attempt has died; the leader has it,
   * and builds the next batch on the attempt after that.
   */
  @Test
  void aLeaderThatKnowsOfMoreVotesIsNotAccused() {
    long seed = 1_010_454;
    assertNobodyIsAccused(run(seed, Mix.OUTAGES), seed, Mix.OUTAGES);
  }

  /**
   * The vote of a leader's earlier process comes late, and peers commit by it; the leader has an
   * attempt before that one, which has died.
   */
  @Test
  void aLeaderThatLacksItsOwnVoteProposesNothing() {
    long seed = 1_068_253;
    assertNobodyIsAccused(run(seed, Mix.BROKERS), seed, Mix.BROKERS);
  }

  private static Optional<AssertionError> failure(int i) {
    long seed = Seeds.seed() * 1_000_003 + i;
    Mix mix = MIXES.get(i % MIXES.size());
    try {
      assertNobodyIsAccused(run(seed, mix), seed, mix);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(e);
    }
  }

  private static void assertNobodyIsAccused(SimulatedConsortium consortium, long seed, Mix mix) {
    boolean late = mix.faults.write() > 0;
    Set<Code> told = late ? consortium.accusations : consortium.alarms.keySet();
    Set<Code> accusations = EnumSet.copyOf(late ? ACCUSATIONS_LATE : ACCUSATIONS);
    if (!consortium.honestOutcomes()) {
      // Parties did compute different outcomes, and are to be named.
      accusations.remove(Code.CDT_604);
    }
    assertThat(told)
        .as("honest parties are not accused: %s", replay(seed, mix))
        .doesNotContainAnyElementsOf(accusations);
    if (consortium.honestOutcomes() && consortium.alarms.containsKey(Code.CDT_604)) {
      assertThat(consortium.invariants.sessionsMet())
          .as("outcomes differ only where two sessions computed them: %s", replay(seed, mix))
          .isTrue();
    }
  }

  /**
   * Runs one seed again, as a failure says it: {@code -Dconcordat.simulation=SEED:MIX}, the mix by
   * its name in {@link Mix}. The run is the same event by event, on any machine; where it fails
   * again, the last events before that are told: when, at which party, what. With Maven:
   *
   * <pre>
   * ./mvnw -pl aggregator -am test -Dtest=ConsortiumSimulationTest#oneSeedIsReplayed
   *     -Dsurefire.failIfNoSpecifiedTests=false -Dconcordat.simulation=1000003:MANY
   * </pre>
   */
  @Test
  @EnabledIfSystemProperty(named = "concordat.simulation", matches = "-?\\d+:[A-Z]+")
  void oneSeedIsReplayed() {
    List<String> named = List.of(System.getProperty("concordat.simulation", "").split(":", 2));
    long seed = Long.parseLong(named.getFirst());
    Mix mix = Mix.valueOf(named.getLast());
    var consortium = new SimulatedConsortium(seed, mix);
    var events = new ArrayDeque<String>();
    consortium.witness =
        (party, event) -> {
          if (events.size() == EVENTS_TOLD) {
            events.removeFirst();
          }
          events.add(told(consortium, party, event));
        };
    try {
      run(consortium, seed, mix);
      assertNobodyIsAccused(consortium, seed, mix);
    } catch (AssertionError e) {
      throw new AssertionError(String.join("", events), e);
    }
  }

  private static String told(SimulatedConsortium consortium, SimulatedParty party, Event event) {
    return consortium.now() + " " + party.index + " " + event + "\n";
  }

  @ParameterizedTest
  @EnumSource
  void aSeedGivesTheSameEventsAgain(Mix mix) {
    Set<Digest> traces = new HashSet<>();
    for (int i = 0; i < TRACE_SEEDS; i++) {
      long seed = Seeds.seed() * 7_000_003 + i;
      Digest trace = trace(seed, mix);
      assertThat(trace(seed, mix)).as("seed %s", seed).isEqualTo(trace);
      traces.add(trace);
    }
    assertThat(traces).as("each seed has its own").hasSize(TRACE_SEEDS);
  }

  /** A hash over all events: when, at which party, what. */
  private static Digest trace(long seed, Mix mix) {
    var consortium = new SimulatedConsortium(seed, mix);
    var events = new StringBuilder();
    consortium.witness = (party, event) -> events.append(told(consortium, party, event));
    consortium.run(STEPS);
    return Batches.digest(events.toString());
  }

  /** A bank's block that one party's brokers show differently: told, skipped, and never scored. */
  @Test
  void aBrokerThatShowsOnePartyAnotherBlockIsNoticed() {
    int differing = 0;
    for (int i = 0; i < OUTCOME_SEEDS; i++) {
      var consortium = run(Seeds.seed() * 8_000_009 + i, Mix.MANY);
      differing += consortium.banks.differing.size();
      // Of each of them Invariants.settled() holds the same.
      assertThat(consortium.alarms.containsKey(Code.CDT_602))
          .isEqualTo(!consortium.banks.differing.isEmpty());
    }
    assertThat(differing).isPositive();
  }

  /**
   * What banks have left out is used up while a run settles, which has no time for a cut each; a
   * block far ahead that one party alone has seen has nothing used up.
   */
  @Test
  void aBankThatJumpsIsScoredOn() {
    long jumped = 0;
    for (int i = 0; i < OUTCOME_SEEDS; i++) {
      long seed = Seeds.seed() * 9_000_011 + i;
      SimulatedConsortium consortium = run(seed, Mix.JUMPS);
      assertNobodyIsAccused(consortium, seed, Mix.JUMPS);
      jumped = Math.max(jumped, consortium.banks.jumped());
    }
    assertThat(jumped).isGreaterThan(1L << 40);
  }

  @Test
  void differentOutcomesAreNamedAndRepeated() {
    int named = 0;
    for (int i = 0; i < OUTCOME_SEEDS; i++) {
      long seed = Seeds.seed() * 2_000_003 + i;
      var consortium = run(seed, Mix.OUTCOMES);
      named += consortium.alarms.getOrDefault(Code.CDT_604, 0);
      assertNobodyIsAccused(consortium, seed, Mix.OUTCOMES);
    }
    assertThat(named).isPositive();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void eachDefectIsFoundWithinAHundredSeeds(Defect defect) {
    String expected =
        switch (defect) {
          case NONE -> throw new IllegalArgumentException();
          case COMMIT_WITHOUT_ALL_VOTES -> "a commit needs every party's durable vote";
          case MASKS_REUSED_AFTER_ABORT -> "masks are drawn once";
          case SEQUENCES_RESET_ON_RESTART -> "used up once";
          case STALE_EPOCH_ACCEPTED, COMMIT_ON_ABANDONED -> "on the one";
          case CUT_ABOVE_MINIMUM -> "goes no further than the minimum";
          case ONE_IN_FLIGHT_TOO_MANY -> "batches and rows in flight are bounded";
          case OLD_RULES_AFTER_CHANGE -> "an outcome belongs to the cut";
          case RULE_SET_NOT_AWAITED -> "names a rule set that every party has";
          case HEADERS_NOT_COMPARED -> "all parties score the block that they see";
          case OFFSET_FOR_SEQUENCE -> "only what somebody couldn't use is skipped";
          case REPEATS_KEPT -> "blocks and votes that a machine keeps are bounded";
          case LATE_VOTE_OVERLOOKED, GAP_FORGOTTEN -> "durable before it is sent";
          case SESSION_NOT_NAMED -> "computed in one session";
          case OTHER_SESSION_COMMITTED -> "commits what its own vote seals";
        };
    String found = "";
    int seeds = 0;
    while (found.isEmpty() && seeds < DEFECT_SEEDS) {
      long seed = Seeds.seed() * 3_000_017 + seeds++;
      var consortium = new SimulatedConsortium(seed, defect.mix(), defect);
      try {
        consortium.run(DEFECT_STEPS);
      } catch (AssertionError e) {
        found = String.valueOf(e.getMessage());
      }
    }
    assertThat(found).as("after %s seeds", seeds).containsPattern(expected);
  }

  private static SimulatedConsortium run(long seed, Mix mix) {
    var consortium = new SimulatedConsortium(seed, mix);
    run(consortium, seed, mix);
    return consortium;
  }

  private static void run(SimulatedConsortium consortium, long seed, Mix mix) {
    try {
      consortium.run(STEPS);
      consortium.settle(SETTLE_MILLIS);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(replay(seed, mix) + "\n" + consortium, e);
    }
  }

  /** How a run is told where it fails. */
  private static String replay(long seed, Mix mix) {
    return "seed " + seed + ", -Dconcordat.simulation=" + seed + ":" + mix;
  }
}
