package org.concordat.aggregator.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealingKeysTest {
  private static final Duration IN_USE = Duration.ofHours(24);
  private static final Duration KEPT = Duration.ofDays(8);

  @TempDir private Path folder;

  private final Problems problems = new Problems();
  private long now = 1_795_000_000_000L;

  /** By which the wall clock is off. */
  private long stepMillis;

  /** Both clocks, of which the monotonic one is never off. */
  private SteadyClock clock() {
    return new SteadyClock(() -> now + stepMillis, () -> TimeUnit.MILLISECONDS.toNanos(now));
  }

  private SealingKeys open() {
    SealingKeys keys =
        SealingKeys.open(
            folder, new SealingKeys.Lives(IN_USE, KEPT), clock(), new SecureRandom(), problems);
    problems.throwIfAny();
    return keys;
  }

  private SealingKeys shared(String worker) {
    SealingKeys keys =
        SealingKeys.open(
            folder,
            new SealingKeys.Lives(IN_USE, KEPT),
            clock(),
            new SecureRandom(),
            worker,
            problems);
    problems.throwIfAny();
    return keys;
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void anEmptyFolderGetsItsFirstKeyWhichARestartFinds() throws Exception {
    SealingKeys keys = open();
    assertThat(keys.turn()).isEmpty();
    String id = keys.newest().id();
    assertThat(files()).hasSize(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
        .isEqualTo("rw-------");
    SealingKeys again = open();
    assertThat(again.turn()).isEmpty();
    assertThat(again.newest().id()).isEqualTo(id);
    assertThat(again.find(id)).isNotNull();
    assertThat(again.find("0000")).isNull();
  }

  /** A folder in the place of the new key's file stands for a disk that takes nothing. */
  @Test
  void keysAreDestroyedInTimeThoughNoneCanBeMade() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    String first = keys.newest().id();
    Path file = files().getFirst();
    now += 2 * IN_USE.toMillis() + KEPT.toMillis();
    Path blocked = folder.resolve("%013d.key".formatted(now));
    Files.createFile(Files.createDirectory(blocked).resolve("something"));
    assertThatIOException().isThrownBy(keys::turn);
    assertThat(file).doesNotExist();
    assertThat(keys.find(first)).isNull();
    Files.delete(blocked.resolve("something"));
    Files.delete(blocked);
    assertThat(keys.turn()).as("told once").containsExactly(first);
    assertThat(keys.count()).isEqualTo(1);
  }

  @Test
  void aNewKeyComesWhenItsTimeHasComeAndTheOldOneStillOpens() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    SealingKeys.Key first = keys.newest();
    now += IN_USE.toMillis() - 1;
    keys.turn();
    assertThat(keys.newest().id()).isEqualTo(first.id());
    now++;
    keys.turn();
    assertThat(keys.newest().id()).isNotEqualTo(first.id());
    assertThat(keys.newest().epoch()).isGreaterThan(first.epoch());
    assertThat(keys.find(first.id())).isNotNull();
    assertThat(first.notAfterMillis()).isEqualTo(now + IN_USE.toMillis());
  }

  @Test
  void aKeyIsDestroyedWhenWhatWasSealedUnderItHasExpired() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    SealingKeys.Key first = keys.newest();
    Path file = files().getFirst();
    now = first.notAfterMillis() + KEPT.toMillis() - 1;
    assertThat(keys.turn()).isEmpty();
    now++;
    assertThat(keys.turn()).containsExactly(first.id());
    assertThat(keys.find(first.id())).isNull();
    assertThat(file).doesNotExist();
    assertThat(open().find(first.id())).isNull();
    assertThat(keys.turn()).as("told once").isEmpty();
  }

  @Test
  void aStepAheadDestroysNothingAndTheWayBackLeavesNoKeyOfTheFuture() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    SealingKeys.Key first = keys.newest();
    stepMillis = Duration.ofDays(30).toMillis();
    assertThat(keys.turn()).isEmpty();
    assertThat(keys.newest().createdMillis())
        .as("a machine that slept for long needs one at once")
        .isEqualTo(now + stepMillis);
    assertThat(keys.find(first.id())).isNotNull();
    stepMillis = 0;
    assertThat(keys.turn()).isEmpty();
    assertThat(keys.newest().id()).isEqualTo(first.id());
    now = first.createdMillis() + IN_USE.toMillis();
    assertThat(keys.turn()).isEmpty();
    assertThat(keys.newest().createdMillis()).isEqualTo(now);
    assertThat(keys.find(first.id())).isNotNull();
  }

  @Test
  void aStepAheadThatLastsForADayIsBelieved() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    String first = keys.newest().id();
    stepMillis = Duration.ofDays(30).toMillis();
    assertThat(keys.turn()).isEmpty();
    now += Duration.ofDays(1).toMillis();
    assertThat(keys.turn()).containsExactly(first);
    assertThat(keys.newest().createdMillis()).isEqualTo(now + stepMillis);
  }

  @Test
  void aKeyOfTheFutureStillOpensButBanksGetOneOfThePresent() throws Exception {
    stepMillis = SealingKeys.AHEAD_MAX.toMillis() + 1;
    SealingKeys keys = open();
    keys.turn();
    SealingKeys.Key future = keys.newest();
    stepMillis = 1;
    keys.turn();
    assertThat(keys.newest().id()).as("as banks still take it").isEqualTo(future.id());
    stepMillis = 0;
    keys.turn();
    SealingKeys.Key present = keys.newest();
    assertThat(present.createdMillis()).isEqualTo(now);
    assertThat(keys.find(future.id())).isNotNull();
    SealingKeys again = open();
    again.turn();
    assertThat(again.newest().id()).isEqualTo(present.id());
    assertThat(again.count()).isEqualTo(2);
    now += IN_USE.toMillis();
    again.turn();
    assertThat(again.newest().id()).as("the later one, no third").isEqualTo(future.id());
    assertThat(again.count()).isEqualTo(2);
  }

  @Test
  void aKeyThatWasDestroyedBeforeAFailureIsTold() throws Exception {
    SealingKeys keys = open();
    keys.turn();
    String first = keys.newest().id();
    now += IN_USE.toMillis();
    keys.turn();
    String second = keys.newest().id();
    Path file = files().getLast();
    Files.delete(file);
    Files.createDirectory(file);
    now = keys.newest().notAfterMillis() + KEPT.toMillis();
    assertThatIOException().isThrownBy(keys::turn);
    assertThat(keys.find(first)).isNull();
    for (Path left : files()) {
      if (Files.isDirectory(left)) {
        Files.delete(left);
      }
    }
    assertThat(keys.turn()).containsExactly(first, second);
  }

  @Test
  void whatAKilledProcessLeftIsTidiedAndAForeignFileIsNamed() throws Exception {
    Files.writeString(folder.resolve("unfinished.tmp"), "");
    assertThat(open().count()).isZero();
    assertThat(files()).isEmpty();
    Files.writeString(folder.resolve("notes.txt"), "");
    SealingKeys.open(
        folder, new SealingKeys.Lives(IN_USE, KEPT), clock(), new SecureRandom(), problems);
    assertThat(problems.list()).hasSize(1).first().asString().contains("CDT-508", "notes.txt");
  }

  @Test
  void aWorkerFindsWhatAnotherHasMadeAndGoesOnFromIt() throws Exception {
    SealingKeys first = shared("w1");
    SealingKeys second = shared("w2");
    first.turn();
    String id = first.newest().id();
    assertThat(second.find(id)).isNotNull();
    assertThat(second.find("0000")).isNull();
    // It takes over the turning: the key isn't due yet.
    second.turn();
    assertThat(second.newest().id()).isEqualTo(id);
    assertThat(files()).hasSize(1);
    now += 2 * IN_USE.toMillis() + KEPT.toMillis();
    assertThat(second.turn()).containsExactly(id);
    assertThat(first.look()).as("to be forgotten here too").containsExactly(id);
    assertThat(first.look()).isEmpty();
    assertThat(first.find(id)).isNull();
  }

  @Test
  void aWorkerLeavesWhatAnotherIsMakingAlone() throws Exception {
    Path others = folder.resolve("unfinished-w1.tmp");
    Files.write(others, new byte[] {1, 2, 3});
    Files.write(folder.resolve("unfinished-w2.tmp"), new byte[] {1, 2, 3});
    shared("w2");
    assertThat(files()).containsExactly(others);
    assertThat(Files.readAllBytes(others)).containsExactly(1, 2, 3);
  }

  @Test
  void whoTurnsTheKeysWipesWhatAnotherLeftLongAgo() throws Exception {
    now = System.currentTimeMillis();
    Path left = folder.resolve("unfinished-w1.tmp");
    Files.write(left, new byte[] {1, 2, 3});
    SealingKeys keys = shared("w2");
    keys.turn();
    assertThat(left).exists();
    Files.setLastModifiedTime(left, FileTime.fromMillis(now - Duration.ofHours(2).toMillis()));
    keys.turn();
    assertThat(left).doesNotExist();
  }
}
