package org.concordat.agent.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.SourcePosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CsvSourceTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return file(text.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("a.csv"), bytes);
  }

  private static String tailId(byte[] tail) {
    return HexFormat.of().formatHex(tail);
  }

  /** The position that is stored with a record. */
  private SourcePosition stored(CsvSource source, SourceRecord record) {
    try (AgentStore store = TestStores.open(folder.resolve("data"))) {
      var group = new StoreGroup();
      Objects.requireNonNull(record.bookmark()).change().accept(group);
      store.commit(group);
      return store.source(source.positionName());
    }
  }

  /** Every record as its cells, or as the code of its refusal, with the line where it begins. */
  private static List<String> read(Path path) throws IOException {
    try (var source = CsvSource.open(path, false, () -> false)) {
      return rest(source);
    }
  }

  private static List<String> rest(CsvSource source) {
    var all = new ArrayList<String>();
    for (var record = source.next(); record != null; record = source.next()) {
      Problem refusal = record.refusal();
      all.add(
          record.place().line()
              + ": "
              + (refusal == null ? String.join("|", record.cells()) : refusal.code().label()));
    }
    return all;
  }

  @Test
  void readsQuotesCommasAndBothLineEnds() throws IOException {
    assertThat(read(file("a,b\r\n1,\"x, y\"\r\n2,\"say \"\"hi\"\"\"\n3,\n,\"\"\n")))
        .containsExactly("2: 1|x, y", "3: 2|say \"hi\"", "4: 3|", "5: |");
  }

  @Test
  void aQuotedCellMayHoldLineEnds() throws IOException {
    assertThat(read(file("a,b\n1,\"x\r\ny\n\nz\"\n2,b\n")))
        .containsExactly("2: 1|x\r\ny\n\nz", "6: 2|b");
  }

  @Test
  void skipsAByteOrderMarkAndEmptyLines() throws IOException {
    Path path = file("\uFEFFa,b\n\n1,2\n\r\n\n3,4\n\n");
    try (var source = CsvSource.open(path, false, () -> false)) {
      assertThat(source.header()).containsExactly("a", "b");
      assertThat(rest(source)).containsExactly("3: 1|2", "6: 3|4");
    }
  }

  @Test
  void theLastLineNeedsNoEnd() throws IOException {
    assertThat(read(file("a,b\n1,2"))).containsExactly("2: 1|2");
    assertThat(read(file("a,b\n1,\"2\""))).containsExactly("2: 1|2");
    assertThat(read(file("a,b"))).isEmpty();
  }

  @Test
  void aLoneCarriageReturnEndsALine() throws IOException {
    assertThat(read(file("a,b\r1,2\r3,4\r5,6"))).containsExactly("2: 1|2", "3: 3|4", "4: 5|6");
  }

  @Test
  void brokenUtf8CostsItsOwnRecordOnly() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("a,b\n1,J\u00fcrgen \u20ac\n2,".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xFC);
    bytes.writeBytes("\n3,".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xC3);
    bytes.writeBytes("\n4,\u4e2d\n".getBytes(StandardCharsets.UTF_8));
    assertThat(read(file(bytes.toByteArray())))
        .containsExactly("2: 1|J\u00fcrgen \u20ac", "3: CDT-301", "4: CDT-301", "5: 4|\u4e2d");
  }

  @Test
  void anotherNumberOfColumnsIsRefused() throws IOException {
    assertThat(read(file("a,b\n1\n1,2\n1,2,3\n")))
        .containsExactly("2: CDT-303", "3: 1|2", "4: CDT-303");
  }

  @Test
  void textAfterAClosingQuoteIsRefusedAlone() throws IOException {
    assertThat(read(file("a,b\n1,\"x\"y\n2,z\n"))).containsExactly("2: CDT-302", "3: 2|z");
  }

  @Test
  void aQuoteThatIsNeverClosedCostsOneLine() throws IOException {
    assertThat(read(file("a,b\n1,\"x\n2,y\n3,z\n")))
        .containsExactly("2: CDT-302", "3: 2|y", "4: 3|z");
    String many = "4,w\n".repeat(CsvSource.RECORD_BYTES_MAX / 4);
    List<String> records = read(file("a,b\n1,\"x\n" + many));
    assertThat(records).hasSize(1 + CsvSource.RECORD_BYTES_MAX / 4);
    assertThat(records.getFirst()).isEqualTo("2: CDT-304");
    assertThat(records.getLast()).endsWith("4|w");
  }

  @Test
  void aLongRecordIsRefusedAtOneByteTooMany() throws IOException {
    String full = "x".repeat(CsvSource.RECORD_BYTES_MAX - 3);
    List<String> records = read(file("a,b\n1," + full + "\n2,y\n1,x" + full + "\n3,z\n"));
    assertThat(records.get(0)).startsWith("2: 1|x");
    assertThat(records.subList(1, 4)).containsExactly("3: 2|y", "4: CDT-304", "5: 3|z");
  }

  @Test
  void aVeryLongLineIsPassedOver() throws IOException {
    String line = "y".repeat(1_000_000);
    assertThat(read(file("a,b\n" + line + "\n1,2\n" + line)))
        .containsExactly("2: CDT-304", "3: 1|2", "4: CDT-304");
  }

  @Test
  void aRefusedRecordKeepsItsBytes() throws IOException {
    Path path = file("a,b\n1,\"x\"y\r\n2,z\n");
    try (var source = CsvSource.open(path, false, () -> false)) {
      var record = Objects.requireNonNull(source.next());
      assertThat(new String(record.raw(), StandardCharsets.UTF_8)).isEqualTo("1,\"x\"y\r\n");
      assertThat(record.toString()).isEqualTo("SourceRecord[a.csv:2]");
    }
  }

  @Test
  void noHeaderAndNoFileAreRefused() throws IOException {
    Path empty = file("");
    assertThatThrownBy(() -> CsvSource.open(empty, false, () -> false))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(Code.CDT_305.label());
    assertThatThrownBy(() -> CsvSource.open(folder.resolve("none"), false, () -> false))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(Code.CDT_101.label());
  }

  @Test
  void readingGoesOnAfterAnyRecord() throws IOException {
    Path path = file("\uFEFFa,b\n1,\"x\ny\"\n\nbad\n2,\"q\"q\n3,\"open\n4,\u00e9\r\n\r\n5,\r6,z");
    List<String> all = read(path);
    assertThat(all).hasSize(7);
    for (int stop = 0; stop < all.size(); stop++) {
      SourcePosition position = SourcePosition.START;
      try (var source = CsvSource.open(path, false, () -> false)) {
        source.resume(position, CsvSourceTest::tailId);
        for (int i = 0; i < stop; i++) {
          var record = Objects.requireNonNull(source.next());
          position = stored(source, record);
        }
      }
      try (var source = CsvSource.open(path, false, () -> false)) {
        source.resume(position, CsvSourceTest::tailId);
        assertThat(rest(source)).as("after %s", stop).isEqualTo(all.subList(stop, all.size()));
      }
    }
  }

  @Test
  void aReplacedOrShortenedFileIsNoticed() throws IOException {
    Path path = file("a,b\n1,2\n3,4\n");
    SourcePosition position;
    try (var source = CsvSource.open(path, false, () -> false)) {
      source.resume(SourcePosition.START, CsvSourceTest::tailId);
      var record = Objects.requireNonNull(source.next());
      position = stored(source, record);
    }
    for (String other : List.of("a,b\n1,3\n3,4\n", "a,b\n", "a,c\n1,2\n3,4\n")) {
      file(other);
      try (var source = CsvSource.open(path, false, () -> false)) {
        assertThatThrownBy(() -> source.resume(position, CsvSourceTest::tailId))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining(Code.CDT_306.label());
      }
    }
    file("a,b\n1,2\n3,4\n5,6\n");
    try (var source = CsvSource.open(path, false, () -> false)) {
      source.resume(position, CsvSourceTest::tailId);
      assertThat(rest(source)).containsExactly("3: 3|4", "4: 5|6");
    }
  }

  /** Done once, when a source is at its file's end and asks whether it is to stop. */
  private static BooleanSupplier atTheEnd(Change change) {
    var done = new AtomicBoolean();
    return () -> {
      try {
        if (done.compareAndSet(false, true)) {
          change.make();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return false;
    };
  }

  private interface Change {
    void make() throws IOException;
  }

  @Test
  void aFollowedFileThatIsReplacedByRenamingIsNoticed() throws IOException {
    Path path = file("a,b\n1,2\n");
    BooleanSupplier replacing = atTheEnd(() -> appendAndReplace(path));
    try (var source = CsvSource.open(path, true, replacing)) {
      source.resume(SourcePosition.START, CsvSourceTest::tailId);
      assertThat(Objects.requireNonNull(source.next()).cells()).containsExactly("1", "2");
      assertThat(Objects.requireNonNull(source.next()).cells()).containsExactly("3", "4");
      assertThat(source.endBytes()).isEqualTo("a,b\n1,2\n3,4\n".length());
      assertThatThrownBy(source::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(Code.CDT_306.label())
          .hasMessageContaining("line 3");
    }
  }

  @Test
  void whatIsWrittenJustBeforeARenamingIsRead() throws IOException {
    Path path = file("a,b\n1,2\n");
    BooleanSupplier replacing = atTheEnd(() -> appendAndReplace(path));
    // When the file is about to be looked for by its name.
    var firstNanos = new AtomicLong();
    BooleanSupplier late =
        () -> {
          firstNanos.compareAndSet(0, System.nanoTime());
          return System.nanoTime() - firstNanos.get() >= LineFile.LOOK_NANOS
              && replacing.getAsBoolean();
        };
    try (var source = CsvSource.open(path, true, late)) {
      source.resume(SourcePosition.START, CsvSourceTest::tailId);
      assertThat(Objects.requireNonNull(source.next()).cells()).containsExactly("1", "2");
      assertThat(Objects.requireNonNull(source.next()).cells()).containsExactly("3", "4");
      assertThatThrownBy(source::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(Code.CDT_306.label());
    }
  }

  @Test
  void aRecordIsWaitedForOnlyWhereTheFileHadEnded() throws IOException {
    Path path = file("a,b\n1,2\n3,4\n");
    try (var source = CsvSource.open(path, true, atTheEnd(() -> append(path, "5,6\n7,8\n")))) {
      List<Boolean> waited = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        assertThat(source.next()).isNotNull();
        waited.add(source.waited());
      }
      assertThat(waited).containsExactly(false, false, true, false);
    }
  }

  @Test
  void aFollowedFileGivesCompleteLinesAsTheyCome() throws Exception {
    Path path = file("a,b\n1,2\n3,");
    var stopping = new AtomicBoolean();
    var records = new ArrayBlockingQueue<String>(10);
    var reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  var source = CsvSource.open(path, true, stopping::get);
                  for (var r = source.next(); r != null; r = source.next()) {
                    records.add(r.place().line() + ": " + String.join("|", r.cells()));
                  }
                  records.add("end");
                });
    assertThat(records.poll(30, TimeUnit.SECONDS)).isEqualTo("2: 1|2");
    append(path, "4\n5,\"x");
    assertThat(records.poll(30, TimeUnit.SECONDS)).isEqualTo("3: 3|4");
    append(path, "\ny\"\n6,7");
    assertThat(records.poll(30, TimeUnit.SECONDS)).isEqualTo("4: 5|x\ny");
    stopping.set(true);
    assertThat(records.poll(30, TimeUnit.SECONDS)).as("the last isn't complete").isEqualTo("end");
    reader.join();
  }

  /**
   * Appends a line, then puts another file in its place, as a program that rotates its files does.
   */
  private void appendAndReplace(Path path) throws IOException {
    append(path, "3,4\n");
    Files.move(path, folder.resolve("a.csv.1"));
    Files.writeString(path, "a,b\n5,6\n");
  }

  private static void append(Path path, String text) throws IOException {
    Files.writeString(path, text, StandardOpenOption.APPEND);
  }
}
