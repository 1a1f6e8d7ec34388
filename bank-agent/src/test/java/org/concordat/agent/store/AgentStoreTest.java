package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.concordat.agent.LoggedFailures;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;

class AgentStoreTest {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final BlockPosition FIRST = new BlockPosition(2, 0);

  @TempDir Path data;

  @Test
  void aRowReaderFindsWhatTheStoreFindsWhateverTheOrder() {
    try (AgentStore store = TestStores.open(data)) {
      for (int sequence = 0; sequence < 3; sequence++) {
        store.commit(
            TestStores.spool(
                new StoreGroup(),
                new BlockPosition(0, sequence),
                TestStores.row(2 * sequence, 0),
                TestStores.row(2 * sequence + 1, 0)));
      }
      RowReader reader = store.rowReader();
      for (long number : new long[] {0, 1, 4, 3, 3, 5, 2, 99, 0}) {
        byte[] id = TestStores.row(number, 0).transactionId();
        assertThat(reader.row(id).map(JournalRow::reference))
            .as("row %d", number)
            .isEqualTo(store.row(id).map(JournalRow::reference))
            .matches(found -> found.isPresent() == number < 6);
      }
    }
  }

  @Test
  void aClosedStoreRefusesInsteadOfEndingTheProcess() {
    AgentStore store = TestStores.open(data);
    store.close();
    store.close();
    for (Runnable use :
        List.<Runnable>of(
            () -> store.commit(TestStores.spool(new StoreGroup(), FIRST, TestStores.row(1, 10))),
            () -> store.row(TestStores.row(1, 10).transactionId()),
            () -> store.copy(FIRST, 1),
            () -> store.values("setup/"),
            () -> store.history().find(Id.of(new byte[Id.BYTES]), Id.of(new byte[Id.BYTES])))) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The store is closed.");
    }
  }

  @Test
  void whatALaterReleaseKeepsStaysWhenThisOneRuns() throws Exception {
    byte[] key = {1};
    TestStores.open(data).close();
    List<ColumnFamilyDescriptor> families;
    try (var memory = new StoreMemory(StoreLimits.MEMORY_BYTES)) {
      families = Family.descriptors(memory);
    }
    families.add(new ColumnFamilyDescriptor("of-a-later-release".getBytes(StandardCharsets.UTF_8)));
    try (var options = new DBOptions().setCreateMissingColumnFamilies(true)) {
      var handles = new ArrayList<ColumnFamilyHandle>();
      String folder = Database.folder(data).toString();
      try (var later = RocksDB.open(options, folder, families, handles)) {
        later.put(handles.getLast(), key, key);
        handles.forEach(ColumnFamilyHandle::close);
      }
      try (var store = TestStores.open(data)) {
        assertThat(store.unscoredBlocks()).isZero();
      }
      handles.clear();
      try (var later = RocksDB.open(options, folder, families, handles)) {
        assertThat(later.get(handles.getLast(), key)).isEqualTo(key);
        handles.forEach(ColumnFamilyHandle::close);
      }
    }
  }

  @Test
  void memoryOutsideTheHeapIsBoundedHoweverMuchIsTaken() {
    long most = 8L << 20;
    try (var store = AgentStore.open(data, TestStores.box(1), TestStores.limitsOfMemory(most), 3)) {
      long row = 0;
      for (int sequence = 0; sequence < 50; sequence++) {
        var rows = new JournalRow[2_000];
        for (int r = 0; r < rows.length; r++) {
          rows[r] = TestStores.row(row++, 10);
        }
        var group = new StoreGroup();
        store.commit(TestStores.spool(group, new BlockPosition(0, sequence), rows));
      }
      for (long r = 0; r < row; r += 97) {
        assertThat(store.seenContent(new Id(r, ~r))).isPresent();
      }
      // Of each block once: a row's whole block is opened for it.
      for (long r = 0; r < row; r += 1_999) {
        assertThat(store.row(TestStores.row(r, 10).transactionId())).isPresent();
      }
      // Some 15 MB were written; buffers grow on while others are written to tables.
      assertThat(store.memoryBytes()).isBetween(1L, most + (4L << 20));
    }
  }

  @Test
  void aGroupIsThereAfterAReopening() {
    try (var store = TestStores.open(data)) {
      var group = TestStores.spool(new StoreGroup(), FIRST, TestStores.row(1, 10));
      group.source("a.csv", new SourcePosition(77, 3, 2, "0102"));
      group.count(new Tally(Tally.Outcome.REFUSED, "CDT-303"), 2);
      store.commit(group);
      store.commit(new StoreGroup().count(new Tally(Tally.Outcome.REFUSED, "CDT-303"), 3));
    }
    try (var store = TestStores.open(data)) {
      assertThat(store.nextSequence(2)).isEqualTo(1);
      assertThat(store.nextSequence(0)).isZero();
      assertThat(store.source("a.csv")).isEqualTo(new SourcePosition(77, 3, 2, "0102"));
      assertThat(store.source("b.csv")).isEqualTo(SourcePosition.START);
      assertThat(store.tally(new Tally(Tally.Outcome.REFUSED, "CDT-303"))).isEqualTo(5);
      assertThat(store.unscored()).singleElement().extracting("rows").isEqualTo(1);
      assertThat(store.spoolBytes()).isPositive();
      assertThat(new String(store.copy(FIRST, 1).orElseThrow(), StandardCharsets.UTF_8))
          .endsWith("for 1");
      var row = store.row(TestStores.row(1, 10).transactionId()).orElseThrow();
      assertThat(row.reference()).isEqualTo("reference-1");
      assertThat(row.fields()).containsExactly(1, -1, Long.MIN_VALUE, Long.MAX_VALUE);
      assertThat(row.acceptedMillis()).isEqualTo(10);
      assertThat(store.seenContent(new Id(1, ~1L))).contains(new Id(1, 7));
      assertThat(store.seenContent(new Id(2, ~2L))).isEmpty();
    }
  }

  /** What a kill leaves: the files as they are on the disk while the store is open. */
  @Test
  void everyCommittedGroupSurvivesAKill(@TempDir Path copy) throws IOException {
    try (var store = TestStores.open(data)) {
      for (int i = 0; i < 50; i++) {
        store.commit(
            TestStores.spool(new StoreGroup(), new BlockPosition(0, i), TestStores.row(i, i))
                .source("a.csv", new SourcePosition(i + 1, i, 0, "")));
        if (i % 7 == 0) {
          Path snapshot = copy.resolve("at-" + i);
          copy(data, snapshot);
          try (var killed = TestStores.open(snapshot)) {
            assertThat(killed.nextSequence(0)).isEqualTo(i + 1);
            assertThat(killed.source("a.csv").offsetBytes()).isEqualTo(i + 1);
            assertThat(killed.unscored()).hasSize(i + 1);
            assertThat(killed.journal(new BlockPosition(0, i))).isPresent();
          }
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (!file.endsWith("LOCK")) {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  void scoredBlocksLeaveTheSpoolAndKeepTheirRows() {
    try (var store = TestStores.open(data)) {
      store.commit(TestStores.spool(new StoreGroup(), FIRST, TestStores.row(1, 10)));
      assertThat(store.oldestUnscoredMillis()).contains(10L);
      store.commit(new StoreGroup().scored(FIRST, TestStores.CUT));
      assertThat(store.unscored()).isEmpty();
      assertThat(store.spoolBytes()).isZero();
      assertThat(store.copy(FIRST, 0)).isEmpty();
      assertThat(store.journal(FIRST)).isPresent();
      assertThat(store.oldestUnscoredMillis()).isEmpty();
    }
  }

  /** As after a run with a larger heap. */
  @Test
  void moreBlocksThanTheBoundAreReadAndCounted() {
    try (var store = TestStores.open(data)) {
      for (int i = 0; i < 3; i++) {
        store.commit(
            TestStores.spool(new StoreGroup(), new BlockPosition(i, 0), TestStores.row(i, 10 - i)));
      }
    }
    try (var store = AgentStore.open(data, TestStores.box(1), TestStores.limitsOfBlocks(2), 3)) {
      assertThat(store.unscored()).hasSize(3);
      assertThat(store.spoolFill()).isEqualTo(1.5);
      assertThat(store.oldestUnscoredMillis()).contains(8L);
      store.commit(new StoreGroup().scored(new BlockPosition(2, 0), TestStores.CUT));
      assertThat(store.spoolFill()).isEqualTo(1.0);
      assertThat(store.oldestUnscoredMillis()).contains(9L);
    }
  }

  @Test
  void theSpoolIsAsFullAsTheNearerOfItsBounds() {
    try (var store = TestStores.open(data)) {
      assertThat(store.spoolFill()).isZero();
      store.commit(TestStores.spool(new StoreGroup(), FIRST, TestStores.row(1, 10)));
    }
    try (var store =
        AgentStore.open(data, TestStores.box(1), TestStores.limits(1L << 10, 1L << 30), 3)) {
      assertThat(store.spoolFill()).isEqualTo(store.spoolBytes() / 1024.0);
    }
    try (var store = AgentStore.open(data, TestStores.box(1), TestStores.limitsOfBlocks(4), 3)) {
      assertThat(store.spoolFill()).isEqualTo(0.25);
    }
  }

  @Test
  void aReplacedBlockGoesAndItsRowsAreFoundInTheNewOne() {
    var second = new BlockPosition(2, 1);
    var row = TestStores.row(1, 10);
    try (var store = TestStores.open(data)) {
      store.commit(TestStores.spool(new StoreGroup(), FIRST, row));
      store.commit(TestStores.spool(new StoreGroup(), second, row).drop(FIRST));
      assertThat(store.journal(FIRST)).isEmpty();
      assertThat(store.unscored(FIRST)).isEmpty();
      assertThat(store.firstUnscored(2, 0).orElseThrow().position()).isEqualTo(second);
      assertThat(store.row(row.transactionId())).isPresent();
    }
  }

  @Test
  void sessionsIncreaseStrictly() {
    try (var store = TestStores.open(data)) {
      assertThat(store.nextSession()).isEqualTo(1);
      assertThat(store.nextSession()).isEqualTo(2);
    }
    try (var store = TestStores.open(data)) {
      assertThat(store.nextSession()).isEqualTo(3);
    }
  }

  @Test
  void namedValuesAreFoundByTheirBeginning() {
    try (var store = TestStores.open(data)) {
      store.put("setup/1/a", new byte[] {1});
      store.put("setup/1/b", new byte[] {2});
      store.put("setuq", new byte[] {3});
      assertThat(store.values("setup/")).containsOnlyKeys("setup/1/a", "setup/1/b");
      assertThat(store.get("setuq")).contains(new byte[] {3});
      assertThat(store.get("none")).isEmpty();
    }
  }

  @Test
  void deliveredAlertsAreRemembered() {
    byte[] id = new Id(4, 4).bytes();
    try (var store = TestStores.open(data)) {
      assertThat(store.delivered(id)).isFalse();
      store.markDelivered(List.of(id), Map.of("next/0", new byte[] {9}), 5);
    }
    try (var store = TestStores.open(data)) {
      assertThat(store.delivered(id)).isTrue();
      assertThat(store.alertProgress("next/0")).contains(new byte[] {9});
    }
  }

  @Test
  void whatIsOlderThanTheHorizonGoes() {
    byte[] alert = new Id(4, 4).bytes();
    try (var store = TestStores.open(data)) {
      for (int i = 0; i < 4; i++) {
        store.commit(
            TestStores.spool(
                new StoreGroup(), new BlockPosition(i % 2, i / 2), TestStores.row(i, i * DAY)));
      }
      // Block (1, 0) isn't scored: its rows stay whatever their age.
      store.commit(
          new StoreGroup()
              .scored(new BlockPosition(0, 0), TestStores.CUT)
              .scored(new BlockPosition(0, 1), TestStores.CUT));
      store.markDelivered(List.of(alert), Map.of(), 0);
      int gone = store.expire(36 * DAY + 1, 100);
      assertThat(gone).isEqualTo(1);
      assertThat(store.journal(new BlockPosition(0, 0))).isEmpty();
      assertThat(store.seenContent(new Id(0, ~0L))).isEmpty();
      assertThat(store.journal(new BlockPosition(1, 0))).isPresent();
      assertThat(store.seenContent(new Id(1, ~1L))).isPresent();
      assertThat(store.journal(new BlockPosition(0, 1))).isPresent();
      assertThat(store.delivered(alert)).isFalse();
    }
  }

  @Test
  void whatWasScoredLateStaysForItsAlerts() {
    long now = 40 * DAY;
    long[] known = {now - DAY, now - DAY + 1, now + DAY - 1, now + DAY};
    try (var store = TestStores.open(data)) {
      for (int i = 0; i < known.length; i++) {
        var position = new BlockPosition(0, i);
        store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(i, 0)));
        store.commit(new StoreGroup().scored(position, new Scored(i, 0, known[i])));
      }
      assertThat(store.expire(now, 100)).isEqualTo(2);
      for (int i = 0; i < known.length; i++) {
        assertThat(store.row(new Id(i, ~i).bytes()).isPresent())
            .as("row %d", i)
            .isEqualTo(i == 1 || i == 2);
      }
      assertThat(store.expire(now + 1, 100)).isEqualTo(1);
      assertThat(store.expire(now + 2 * DAY - 1, 100)).isEqualTo(1);
    }
  }

  @Test
  void whatAnEarlierReleaseWroteOfACutIsRead() {
    var scored = new Scored(1, 2, 3);
    assertThat(Scored.of(scored.value())).isEqualTo(scored);
    byte[] earlier = Arrays.copyOf(scored.value(), 2 * Long.BYTES);
    assertThat(Scored.of(earlier)).isEqualTo(new Scored(1, 2, 2));
  }

  @Test
  void expiryKeepsToItsMostBlocks() {
    try (var store = TestStores.open(data)) {
      for (int i = 0; i < 5; i++) {
        var position = new BlockPosition(0, i);
        store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(i, 0)));
        store.commit(new StoreGroup().scored(position, TestStores.CUT));
      }
      assertThat(store.expire(40 * DAY, 2)).isEqualTo(2);
      assertThat(store.expire(40 * DAY, 2)).isEqualTo(2);
      assertThat(store.expire(40 * DAY, 2)).isEqualTo(1);
      assertThat(store.expire(40 * DAY, 2)).isZero();
    }
  }

  @Test
  void blocksWithATimeToComeHoldUpNoneBehindThem() {
    int last = Expiry.AHEAD_MAX + 3;
    long year = 365 * DAY;
    try (var store = TestStores.open(data)) {
      var spooled = new StoreGroup();
      var scored = new StoreGroup();
      for (int i = 0; i <= last; i++) {
        var position = new BlockPosition(0, i);
        long millis = i == 0 || i == last ? DAY : year;
        TestStores.spool(spooled, position, TestStores.row(i, millis));
        scored.scored(position, TestStores.CUT);
      }
      // Behind one of another partition, which has that many of its own.
      for (int i = 0; i < 2; i++) {
        var position = new BlockPosition(1, i);
        TestStores.spool(spooled, position, TestStores.row(last + 1 + i, i == 0 ? year : DAY));
        scored.scored(position, TestStores.CUT);
      }
      store.commit(spooled);
      store.commit(scored);
      assertThat(store.expire(37 * DAY, 100)).isEqualTo(2);
      assertThat(store.journal(new BlockPosition(1, 1))).isEmpty();
      assertThat(store.journal(new BlockPosition(0, 0))).isEmpty();
      assertThat(store.journal(new BlockPosition(0, last))).as("in the next round").isPresent();
      assertThat(store.expire(37 * DAY, 100)).isEqualTo(1);
      assertThat(store.journal(new BlockPosition(0, last))).isEmpty();
      assertThat(store.expire(year + 35 * DAY, 100)).isZero();
      assertThat(store.expire(year + 35 * DAY + 1, 100)).isEqualTo(100);
      assertThat(store.journal(new BlockPosition(0, 100))).isEmpty();
      assertThat(store.journal(new BlockPosition(0, 101))).isPresent();
    }
  }

  @Test
  void aSecondAgentOnTheFolderIsRefused() {
    try (var store = TestStores.open(data)) {
      assertThatThrownBy(() -> TestStores.open(data))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(Code.CDT_351.label());
      assertThat(store.nextSession()).isEqualTo(1);
    }
  }

  @Test
  void whatIsWrongWithAStoreIsToldWithItsFolder() throws IOException {
    Path folder = Files.createDirectories(data.resolve("store"));
    Files.writeString(folder.resolve("CURRENT"), "no file's name");
    try (var logged = new LoggedFailures(Database.class)) {
      assertThatThrownBy(() -> TestStores.open(data))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(Code.CDT_353.label());
      assertThat(logged.only()).contains("Corruption", folder.toString());
    }
  }

  @Test
  void anotherStoreKeyIsRefused() {
    TestStores.open(data).close();
    assertThatThrownBy(() -> AgentStore.open(data, TestStores.box(2), TestStores.LIMITS, 3).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(Code.CDT_352.label());
    TestStores.open(data).close();
  }

  @Test
  void noPlaintextIsOnTheDisk() throws IOException {
    String canary = "Zyrfnwq-IBAN-77";
    try (var store = TestStores.open(data)) {
      var row =
          new JournalRow(
              new Id(1, 1).bytes(), null, new Id(1, 1).bytes(), canary, 0, 0, new long[] {1});
      var group = TestStores.spool(new StoreGroup(), FIRST, row);
      byte[] raw = canary.getBytes(StandardCharsets.UTF_8);
      group.deadLetter(new DeadLetter(Place.of("a.csv"), Code.CDT_302, "r", "f", raw, 0));
      store.commit(group);
    }
    var found = new ArrayList<Path>();
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        var text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (text.contains(canary)) {
          found.add(file);
        }
      }
    }
    assertThat(found).isEmpty();
    try (var reader = JournalReader.open(data, TestStores.box(1))) {
      var references = new ArrayList<String>();
      reader.blocks(block -> block.rows().forEach(row -> references.add(row.reference())));
      assertThat(references).containsExactly(canary);
    }
  }

  @Test
  void theFolderIsItsOwnersAlone() throws IOException {
    TestStores.open(data).close();
    assertThat(Files.getPosixFilePermissions(data.resolve("store")))
        .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
  }
}
