package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.concordat.agent.LoggedFailures;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
  private static final long DAY = Duration.ofDays(1).toMillis();

  @TempDir Path data;

  private AgentStore open(long bytesMax) {
    var limits =
        new StoreLimits(
            1 << 30,
            bytesMax,
            Duration.ofDays(2),
            Duration.ofDays(35),
            Duration.ofHours(1),
            StoreLimits.MEMORY_BYTES,
            StoreLimits.DISK_BYTES);
    return AgentStore.open(data, TestStores.box(1), limits, 3);
  }

  private static DeadLetter letter(int line, int rawBytes, long millis) {
    return new DeadLetter(
        new Place("a.csv", line, 0),
        Code.CDT_303,
        "The row has 2 columns, the header 3.",
        Code.CDT_303.fix(),
        "x".repeat(rawBytes).getBytes(StandardCharsets.UTF_8),
        millis);
  }

  private List<Integer> lines() {
    var lines = new ArrayList<Integer>();
    try (var reader = JournalReader.open(data, TestStores.box(1))) {
      reader.deadLetters(letter -> lines.add(letter.place().line()));
    }
    return lines;
  }

  @Test
  void aLetterIsReadAsItWasWritten() {
    try (var store = open(1 << 20)) {
      store.commit(new StoreGroup().deadLetter(letter(17, 3, 5)));
      var letters = new ArrayList<DeadLetter>();
      try (var reader = JournalReader.open(data, TestStores.box(1))) {
        reader.deadLetters(letters::add);
      }
      DeadLetter read = letters.getFirst();
      assertThat(read.place()).isEqualTo(new Place("a.csv", 17, 0));
      assertThat(read.code()).isEqualTo(Code.CDT_303);
      assertThat(read.reason()).contains("2 columns");
      assertThat(read.fix()).isEqualTo(Code.CDT_303.fix());
      assertThat(read.raw()).isEqualTo("xxx".getBytes(StandardCharsets.UTF_8));
      assertThat(read.refusedMillis()).isEqualTo(5);
      assertThat(read.toString()).doesNotContain("xxx").contains("CDT-303", "a.csv:17");
    }
  }

  @Test
  void theOldestGoWhenTheBytesAreUsedUp() {
    long bytes;
    try (var store = open(1 << 20)) {
      store.commit(new StoreGroup().deadLetter(letter(1, 1000, 0)));
      bytes = store.deadLetterBytes();
    }
    try (var store = open(3 * bytes)) {
      for (int line = 2; line <= 3; line++) {
        store.commit(new StoreGroup().deadLetter(letter(line, 1000, 0)));
      }
      assertThat(lines()).as("exactly at the limit").containsExactly(1, 2, 3);
      assertThat(store.deadLettersDropped()).isZero();
      try (var logged = new LoggedFailures(DroppedLetters.class)) {
        store.commit(new StoreGroup().deadLetter(letter(4, 1000, 0)));
        assertThat(logged.only()).contains("rows=\"1\"").doesNotContain("xxx");
      }
      assertThat(lines()).containsExactly(2, 3, 4);
      assertThat(store.deadLetterBytes()).isEqualTo(3 * bytes);
      assertThat(store.deadLettersDropped()).isOne();
      store.commit(new StoreGroup().deadLetter(letter(5, (int) (4 * bytes), 0)));
      assertThat(lines()).as("one beyond the limit drops itself alone").containsExactly(2, 3, 4);
      assertThat(store.deadLettersDropped()).isEqualTo(2);
    }
    try (var store = open(2 * bytes)) {
      store.commit(new StoreGroup().deadLetter(letter(5, 1000, 0)));
      assertThat(lines()).as("after a restart with a lower limit").containsExactly(4, 5);
      assertThat(store.deadLetterCount()).isEqualTo(2);
      assertThat(store.deadLettersDropped()).as("since this start").isEqualTo(2);
    }
  }

  @Test
  void lettersGoAtTheirAge() {
    try (var store = open(1 << 20)) {
      store.commit(new StoreGroup().deadLetter(letter(1, 10, 0)).deadLetter(letter(2, 10, DAY)));
      store.expire(2 * DAY, 10);
      assertThat(lines()).containsExactly(1, 2);
      store.expire(2 * DAY + 1, 10);
      assertThat(lines()).containsExactly(2);
      assertThat(store.deadLettersDropped()).as("for want of room").isZero();
    }
  }

  @Test
  void aLowerLimitDropsNoneThatIsOfAge() {
    long bytes;
    try (var store = open(1 << 20)) {
      store.commit(new StoreGroup().deadLetter(letter(1, 1000, 0)));
      bytes = store.deadLetterBytes();
      store.commit(new StoreGroup().deadLetter(letter(2, 1000, DAY)));
      store.commit(new StoreGroup().deadLetter(letter(3, 1000, DAY)));
    }
    try (var store = open(bytes)) {
      store.expire(2 * DAY + 1, 10);
      assertThat(lines()).containsExactly(3);
      assertThat(store.deadLettersDropped()).as("but for the second").isOne();
    }
  }

  @Test
  void aLetterOfAWrongClockEndsNoOther() {
    try (var store = open(1 << 20)) {
      store.commit(new StoreGroup().deadLetter(letter(1, 10, 0)));
      store.commit(new StoreGroup().deadLetter(letter(2, 10, 400 * DAY)));
      assertThat(lines()).containsExactly(1, 2);
      store.commit(new StoreGroup().deadLetter(letter(3, 10, 1)));
      store.commit(new StoreGroup().deadLetter(letter(4, 10, DAY)));
      store.expire(2 * DAY + 2, 10);
      assertThat(lines()).as("nor keeps one").containsExactly(2, 4);
    }
  }

  @Test
  void aLongRowIsCutOff() {
    assertThat(letter(1, DeadLetter.RAW_BYTES_MAX + 1, 0).raw()).hasSize(DeadLetter.RAW_BYTES_MAX);
    assertThat(letter(1, DeadLetter.RAW_BYTES_MAX, 0).raw()).hasSize(DeadLetter.RAW_BYTES_MAX);
  }
}
