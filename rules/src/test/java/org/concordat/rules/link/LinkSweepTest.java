package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a sweep has written is what was remembered as it began, whatever came meanwhile. */
class LinkSweepTest {
  private static final int BEFORE = LinkMemoryTest.BATCHES / 2;

  private static LinkSpec spec(String rules) {
    return RuleSet.load(Path.of("src/main/rulesets", rules)).plan().link().orElseThrow();
  }

  private static LinkMemory memory(LinkSpec spec) {
    return LinkMemory.of(spec, 1, true, List.of());
  }

  /** Derives and undoes rows of another time, then those that stand. */
  private static void follow(LinkMemory memory, List<LinkRows> batches, int batch) {
    memory.derive(batches.get((batch + 2) % batches.size()));
    memory.derive(batches.get(batch));
    memory.rollback();
    memory.derive(batches.get(batch));
    LinkState.Counters derived = memory.counters();
    memory.rollback();
    memory.again(batches.get(batch), derived.cutShort() - memory.counters().cutShort());
    assertThat(memory.counters()).isEqualTo(derived);
    memory.commit();
  }

  @ParameterizedTest
  @CsvSource({
    "network, 7",
    "network, 1000000",
    "typologies, 1",
    "typologies, 13",
    "network-hidden, 1",
    "network-hidden, 50"
  })
  void writesWhatWasRemembered(String rules, int recordsMax) {
    LinkSpec spec = spec(rules);
    var random = new SplittableRandom(Seeds.seed());
    List<LinkRows> batches = new ArrayList<>();
    for (int batch = 0; batch <= LinkMemoryTest.BATCHES; batch++) {
      batches.add(LinkMemoryTest.batch(spec, batch, random));
    }
    LinkMemory before = memory(spec);
    for (int batch = 0; batch < BEFORE; batch++) {
      follow(before, batches, batch);
    }
    List<long[]> pages = new ArrayList<>();
    LinkSweep sweep = before.sweep(pages::add);
    assertThat(sweep.on(recordsMax)).isEqualTo(recordsMax == 1_000_000);
    LinkState.Counters counted = before.counters();
    // Half a month, in which some are forgotten and all others change.
    for (int batch = BEFORE; batch < LinkMemoryTest.BATCHES; batch++) {
      follow(before, batches, batch);
      sweep.on(random.nextInt(recordsMax));
    }
    while (!sweep.on(recordsMax)) {
      assertThat(pages.size()).isLessThan(1_000);
    }

    LinkMemory after = memory(spec);
    pages.forEach(after::load);
    assertThat(after.counters()).isEqualTo(counted);
    assertThat(counted.entities()).isPositive();
    for (int batch = BEFORE; batch < LinkMemoryTest.BATCHES; batch++) {
      after.remember(batches.get(batch));
    }
    assertThat(after.counters().entities()).isEqualTo(before.counters().entities());
    assertThat(after.counters().repeated()).isEqualTo(before.counters().repeated());
    List<String> wanted = LinkMemoryTest.seen(spec, before.derive(batches.getLast()));
    assertThat(wanted).anyMatch(number -> !number.endsWith(" 0"));
    assertThat(LinkMemoryTest.seen(spec, after.derive(batches.getLast()))).isEqualTo(wanted);
  }

  @Test
  void writesEachRecordOnce() {
    LinkSpec spec = spec("network");
    LinkMemory memory = memory(spec);
    LinkRows rows = LinkMemoryTest.batch(spec, 0, new SplittableRandom(Seeds.seed()));
    memory.remember(rows);
    List<long[]> pages = new ArrayList<>();
    LinkSweep sweep = memory.sweep(pages::add);
    memory.derive(rows);
    memory.rollback();
    assertThat(sweep.on(Integer.MAX_VALUE)).isTrue();
    LinkMemory twice = memory(spec);
    pages.forEach(twice::load);
    long[] table = pages.getLast();
    assertThatIllegalArgumentException().isThrownBy(() -> twice.load(table));
  }

  @Test
  void whatIsGivenUpWritesNothing() {
    LinkSpec spec = spec("network");
    LinkMemory memory = memory(spec);
    LinkRows rows = LinkMemoryTest.batch(spec, 0, new SplittableRandom(Seeds.seed()));
    memory.remember(rows);
    List<long[]> pages = new ArrayList<>();
    LinkSweep sweep = memory.sweep(pages::add);
    int written = pages.size();
    sweep.giveUp();
    memory.derive(rows);
    memory.commit();
    assertThat(pages).hasSize(written);
    // Another one begins anew.
    List<long[]> again = new ArrayList<>();
    assertThat(memory.sweep(again::add).on(Integer.MAX_VALUE)).isTrue();
    assertThat(again.stream().mapToInt(page -> page.length).sum())
        .isGreaterThan(pages.stream().mapToInt(page -> page.length).sum());
  }

  @Test
  void isOfWhatStandsAlone() {
    LinkSpec spec = spec("network");
    LinkMemory memory = memory(spec);
    LinkRows rows = LinkMemoryTest.batch(spec, 0, new SplittableRandom(Seeds.seed()));
    memory.derive(rows);
    assertThatIllegalStateException().isThrownBy(() -> memory.sweep(page -> {}));
    LinkMemory hidden = memory(spec("network-hidden"));
    hidden.derive(LinkMemoryTest.batch(spec("network-hidden"), 0, new SplittableRandom(1)));
    assertThatIllegalStateException().isThrownBy(() -> hidden.sweep(page -> {}));
  }

  @Test
  void aTableOfOtherRecordsTakesNoPage() {
    var table = new EntityTable(3, 10);
    List<long[]> pages = new ArrayList<>();
    table.mark();
    table.change(7);
    table.commit();
    table.sweep(2, pages::add);
    assertThat(table.sweepOn(2)).isEqualTo(1);
    assertThat(pages).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EntityTable(4, 10).load(pages.getFirst()));
    var same = new EntityTable(3, 10);
    same.load(pages.getFirst());
    assertThat(same.keys()).containsExactly(7);
    assertThatIllegalStateException().isThrownBy(() -> same.sweepOn(1));
  }

  /**
   * Whoever reads a page of another build reads what that one meant. If this differs and the rule
   * set is the same, raise {@link LinkSweep#FORMAT}.
   */
  @Test
  void pagesOfThisFormatAreThese() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (String rules : List.of("network", "network-hidden")) {
      LinkSpec spec = spec(rules);
      LinkMemory memory = memory(spec);
      memory.remember(LinkMemoryTest.batch(spec, 0, new SplittableRandom(1)));
      LinkSweep sweep =
          memory.sweep(
              page ->
                  Arrays.stream(page)
                      .forEach(
                          word ->
                              sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(word).flip())));
      assertThat(sweep.on(Integer.MAX_VALUE)).isTrue();
    }
    assertThat(LinkSweep.FORMAT).isEqualTo(1);
    assertThat(HexFormat.of().formatHex(sha256.digest())).startsWith("e7245204c0bb23cb3cf9cea3");
  }

  @Test
  void pagesHoldWholeEntriesAndNoEmptyOnes() {
    List<long[]> pages = new ArrayList<>();
    var writer = new PageWriter(5, pages::add);
    writer.end();
    assertThat(pages).isEmpty();
    for (int entry = 0; entry < 3; entry++) {
      writer.entry(10_000);
      for (int word = 0; word < 10_000; word++) {
        writer.put(word);
      }
    }
    writer.entry(100_000);
    writer.put(7);
    writer.end();
    assertThat(pages.stream().map(page -> page.length)).containsExactly(10_001, 10_001, 10_001, 2);
    assertThat(pages).allMatch(page -> page[0] == 5);
    assertThat(Arrays.copyOfRange(pages.get(3), 1, 2)).containsExactly(7);
  }
}
