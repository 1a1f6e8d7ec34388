package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.concordat.ops.bench.SoakReport.Backlog;
import org.concordat.ops.demo.MemoryUse;
import org.junit.jupiter.api.Test;

class SoakReportTest {
  private static final SoakOptions OPTIONS =
      new SoakOptions(Path.of("bench"), 1_000, 5, 120, 10_000, 5, 5_000, 60, Optional.empty());
  private static final int SAMPLES = 400;
  private static final long MEBIBYTE = 1 << 20;
  private static final long BOUND = 1_344 * MEBIBYTE;
  private static final DiskBounds DISKS =
      new DiskBounds(Map.of("bank-a", 512 * MEBIBYTE, "broker", 1_024 * MEBIBYTE));

  /** 1,200,000 rows, while 1,000 of 5,000 a second are taken by rows that still come: 300 s. */
  private static final Backlog IN_TIME = new Backlog(1_200_000, 300, 5_000, true);

  private static SoakReport report(IntToDoubleFunction lag, IntToDoubleFunction mebibytes) {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      long bytes = (long) (mebibytes.applyAsDouble(i) * MEBIBYTE);
      var memory = new MemoryUse(bytes + 400 * MEBIBYTE, BOUND);
      samples.add(sample(i, lag.applyAsDouble(i), bytes, memory, 0.1));
    }
    return with(samples, samples, IN_TIME);
  }

  private static SoakSample sample(
      int i, double lag, long bytes, MemoryUse memory, double spoolFill) {
    // Garbage comes and goes: every eighth look is just after a collection.
    long garbage = (i % 8) * 40 * MEBIBYTE;
    return new SoakSample(
        5 * i,
        5_000L * i,
        5_000L * i,
        lag,
        3,
        spoolFill,
        Map.of("agg-1", bytes + 400 * MEBIBYTE, "broker", 300 * MEBIBYTE),
        Map.of("agg-1", memory, "broker", new MemoryUse(300 * MEBIBYTE, BOUND)),
        Map.of("agg-1", bytes + garbage, "broker", 60 * MEBIBYTE + garbage),
        // The broker deletes a segment at each fortieth look.
        Map.of("bank-a", (i + 2) * MEBIBYTE, "broker", (300 + i % 40) * MEBIBYTE));
  }

  private static SoakReport with(List<SoakSample> steady, List<SoakSample> all, Backlog backlog) {
    return with(OPTIONS, steady, all, backlog);
  }

  private static SoakReport with(
      SoakOptions options, List<SoakSample> steady, List<SoakSample> all, Backlog backlog) {
    return new SoakReport(
        options, DISKS, steady, all, Optional.of(backlog), 0, NullNode.getInstance(), true);
  }

  private static SoakSample with(SoakSample of, Map<String, Long> heap, Map<String, Long> disk) {
    return new SoakSample(
        of.second(),
        of.written(),
        of.scored(),
        of.lagSeconds(),
        of.abandoned(),
        of.spoolFill(),
        of.residentBytes(),
        of.memory(),
        heap,
        disk);
  }

  /** A run that was flat, and a look in the overload after it. */
  private static SoakReport overloaded(MemoryUse memory, double spoolFill) {
    List<SoakSample> steady = report(i -> 2, i -> 100).steady();
    List<SoakSample> all = new ArrayList<>(steady);
    all.add(sample(SAMPLES, 60, 100 * MEBIBYTE, memory, spoolFill));
    // What was more for a while counts, though it is over.
    all.add(sample(SAMPLES + 1, 2, 100 * MEBIBYTE, new MemoryUse(0, BOUND), 0));
    return with(steady, all, IN_TIME);
  }

  @Test
  void whatOnlyCollectsGarbageIsFlat() {
    SoakReport report = report(i -> 2 + i % 3, i -> 100);
    assertThat(report.holds()).isTrue();
    assertThat(report.perSecond()).isEqualTo(1_000);
    assertThat(report.heap().get("agg-1").last()).isEqualTo(100);
  }

  @Test
  void aLeakIsSeenThroughTheGarbage() {
    SoakReport report = report(i -> 2, i -> 100 + 0.3 * i);
    assertThat(report.flatMemory()).isFalse();
    assertThat(report.flatLag()).isTrue();
    assertThat(report.holds()).isFalse();
  }

  /** Its resident memory is flat, whatever it keeps: it claims its heap as it starts. */
  @Test
  void aLeakOfTheBrokerIsSeenInItsHeap() {
    List<SoakSample> samples =
        report(i -> 2, i -> 100).steady().stream().map(SoakReportTest::withLeakingBroker).toList();
    SoakReport report = with(samples, samples, IN_TIME);
    assertThat(report.resident().get("broker").last()).isEqualTo(300);
    assertThat(report.flatMemory()).isFalse();
    assertThat(report.holds()).isFalse();
  }

  private static SoakSample withLeakingBroker(SoakSample of) {
    Map<String, Long> heap = new TreeMap<>(of.heapBytes());
    heap.merge("broker", (long) (of.second() / 10) * MEBIBYTE, Long::sum);
    return with(of, heap, of.diskBytes());
  }

  /** Samples of a run whose broker deletes nothing: two MiB come with each. */
  private static List<SoakSample> withoutDeletion() {
    return report(i -> 2, i -> 100).steady().stream()
        .map(of -> with(of, of.heapBytes(), broker((long) (of.second() / 5) * 2 * MEBIBYTE)))
        .toList();
  }

  private static Map<String, Long> broker(long diskBytes) {
    return Map.of("broker", diskBytes);
  }

  @Test
  void aBrokerThatDeletesNothingIsSeen() {
    List<SoakSample> samples = withoutDeletion();
    SoakReport report = with(samples, samples, IN_TIME);
    assertThat(report.brokerDisk()).contains(new SoakReport.Change(598, 798));
    assertThat(report.boundedDisk()).isTrue();
    assertThat(report.flatDisk()).isFalse();
    assertThat(report.holds()).isFalse();
  }

  /** Nothing is an hour old when a run of 20 minutes ends. */
  @Test
  void whatIsDeletedIsNotJudgedBeforeItIsOld() {
    var shorter =
        new SoakOptions(Path.of("bench"), 1_000, 5, 20, 10_000, 5, 5_000, 60, Optional.empty());
    List<SoakSample> samples = withoutDeletion();
    SoakReport report = with(shorter, samples, samples, IN_TIME);
    assertThat(report.brokerDisk()).isEmpty();
    assertThat(report.holds()).isTrue();
    assertThat(report.summary()).doesNotContainKey("brokerDiskMebibytes");
  }

  @Test
  void aDiskIsBoundedInTheOverloadToo() {
    List<SoakSample> steady = report(i -> 2, i -> 100).steady();
    SoakSample last = steady.getLast();
    assertThat(with(steady, steady, IN_TIME).mostDisk())
        .containsEntry("bank-a", new DiskUse(401 * MEBIBYTE, 512 * MEBIBYTE));

    List<SoakSample> all = new ArrayList<>(steady);
    all.add(with(last, last.heapBytes(), Map.of("bank-a", 512 * MEBIBYTE)));
    assertThat(with(steady, all, IN_TIME).holds()).isTrue();
    all.add(with(last, last.heapBytes(), Map.of("bank-a", 512 * MEBIBYTE + 1)));
    // What was more for a while counts, though it is over.
    all.add(last);
    assertThat(with(steady, all, IN_TIME).boundedDisk()).isFalse();
    assertThat(with(steady, all, IN_TIME).holds()).isFalse();
  }

  @Test
  void aLagThatGrowsIsSeen() {
    SoakReport report = report(i -> 2 + 0.02 * i, i -> 100);
    assertThat(report.flatLag()).isFalse();
    assertThat(report.holds()).isFalse();
  }

  /** Of the last quarter one look in ten is there: of the last quarter of looks most are older. */
  @Test
  void quartersAreOfTimeHoweverManyLooksTheyHave() {
    List<SoakSample> looks =
        report(i -> i < 300 ? 2 : 60, i -> 100).steady().stream()
            .filter(look -> look.second() < 1_500 || look.second() % 50 == 45)
            .toList();
    SoakReport report = with(looks, looks, IN_TIME);
    assertThat(report.lag()).isEqualTo(new SoakReport.Change(2, 60));
    assertThat(report.flatLag()).isFalse();
    assertThat(report.longestGapSeconds()).isEqualTo(50);
    assertThat(report.withoutGaps()).isTrue();
  }

  /** All looks of a flat run but those between two moments. */
  private static List<SoakSample> without(double after, double before) {
    return report(i -> 2, i -> 100).steady().stream()
        .filter(look -> look.second() <= after || look.second() >= before)
        .toList();
  }

  @Test
  void aMinuteWithoutALookIsTheMost() {
    List<SoakSample> minute = without(1_000, 1_060);
    SoakReport holds = with(minute, minute, IN_TIME);
    assertThat(holds.holds()).isTrue();
    assertThat(holds.summary()).containsEntry("looks", SAMPLES - 11);
    assertThat(holds.summary()).containsEntry("longestGapSeconds", 60.0);

    List<SoakSample> longer = without(1_000, 1_065);
    SoakReport report = with(longer, longer, IN_TIME);
    assertThat(report.flatLag()).isTrue();
    assertThat(report.withoutGaps()).isFalse();
    assertThat(report.holds()).isFalse();
  }

  /** The hours end at 1,900 s, and looks begin again with the overload. */
  @Test
  void theLastLooksMayNotBeMissingEither() {
    List<SoakSample> all = without(1_800, 1_900);
    List<SoakSample> steady = all.stream().filter(look -> look.second() <= 1_800).toList();
    assertThat(with(steady, all, IN_TIME).longestGapSeconds()).isEqualTo(100);
    assertThat(with(steady, all, IN_TIME).holds()).isFalse();
    List<SoakSample> later = all.stream().filter(look -> look.second() >= 1_900).toList();
    assertThat(with(later, all, IN_TIME).longestGapSeconds()).isEqualTo(100);
    List<SoakSample> earlier = all.stream().filter(look -> look.second() <= 1_700).toList();
    assertThat(with(earlier, all, IN_TIME).longestGapSeconds()).isEqualTo(5);
  }

  @Test
  void aBacklogNeedsWhatTheMeasuredMaximumLeavesForIt() {
    assertThat(IN_TIME.neededSeconds(OPTIONS)).isEqualTo(300);
    assertThat(IN_TIME.isGoneInTime(OPTIONS)).isTrue();
    assertThat(Backlog.allowedSeconds(1_200_000, OPTIONS)).isCloseTo(340, within(0.001));
    assertThat(new Backlog(1_200_000, 339, 4_540, true).isGoneInTime(OPTIONS)).isTrue();
    assertThat(new Backlog(1_200_000, 341, 4_519, true).isGoneInTime(OPTIONS)).isFalse();
    assertThat(new Backlog(1_200_000, 300, 5_000, false).isGoneInTime(OPTIONS)).isFalse();
  }

  /** Four times as long as it needs, as its own slow speed would excuse. */
  @Test
  void aSlowDrainDoesNotExcuseItself() {
    List<SoakSample> steady = report(i -> 2, i -> 100).steady();
    var slow = new Backlog(1_200_000, 1_200, 2_000, true);
    assertThat(slow.isGoneInTime(OPTIONS)).isFalse();
    assertThat(with(steady, steady, IN_TIME).holds()).isTrue();
    assertThat(with(steady, steady, slow).holds()).isFalse();
  }

  @Test
  void memoryIsBoundedInTheOverloadToo() {
    assertThat(overloaded(new MemoryUse(BOUND, BOUND), 0.5).holds()).isTrue();
    SoakReport beyond = overloaded(new MemoryUse(BOUND + 1, BOUND), 0.5);
    assertThat(beyond.flatMemory()).isTrue();
    assertThat(beyond.boundedMemory()).isFalse();
    assertThat(beyond.holds()).isFalse();
    assertThat(beyond.memory().get("agg-1")).isEqualTo(new MemoryUse(BOUND + 1, BOUND));
  }

  @Test
  void aSpoolIsNoFullerThanItsLimit() {
    var memory = new MemoryUse(BOUND, BOUND);
    assertThat(overloaded(memory, 1.001).holds()).isTrue();
    assertThat(overloaded(memory, 1.02).boundedSpool()).isFalse();
    assertThat(overloaded(memory, 1.02).holds()).isFalse();
  }

  @Test
  void thePageHasEveryProcessAndTheFigures() throws Exception {
    SoakReport report = report(i -> 2, i -> 100);
    String summary = new ObjectMapper().writeValueAsString(report.summary());
    assertThat(SoakPage.html(report, summary))
        .contains("agg-1", "broker", "It holds.", "agg-1 500 of 1,344 MiB")
        .contains("\"backlogSeconds\":300.0", "\"backlogNeededSeconds\":300.0")
        .contains("\"agg-1\":{\"most\":500,\"bound\":1344}")
        .contains("\"broker\":{\"first\":60.0,\"last\":60.0}")
        .contains("\"diskMebibytes\":{\"bank-a\":{\"first\":2.0,\"last\":401.0},\"broker\"")
        .contains("\"mostDiskMebibytes\":{\"bank-a\":{\"most\":401,\"bound\":512},\"broker\"")
        .contains("\"brokerDiskMebibytes\":{\"first\":339.0,\"last\":339.0}")
        .contains("On the disk: bank-a 401 of 512 MiB, broker 339 of 1,024 MiB.")
        .doesNotContain("NaN", "http-equiv", "src=");
  }
}
