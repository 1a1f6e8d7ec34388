package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * A process that commits group after group is killed again and again, whatever it does at that
 * moment: opens the store, recovers what the last one left, or commits. Every group that it has
 * acknowledged is there, each as a whole or not at all, and none without those before it.
 */
class AgentStoreKillTest {
  private static final int KILLS = 6;

  /** One in so many comes while the store is opened. */
  private static final int OPENING = 3;

  private static final int OPENING_MILLIS_MAX = 200;

  /** That are waited for before a kill. */
  private static final int COMMITS_MAX = 40;

  private static final int COMMIT_MILLIS_MAX = 3;

  /** Of a run: an orphan ends by itself. */
  private static final int RUN_COMMITS_MAX = 100_000;

  /** Blocks that aren't scored yet: each group adds one, and takes out the one before these. */
  private static final int SPOOLED = 8;

  private static final int PARTITION = 0;
  private static final int ROWS = 2;
  private static final int AGGREGATORS = 3;
  private static final String SOURCE = "a.csv";
  private static final String COUNTER = "groups";
  private static final Tally TALLY = Tally.of(Tally.Outcome.ACCEPTED);
  private static final String OPENS = "opens";
  private static final int KILLED = 137;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path temp;

  @Test
  void whatWasAcknowledgedIsThereAndNothingByHalves() throws Exception {
    long seed = Long.getLong("concordat.seed", 1);
    var random = new SplittableRandom(seed);
    Path data = temp.resolve("data");
    unpackLibrary();
    long checked = 0;
    long least = 0;
    long most = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      String run = "seed %d, kill %d".formatted(seed, kill);
      List<Long> acknowledged = acknowledgedByTheKilled(data, random);
      if (acknowledged.isEmpty()) {
        // One may be durable that it couldn't acknowledge any more.
        most++;
      } else {
        long first = acknowledged.getFirst();
        assertThat(first).as("%s: where it went on", run).isBetween(least, most);
        least = first + acknowledged.size();
        assertThat(acknowledged).as(run).isEqualTo(LongStream.range(first, least).boxed().toList());
        most = least + 1;
      }
      // Else the next process finds what the kill has left.
      if (kill == KILLS || random.nextBoolean()) {
        try (AgentStore store = TestStores.open(data)) {
          long groups = store.nextSequence(PARTITION);
          assertThat(groups).as("%s: groups", run).isBetween(least, most);
          requireWhole(store, checked, groups, run);
          requireNothingOf(store, groups, run);
          checked = groups;
          least = groups;
          most = groups;
        }
      }
    }
    assertThat(checked).isGreaterThan(KILLS);
    try (AgentStore store = TestStores.open(data)) {
      requireWhole(store, 0, checked, "in the end");
    }
  }

  /** In a folder of libraries each process finds it: it would be most of a start to unpack it. */
  private void unpackLibrary() throws IOException {
    String name = Environment.getJniLibraryFileName("rocksdb");
    try (InputStream library = RocksDB.class.getClassLoader().getResourceAsStream(name)) {
      if (library != null) {
        Files.copy(library, temp.resolve(name));
      }
    }
  }

  /** Starts a process, kills it, and gives the numbers of the groups that it has acknowledged. */
  private List<Long> acknowledgedByTheKilled(Path data, SplittableRandom random) throws Exception {
    Path told = temp.resolve("told");
    Path log = temp.resolve("log");
    Files.deleteIfExists(told);
    boolean opening = random.nextInt(OPENING) == 0;
    int lines = opening ? 1 : 1 + random.nextInt(1, COMMITS_MAX);
    int millis = random.nextInt(opening ? OPENING_MILLIS_MAX : COMMIT_MILLIS_MAX);
    Process process = start(data, told, log);
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (lines(told).size() < lines) {
        assertThat(process.isAlive()).as(() -> "it runs: " + text(log)).isTrue();
        assertThat(System.nanoTime()).as(() -> "time: " + text(log)).isLessThan(end);
        Thread.sleep(1);
      }
      // Not for something to happen: the moment is to be any.
      Thread.sleep(millis);
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as(() -> "status: " + text(log)).isEqualTo(KILLED);
    return lines(told).stream().skip(1).map(Long::valueOf).toList();
  }

  private Process start(Path data, Path told, Path log) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-Djava.library.path=" + temp,
            // To set up logging takes longer than all that is to be seen.
            "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
            "-cp",
            System.getProperty("java.class.path"),
            Committing.class.getName(),
            data.toString(),
            told.toString())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Those that are complete. */
  private static List<String> lines(Path told) throws IOException {
    if (!Files.exists(told)) {
      return List.of();
    }
    String text = Files.readString(told, StandardCharsets.US_ASCII);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** All that a group changes; its number is that of its block. */
  private static StoreGroup group(long number) {
    var rows = new JournalRow[ROWS];
    for (int i = 0; i < ROWS; i++) {
      rows[i] = TestStores.row(number * ROWS + i, number);
    }
    StoreGroup group =
        TestStores.spool(new StoreGroup(), new BlockPosition(PARTITION, number), rows)
            .source(SOURCE, position(number + 1))
            .counter(COUNTER, number + 1)
            .count(TALLY, ROWS);
    return number < SPOOLED
        ? group
        : group.scored(new BlockPosition(PARTITION, number - SPOOLED), TestStores.CUT);
  }

  private static SourcePosition position(long groups) {
    return new SourcePosition(groups, groups, 0, "");
  }

  /** The store is as so many groups have left it; of those from a number on, each part is there. */
  private static void requireWhole(AgentStore store, long from, long groups, String run) {
    assertThat(store.source(SOURCE)).as(run).isEqualTo(position(groups));
    assertThat(store.counter(COUNTER).orElse(0L)).as(run).isEqualTo(groups);
    assertThat(store.tally(TALLY)).as(run).isEqualTo(groups * ROWS);
    long unscored = Math.max(0, groups - SPOOLED);
    assertThat(store.unscored().stream().map(block -> block.position().sequence()))
        .as("%s: blocks that aren't scored", run)
        .containsExactlyElementsOf(LongStream.range(unscored, groups).boxed().toList());
    for (long number = from; number < groups; number++) {
      String group = run + ": group " + number;
      var position = new BlockPosition(PARTITION, number);
      JournalBlock journal = store.journal(position).orElseThrow(() -> new AssertionError(group));
      assertThat(journal.rows()).as(group).hasSize(ROWS);
      for (int i = 0; i < ROWS; i++) {
        long row = number * ROWS + i;
        assertThat(journal.rows().get(i).reference()).as(group).isEqualTo("reference-" + row);
        assertThat(store.seenContent(new Id(row, ~row))).as(group).contains(new Id(row, 7));
      }
      for (int i = 0; i < AGGREGATORS; i++) {
        Optional<String> spooled =
            number < unscored ? Optional.empty() : Optional.of(position + " for " + i);
        assertThat(store.copy(position, i).map(copy -> new String(copy, StandardCharsets.UTF_8)))
            .as(group)
            .isEqualTo(spooled);
      }
    }
  }

  private static void requireNothingOf(AgentStore store, long number, String run) {
    String group = run + ": group " + number;
    var position = new BlockPosition(PARTITION, number);
    assertThat(store.journal(position)).as(group).isEmpty();
    for (int i = 0; i < AGGREGATORS; i++) {
      assertThat(store.copy(position, i)).as(group).isEmpty();
    }
    for (int i = 0; i < ROWS; i++) {
      long row = number * ROWS + i;
      assertThat(store.seenContent(new Id(row, ~row))).as(group).isEmpty();
    }
  }

  /** Goes on where the store stands, and tells the number of each group once it is durable. */
  static final class Committing {
    private Committing() {}

    public static void main(String[] args) throws IOException {
      // Nothing is buffered: what is told is told when the call returns.
      try (var told = new FileOutputStream(args[1])) {
        Path data = Path.of(args[0]);
        Database.loadLibrary(data);
        tell(told, OPENS);
        AgentStore store = TestStores.open(data);
        long first = store.nextSequence(PARTITION);
        for (long number = first; number < first + RUN_COMMITS_MAX; number++) {
          store.commit(group(number));
          tell(told, Long.toString(number));
        }
      }
    }

    private static void tell(FileOutputStream told, String line) throws IOException {
      told.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }
}
