package org.concordat.schemas.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.schemas.record.ScoredSpans.Span;
import org.junit.jupiter.api.Test;

/** Which sequences a cut scores, and which cuts can't be right. */
class ScoredSpansTest {
  private static final long FAR = Long.MAX_VALUE;

  private static CutEntry entry(String bank, long first, long next) {
    return new CutEntry(bank, first, next, 0, 0L);
  }

  private static Skip skip(String bank, long first, long next) {
    return new Skip(bank, first, next, "CDT-601", List.of("agg-1"));
  }

  private static CutRecord cut(List<CutEntry> entries, List<Skip> skips) {
    RecordCodec.trustRecords();
    var none = new Digest(new byte[32]);
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(none)
        .setPartition(0)
        .setBatch(0)
        .setAttempt(0)
        .setEntries(entries)
        .setSkips(skips)
        .setHeaders(none)
        .setRuleSet(none)
        .setRuleSetVersion(1)
        .setPreviousCut(none)
        .setCut(none)
        .setCommitDay(0)
        .setAggregator("")
        .setCommittedMillis(0)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  private static Optional<Map<String, List<Span>>> spans(CutEntry entry, Skip... skips) {
    return ScoredSpans.of(cut(List.of(entry), List.of(skips)));
  }

  private static void assertWrong(CutEntry entry, Skip... skips) {
    assertThat(spans(entry, skips)).isEmpty();
  }

  @Test
  void whatIsNotSkippedIsScored() {
    assertThat(spans(entry("a", 3, 5))).contains(Map.of("a", List.of(new Span("a", 3, 5))));
    assertThat(spans(entry("a", 3, 9), skip("a", 4, 6), skip("a", 7, 8)))
        .contains(
            Map.of("a", List.of(new Span("a", 3, 4), new Span("a", 6, 7), new Span("a", 8, 9))));
    assertThat(spans(entry("a", 3, 9), skip("a", 3, 4), skip("a", 4, 9)))
        .contains(Map.of("a", List.of()));
  }

  @Test
  void spansAreInCommitOrder() {
    var entries = List.of(entry("b", 0, 2), entry("a", 7, 9));
    Map<String, List<Span>> spans =
        ScoredSpans.of(cut(entries, List.of(skip("b", 1, 2), skip("a", 7, 8)))).orElseThrow();
    assertThat(List.copyOf(spans.keySet())).containsExactly("b", "a");
    assertThat(spans)
        .containsEntry("b", List.of(new Span("b", 0, 1)))
        .containsEntry("a", List.of(new Span("a", 8, 9)));
  }

  @Test
  void theLongestSkipIsOneStep() {
    assertThat(spans(entry("a", 0, FAR), skip("a", 1, FAR)))
        .contains(Map.of("a", List.of(new Span("a", 0, 1))));
    assertThat(new Span("a", 0, FAR).blocks()).isEqualTo(FAR);
  }

  @Test
  void aSkipLiesWithinItsEntry() {
    assertWrong(entry("a", 3, 9), skip("a", 2, 4));
    assertWrong(entry("a", 3, 9), skip("a", 8, 10));
    assertWrong(entry("a", 3, 9), skip("a", 9, 10));
    assertWrong(entry("a", 3, 9), skip("b", 4, 5));
    assertWrong(entry("a", 3, 9), skip("a", 4, FAR));
  }

  @Test
  void aSkipIsNotEmpty() {
    assertWrong(entry("a", 3, 9), skip("a", 4, 4));
    assertWrong(entry("a", 3, 9), skip("a", 5, 4));
    assertWrong(entry("a", 3, 9), skip("a", 4, Long.MIN_VALUE));
    assertWrong(entry("a", 3, 9), skip("a", -1, 4));
    assertWrong(entry("a", 3, 9), skip("a", Long.MIN_VALUE, 4));
  }

  @Test
  void skipsOfABankAreApartAndInOrder() {
    assertWrong(entry("a", 3, 9), skip("a", 4, 6), skip("a", 5, 7));
    assertWrong(entry("a", 3, 9), skip("a", 4, 6), skip("a", 4, 6));
    assertWrong(entry("a", 3, 9), skip("a", 6, 7), skip("a", 4, 5));
    var entries = List.of(entry("a", 0, 2), entry("b", 0, 2));
    assertThat(ScoredSpans.of(cut(entries, List.of(skip("b", 0, 1), skip("a", 0, 1))))).isEmpty();
  }

  @Test
  void anEntryGoesForwardAndIsItsBanksOnlyOne() {
    assertWrong(entry("a", 3, 2));
    assertWrong(entry("a", 0, Long.MIN_VALUE));
    assertWrong(entry("a", -1, 2));
    var twice = List.of(entry("a", 0, 2), entry("a", 2, 4));
    assertThat(ScoredSpans.of(cut(twice, List.of()))).isEmpty();
  }
}
