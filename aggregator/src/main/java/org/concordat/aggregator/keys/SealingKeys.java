package org.concordat.aggregator.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * An aggregator's sealing keys, a file each, named by the time of their making: the newest, that
 * banks are told to seal to, and older ones whose blocks may still be on the bus.
 *
 * <p>A key is in use for {@link Lives#inUse}; then a new one is made, and banks may go on with the
 * old one for as long again, so that one that misses the change loses nothing. When the topics have
 * expired what was sealed last in that time, {@link Lives#kept} after it, the key is destroyed.
 * Then nobody opens those blocks any more, whoever has kept copies: this is how the bus forgets
 * (DESIGN 5, "Key life").
 *
 * <p>While the wall clock is doubted ({@link SteadyClock}), none is destroyed, for one look at a
 * wrong clock would end every key that banks still seal to. New ones are made by the wall clock all
 * the same: if it is right, as after a machine slept, banks need them; if not, they refuse keys of
 * the future and go on with those before. A time that was stepped to is believed after a day, and
 * what is too old by it is destroyed. NOT protected: a process that starts while its clock is ahead
 * believes it, and destroys keys too early; one whose clock is walked ahead by an hour a day, by as
 * much too early; and by more, it destroys none until it is started anew.
 *
 * <p>Destroying overwrites and deletes the file. What a disk, its snapshots or backups keep beyond
 * that is NOT protected: leave this folder out of backups, on an encrypted volume.
 */
public final class SealingKeys {
  private static final Pattern NAME = Pattern.compile("(\\d{13})\\.key");

  private static final String UNFINISHED = "unfinished";
  private static final String UNFINISHED_END = ".tmp";
  private static final Duration LEFTOVER = Duration.ofHours(1);

  /** Banks refuse a key that was made further ahead of their own clocks. */
  static final Duration AHEAD_MAX = Duration.ofHours(1);

  /** Keys that are live at a time; more mean that the clock or the settings went wrong. */
  static final int KEYS_MAX = 1_000;

  /**
   * How many times {@link Lives#inUse} a key may be kept: as many keys are live at a time, and two
   * more. What is left of {@link #KEYS_MAX} is for those that aren't destroyed in a time of doubt.
   */
  public static final int KEPT_PER_IN_USE_MAX = 900;

  /**
   * @param inUse from a key's making to that of the next
   * @param kept from the last moment at which a key is in force to its destruction; at least as
   *     long as the topics of shares keep a block. Banks that get no later key seal under it for a
   *     week, so that a block may be on its topic for longer than its key lives: it opens no more
   */
  public record Lives(Duration inUse, Duration kept) {}

  /**
   * A key in force.
   *
   * @param epoch minutes since 1970-01-01 of its making, so that it ascends
   * @param notAfterMillis banks that have a later one don't seal under it from then on
   */
  public record Key(
      String id, int epoch, long createdMillis, long notAfterMillis, SealingKeyPair pair) {}

  private final Path folder;
  private final Lives lives;
  private final SteadyClock clock;
  private final SecureRandom random;
  private final boolean shared;
  private final String unfinished;
  private final List<Key> keys = new ArrayList<>();

  /** Ids of destroyed keys that nobody was told yet. */
  private final List<String> destroyed = new ArrayList<>();

  private SealingKeys(
      Path folder, Lives lives, SteadyClock clock, SecureRandom random, String worker) {
    this.folder = folder;
    this.shared = !worker.isEmpty();
    this.unfinished =
        shared ? UNFINISHED + "-" + worker + UNFINISHED_END : UNFINISHED + UNFINISHED_END;
    this.lives = lives;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Reads a folder of keys.
   *
   * @param folder exists; may be empty
   * @param problems gets what is wrong with a file
   */
  public static SealingKeys open(
      Path folder, Lives lives, SteadyClock clock, SecureRandom random, Problems problems) {
    return open(folder, lives, clock, random, "", problems);
  }

  /**
   * As above, of a folder that several workers share, of whom one at a time {@link #turn}s the keys
   * and the others look for them.
   *
   * @param worker the name of this one; empty if the folder is a single process's
   */
  public static SealingKeys open(
      Path folder,
      Lives lives,
      SteadyClock clock,
      SecureRandom random,
      String worker,
      Problems problems) {
    var opened = new SealingKeys(folder, lives, clock, random, worker);
    opened.readAll(problems);
    return opened;
  }

  /** Whether the folder could be listed. */
  private boolean readAll(Problems problems) {
    try {
      for (Path file : listed()) {
        read(file, problems);
      }
      keys.sort(Comparator.comparingLong(Key::createdMillis));
      return true;
    } catch (IOException e) {
      problems.add(
          Code.CDT_101, Place.of(folder.toString()), Code.CDT_101.cause(), Code.CDT_101.fix());
      return false;
    }
  }

  private List<Path> listed() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (UncheckedIOException e) {
      // What fails after the folder was opened.
      throw e.getCause();
    }
  }

  private void read(Path file, Problems problems) throws IOException {
    String fileName = file.getFileName().toString();
    if (fileName.equals(unfinished)) {
      // Left by a process that was killed while it made a key, of which nobody was told, or while
      // it destroyed one.
      wipe(file);
      return;
    }
    if (shared && fileName.startsWith(UNFINISHED) && fileName.endsWith(UNFINISHED_END)) {
      // Another worker's to finish, or of whoever turns the keys once it is old.
      return;
    }
    var name = NAME.matcher(fileName);
    if (name.matches() && keys.size() < KEYS_MAX) {
      long created = Long.parseLong(name.group(1));
      KeyFiles.readSealingKey(file, problems).ifPresent(pair -> keys.add(key(created, pair)));
    } else {
      problems.add(
          Code.CDT_508, Place.of(file.toString()), Code.CDT_508.cause(), Code.CDT_508.fix());
    }
  }

  private Key key(long created, SealingKeyPair pair) {
    return new Key(
        keyId(pair),
        (int) Duration.ofMillis(created).toMinutes(),
        created,
        created + 2 * lives.inUse.toMillis(),
        pair);
  }

  /** The id under which a key pair is published: it follows from the public key. */
  static String keyId(SealingKeyPair pair) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(pair.publicKey().bytes());
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /** The key pair with an id; null for an unknown or destroyed one. */
  public synchronized @Nullable SealingKeyPair find(String id) {
    SealingKeyPair found = known(id);
    if (found == null && shared) {
      // Another worker may have made it a moment ago.
      refresh();
      found = known(id);
    }
    return found;
  }

  /**
   * Looks for what another worker has made or destroyed.
   *
   * @return ids of destroyed keys that weren't told yet
   */
  public synchronized List<String> look() {
    if (shared) {
      refresh();
    }
    return untold();
  }

  private List<String> untold() {
    List<String> told = List.copyOf(destroyed);
    destroyed.clear();
    return told;
  }

  /** Whether the folder could be listed; else the keys stay as they are. */
  private boolean refresh() {
    List<Key> before = List.copyOf(keys);
    keys.clear();
    // What is wrong with a file was said at the start.
    boolean listed = readAll(new Problems());
    for (Key key : before) {
      if (known(key.id()) != null) {
        continue;
      }
      // One that couldn't be read now is not gone for that.
      if (listed && Files.notExists(file(key.createdMillis()))) {
        destroyed.add(key.id());
      } else {
        keys.add(key);
      }
    }
    keys.sort(Comparator.comparingLong(Key::createdMillis));
    return listed;
  }

  private @Nullable SealingKeyPair known(String id) {
    for (Key key : keys) {
      if (key.id().equals(id)) {
        return key.pair();
      }
    }
    return null;
  }

  /** The key that banks should seal to: the newest that isn't of the future. */
  public synchronized Key newest() {
    if (keys.isEmpty()) {
      throw new IllegalStateException("turn() makes the first key");
    }
    Key newest = newest(clock.read().wallMillis());
    // Where no new one could be written, banks may have the last one from before a step back.
    return newest == null ? keys.getLast() : newest;
  }

  /** Null if all were made by a clock that was ahead: banks refuse those. */
  private @Nullable Key newest(long nowMillis) {
    for (Key key : keys.reversed()) {
      if (key.createdMillis() - nowMillis <= AHEAD_MAX.toMillis()) {
        return key;
      }
    }
    return null;
  }

  /** How many keys there are. */
  public synchronized int count() {
    return keys.size();
  }

  /**
   * Makes a new key if that is due, and destroys those whose time is over, unless the time is in
   * doubt.
   *
   * @return ids of the destroyed ones
   * @throws IOException a file can't be written or deleted; call again, and ids of those that are
   *     destroyed nevertheless come then
   */
  public synchronized List<String> turn() throws IOException {
    SteadyClock.Reading now = clock.read();
    if (shared && !refresh()) {
      throw new IOException("The folder can't be listed.");
    }
    if (!now.doubted()) {
      // First, since a full disk keeps a key from being made, but not from being destroyed.
      destroyOld(now.millis());
    }
    long wall = now.wallMillis();
    Key newest = newest(wall);
    if (newest == null || wall - newest.createdMillis() >= lives.inUse.toMillis()) {
      make(wall);
    }
    return untold();
  }

  private void destroyOld(long now) throws IOException {
    if (shared) {
      wipeLeftovers(now);
    }
    for (Key key : List.copyOf(keys)) {
      if (now - key.notAfterMillis() >= lives.kept.toMillis()) {
        destroy(file(key.createdMillis()));
        keys.remove(key);
        destroyed.add(key.id());
      }
    }
  }

  private void make(long now) throws IOException {
    SealingKeyPair pair = SealingKeyPair.generate(random);
    Path made = folder.resolve(unfinished);
    wipe(made);
    KeyFiles.write(made, pair);
    // Durable before banks hear of it: what they seal under it can't be opened without.
    force(made, StandardOpenOption.WRITE);
    Files.move(made, file(now), StandardCopyOption.ATOMIC_MOVE);
    force(folder, StandardOpenOption.READ);
    keys.add(key(now, pair));
    keys.sort(Comparator.comparingLong(Key::createdMillis));
  }

  /** What workers left that were killed while they made or destroyed a key and didn't come back. */
  private void wipeLeftovers(long now) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, UNFINISHED + "*" + UNFINISHED_END)) {
      for (Path file : files) {
        if (now - Files.getLastModifiedTime(file).toMillis() > LEFTOVER.toMillis()) {
          wipe(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private Path file(long createdMillis) {
    return folder.resolve(String.format(Locale.ROOT, "%013d.key", createdMillis));
  }

  /** Under another name first: whoever is killed halfway would else leave a key file of zeros. */
  private void destroy(Path file) throws IOException {
    Path doomed = folder.resolve(unfinished);
    wipe(doomed);
    if (Files.exists(file)) {
      Files.move(file, doomed, StandardCopyOption.ATOMIC_MOVE);
      wipe(doomed);
    }
  }

  private static void force(Path path, StandardOpenOption access) throws IOException {
    try (FileChannel channel = FileChannel.open(path, access)) {
      channel.force(true);
    }
  }

  private static void wipe(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // Another worker may be at it too.
      var zeros = ByteBuffer.allocate((int) channel.size());
      while (zeros.hasRemaining()) {
        channel.write(zeros, zeros.position());
      }
      channel.force(true);
    }
    Files.deleteIfExists(file);
  }

  @Override
  public String toString() {
    return "SealingKeys[count=" + count() + "]";
  }
}
