package org.concordat.agent.iso;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.concordat.agent.encode.Intake;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.ingest.SourceFailedException;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.SourcePosition;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that appear in a folder, one a file, by renaming; taken in the order of their names.
 *
 * <p>A file is read twice: first it is held against its schema as a whole, so that nothing is taken
 * of a message that is refused or cut off, then its transactions are taken. When all of them are
 * durable it moves to {@code done}; a refused one moves to {@code refused}, with a file beside it
 * that says why. How far a file was taken is stored with its transactions: after a kill reading
 * goes on there.
 *
 * <p>A file that can't be read or moved is left where it is and looked at again later, and the
 * others are taken meanwhile. One that couldn't be read to its end is taken from its beginning
 * then, and what was taken of it before is known; one that was taken wholly is only moved.
 */
public final class MessageFolder {
  /** So long a file that couldn't be read or moved is left alone. */
  public static final Duration AGAIN = Duration.ofSeconds(10);

  static final String DONE = "done";
  static final String REFUSED = "refused";

  /** After the name of a refused file. */
  static final String REASON = ".reason.txt";

  private static final Logger LOG = LoggerFactory.getLogger(MessageFolder.class);
  private static final String SUFFIX = ".xml";
  private static final long LOOK_MILLIS = 200;

  private final Path folder;
  private final IsoLimits limits;
  private final IsoSchemas schemas;
  private final List<IsoField> fields;
  private final Function<String, SourcePosition> positions;
  private final Function<byte[], String> fileIds;
  private final Consumer<Optional<Code>> counts;
  private final LongSupplier millisClock;
  private final Duration again;
  private final BooleanSupplier stopping;

  /** Files that couldn't be read or moved, and when they are looked at again. */
  private final Map<Path, Long> left = new HashMap<>();

  /** Files that were taken wholly and couldn't be moved yet, and what tells them from others. */
  private final Map<Path, String> unmoved = new HashMap<>();

  /** Whether the folder itself couldn't be read when it was last looked at. */
  private boolean unlisted;

  private volatile boolean waiting;

  /**
   * @param fields what the cells of a record are, in their order
   * @param positions how far a source was taken, by its name
   * @param fileIds keyed hash by which a file is known again
   * @param counts told of every message, with its refusal if it was refused
   * @param millisClock says when a transaction is accepted
   * @param again so long a file that couldn't be read or moved is left alone
   */
  public MessageFolder(
      Path folder,
      IsoLimits limits,
      IsoSchemas schemas,
      List<IsoField> fields,
      Function<String, SourcePosition> positions,
      Function<byte[], String> fileIds,
      Consumer<Optional<Code>> counts,
      LongSupplier millisClock,
      Duration again,
      BooleanSupplier stopping) {
    this.folder = folder;
    this.limits = limits;
    this.schemas = schemas;
    this.fields = List.copyOf(fields);
    this.positions = positions;
    this.fileIds = fileIds;
    this.counts = counts;
    this.millisClock = millisClock;
    this.again = again;
    this.stopping = stopping;
  }

  /** Whether the folder, or a file in it, can't be read or moved for now. */
  public boolean waiting() {
    return waiting;
  }

  /** Takes what is there and what comes, until the agent stops. */
  public void run(Intake intake) throws InterruptedException {
    try {
      Files.createDirectories(folder.resolve(DONE));
      Files.createDirectories(folder.resolve(REFUSED));
    } catch (IOException e) {
      throw new SourceFailedException(e);
    }
    while (!stopping.getAsBoolean()) {
      List<Path> files = due();
      for (Path file : files) {
        take(file, intake);
      }
      waiting = unlisted || !left.isEmpty();
      if (files.isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }
  }

  /** Files that are there, without those that are left alone for now. */
  private List<Path> due() {
    List<Path> files;
    try {
      files = files();
      unlisted = false;
    } catch (IOException e) {
      if (!unlisted) {
        told(folder, e);
      }
      unlisted = true;
      return List.of();
    }
    left.keySet().retainAll(Set.copyOf(files));
    unmoved.keySet().retainAll(left.keySet());
    long nowNanos = System.nanoTime();
    return files.stream()
        .filter(file -> nowNanos - left.getOrDefault(file, nowNanos) >= 0)
        .toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void take(Path file, Intake intake) throws InterruptedException {
    if (stopping.getAsBoolean()) {
      return;
    }
    try {
      decide(file, intake);
      left.remove(file);
    } catch (IOException e) {
      // Whoever put a file there may have taken it away since it was listed.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          && left.put(file, System.nanoTime() + again.toNanos()) == null) {
        told(file, e);
      }
    }
  }

  private static void told(Path path, IOException e) {
    LOG.atWarn()
        .addKeyValue("path", path)
        .addKeyValue("cause", e.getClass().getSimpleName())
        .log("Taking messages from a folder waits: this can't be read or moved.");
  }

  private void decide(Path file, Intake intake) throws IOException, InterruptedException {
    try {
      String id = check(file);
      // How far it was taken is stored for the last one only: others may have come in between.
      if (id.equals(unmoved.get(file)) || takeAll(file, id, intake)) {
        unmoved.put(file, id);
        move(file, DONE);
        unmoved.remove(file);
        counts.accept(Optional.empty());
      }
    } catch (InvalidInputException e) {
      refuse(file, e.problems());
    }
  }

  private MessageReader open(Path file, InputStream in) throws IOException {
    return new MessageReader(
        String.valueOf(file.getFileName()), new BufferedInputStream(in), limits, schemas, fields);
  }

  /** Reads a file to its end, taking nothing; the result tells it from every other file. */
  private String check(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file);
        var digested = new DigestInputStream(in, digest);
        MessageReader reader = open(file, digested)) {
      while (reader.next() != null) {
        if (stopping.getAsBoolean()) {
          return "";
        }
      }
    }
    return fileIds.apply(digest.digest());
  }

  /** Whether all of its transactions are durable; else the agent stops. */
  private boolean takeAll(Path file, String id, Intake intake)
      throws IOException, InterruptedException {
    String name = "iso20022:" + folder;
    SourcePosition known = positions.apply(name);
    // The offset counts transactions.
    long taken = known.tailId().equals(id) ? known.offsetBytes() : 0;
    var outstanding = new Outstanding();
    long number = 0;
    try (InputStream in = Files.newInputStream(file);
        MessageReader reader = open(file, in)) {
      for (var record = reader.next(); record != null; record = reader.next()) {
        if (stopping.getAsBoolean()) {
          return false;
        }
        number++;
        if (number > taken) {
          take(record, new SourcePosition(number, 0, 0, id), name, intake, outstanding);
        }
      }
    }
    return outstanding.await(stopping);
  }

  private void take(
      SourceRecord record,
      SourcePosition position,
      String name,
      Intake intake,
      Outstanding outstanding)
      throws InterruptedException {
    outstanding.expect();
    var bookmark = new Bookmark(name, group -> group.source(name, position));
    intake.take(record.with(bookmark), millisClock.getAsLong(), outstanding);
  }

  private void refuse(Path file, List<Problem> problems) throws IOException {
    Path moved = free(file, REFUSED);
    String reason = problems.stream().map(problem -> problem + "\n").collect(Collectors.joining());
    // Before the file: whoever finds a refused file finds the reason beside it.
    Files.writeString(moved.resolveSibling(moved.getFileName() + REASON), reason);
    rename(file, moved);
    counts.accept(Optional.of(problems.getFirst().code()));
  }

  private void move(Path file, String to) throws IOException {
    rename(file, free(file, to));
  }

  private static void rename(Path file, Path to) throws IOException {
    try {
      Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new InvalidInputException(
          Code.CDT_101,
          Place.of(to.toString()),
          "The folder lies on another file system than its parent.",
          "Make it an ordinary folder.");
    }
  }

  /** A name that is free: one that was there before gets a number behind it. */
  private Path free(Path file, String to) throws IOException {
    Files.createDirectories(folder.resolve(to));
    String name = String.valueOf(file.getFileName());
    Path target = folder.resolve(to).resolve(name);
    for (int i = 1; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
      target = folder.resolve(to).resolve(name + "." + i);
    }
    return target;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
