package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Faults come from the seed alone, each kind as often as any other, on every target. */
class ScheduleTest {
  private static final long HOUR = 3_600_000;
  private static final List<String> AGENTS = List.of("bank-a", "bank-b", "bank-c");
  private static final List<String> AGGREGATORS = List.of("agg-1", "agg-2", "agg-3");
  private static final List<String> BROKERS = List.of("broker", "broker-2", "broker-3");

  private static Schedule schedule(long seed, long span) {
    return new Schedule(seed, EnumSet.allOf(FaultKind.class), AGENTS, AGGREGATORS, BROKERS, span);
  }

  @Test
  void theSameSeedGivesTheSameFaults() {
    assertThat(schedule(7, HOUR).plan(200, HOUR)).isEqualTo(schedule(7, HOUR).plan(200, HOUR));
    assertThat(schedule(8, HOUR).plan(200, HOUR)).isNotEqualTo(schedule(7, HOUR).plan(200, HOUR));
  }

  @Test
  void everyKindComesOftenInAnHour() {
    List<Fault> plan = schedule(1, HOUR).plan(200, HOUR);
    Map<FaultKind, Long> kinds =
        plan.stream().collect(Collectors.groupingBy(Fault::kind, Collectors.counting()));
    assertThat(kinds).hasSize(FaultKind.values().length);
    assertThat(kinds.values()).allMatch(count -> count >= 28 && count <= 29);
    assertThat(plan.stream().filter(Fault::aimed).count()).isBetween(120L, 180L);
    assertThat(plan).extracting(Fault::dueMillis).isSorted().allMatch(due -> due < HOUR);
    assertThat(plan).extracting(Fault::number).doesNotHaveDuplicates();
  }

  @Test
  void onlyTheKindsThatAreAskedForCome() {
    Set<FaultKind> kinds = EnumSet.of(FaultKind.BROKER_KILL, FaultKind.AGENT_KILL);
    List<Fault> plan = new Schedule(3, kinds, AGENTS, AGGREGATORS, BROKERS, HOUR).plan(61, HOUR);
    Map<FaultKind, Long> came =
        plan.stream().collect(Collectors.groupingBy(Fault::kind, Collectors.counting()));
    assertThat(came.keySet()).isEqualTo(kinds);
    assertThat(came.values()).containsExactlyInAnyOrder(30L, 31L);
  }

  @Test
  void everyModeAndTargetComes() {
    List<Fault> plan = schedule(1, HOUR).plan(700, HOUR);
    assertThat(targets(plan, FaultKind.PEER_CUT))
        .containsExactlyInAnyOrder("agg-1/agg-2", "agg-1/agg-3", "agg-2/agg-3");
    assertThat(targets(plan, FaultKind.BROKER_KILL)).containsExactlyInAnyOrderElementsOf(BROKERS);
    assertThat(targets(plan, FaultKind.BROKER_CUT)).contains("agg-1", "agg-2/broker-3", "bank-c");
    assertThat(targets(plan, FaultKind.FREEZE)).hasSize(9);
    assertThat(plan.stream().filter(f -> f.kind() == FaultKind.PEER_CUT).map(Fault::mode))
        .contains(
            Optional.of(LinkMode.DROP),
            Optional.of(LinkMode.STALL),
            Optional.of(LinkMode.HALF_OPEN),
            Optional.of(LinkMode.CORRUPT));
  }

  private static List<String> targets(List<Fault> plan, FaultKind kind) {
    return plan.stream().filter(f -> f.kind() == kind).map(Fault::target).distinct().toList();
  }

  @Test
  void someFreezesAndStallsOutlastWhatPeersWaitForAndNoneFillsAShortRun() {
    assertThat(schedule(1, HOUR).plan(700, HOUR))
        .filteredOn(fault -> fault.kind() == FaultKind.FREEZE)
        .anyMatch(fault -> fault.lastsMillis() > 10_000)
        .allMatch(fault -> fault.lastsMillis() <= 14_000);
    assertThat(schedule(1, HOUR).plan(700, HOUR))
        .filteredOn(fault -> fault.mode().equals(Optional.of(LinkMode.STALL)))
        .anyMatch(fault -> fault.lastsMillis() > 10_000);
    assertThat(schedule(1, 180_000).plan(700, 180_000))
        .allMatch(fault -> fault.lastsMillis() <= 9_000);
  }
}
