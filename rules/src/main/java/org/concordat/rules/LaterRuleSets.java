package org.concordat.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * The rule sets that a process can use: the one it was started with, and later ones that an
 * operator puts into a folder while it runs, each in a folder of its own. One of them counts once
 * its quorum's signatures are there, since those are over all of its files: a copy that isn't
 * complete is none. What was found stays, whatever becomes of its files. Safe for several threads.
 */
public final class LaterRuleSets {
  /** Folders that are looked into, the first by name. */
  public static final int FOLDERS_MAX = 64;

  private static final String SIGNATURES = "signatures.yaml";

  /** Files lie in a rule set's folder and in its {@code models}. */
  private static final int DEPTH = 2;

  private record Stamp(Path file, FileTime changed, long bytes) {}

  /**
   * What has come since the last look.
   *
   * @param found that can be used from now on, by ascending version
   * @param problems with others; each is told once, until its files change
   */
  public record Look(List<RuleSet> found, List<Problem> problems) {}

  private final Optional<Path> folder;
  private final Charter charter;
  private final List<RuleSet> known = new ArrayList<>();
  private final Map<Path, List<Stamp>> stamps = new HashMap<>();

  /** What was told of folders with files that couldn't be read, which are tried at each look. */
  private final Map<Path, List<Problem>> unread = new HashMap<>();

  /**
   * @param folder that needn't exist yet; nothing where none is looked into
   * @param first that the process was started with; verified
   */
  public LaterRuleSets(Optional<Path> folder, RuleSet first, Charter charter) {
    this.folder = folder;
    this.charter = charter;
    known.add(first);
  }

  /** All that can be used, the first one first. */
  public synchronized List<RuleSet> known() {
    return List.copyOf(known);
  }

  /** The one with this hash. */
  public synchronized Optional<RuleSet> of(byte[] hash) {
    return known.stream().filter(each -> Arrays.equals(each.hash(), hash)).findFirst();
  }

  /** Looks into what has changed in the folder. */
  public synchronized Look look() {
    List<RuleSet> found = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (Path each : folders(problems)) {
      List<Stamp> now = stampsIn(each);
      boolean changed = !now.equals(stamps.put(each, now));
      List<Problem> told = unread.remove(each);
      if (changed || told != null) {
        var own = new Problems();
        Optional<RuleSet> read = read(each, own);
        if (!now.equals(stampsIn(each))) {
          // It is being written: what was read may be half of it.
          stamps.remove(each);
          continue;
        }
        read.ifPresent(known::add);
        read.ifPresent(found::add);
        if (changed || !own.list().equals(told)) {
          problems.addAll(own.list());
        }
        if (own.list().stream().anyMatch(problem -> isUnread(problem, each))) {
          // Its rights may be mended, or its disk, without any change to be seen.
          unread.put(each, own.list());
        }
      }
    }
    found.sort((one, other) -> Integer.compare(one.version(), other.version()));
    return new Look(List.copyOf(found), List.copyOf(problems));
  }

  /** Of a file: what is told of the folder itself is a bug that it has found. */
  private static boolean isUnread(Problem problem, Path folder) {
    return problem.code() == Code.CDT_101 && !problem.place().source().equals(folder.toString());
  }

  private List<Path> folders(List<Problem> problems) {
    if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder.get())) {
      List<Path> signed =
          files
              .filter(file -> Files.isRegularFile(file.resolve(SIGNATURES)))
              .sorted()
              .limit(FOLDERS_MAX + 1L)
              .toList();
      if (signed.size() <= FOLDERS_MAX) {
        stamps.remove(folder.get());
        return signed;
      }
      if (stamps.put(folder.get(), List.of()) == null) {
        problems.add(
            new Problem(
                Code.CDT_220,
                Place.of(folder.get().toString()),
                "There are more than " + FOLDERS_MAX + " rule sets.",
                "Remove those that no process needs any more."));
      }
      return signed.subList(0, FOLDERS_MAX);
    } catch (IOException | UncheckedIOException e) {
      // It is being changed: the next look sees it.
    }
    return List.of();
  }

  private static List<Stamp> stampsIn(Path folder) {
    List<Stamp> stamps = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder, DEPTH)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        stamps.add(new Stamp(file, Files.getLastModifiedTime(file), Files.size(file)));
      }
    } catch (IOException | UncheckedIOException e) {
      stamps.add(new Stamp(folder, FileTime.fromMillis(System.currentTimeMillis()), -1));
    }
    return stamps;
  }

  /** Reads one that isn't known; nothing where problems were added. */
  private Optional<RuleSet> read(Path at, Problems problems) {
    Optional<RuleSet> read;
    try {
      RuleFiles files = RuleFiles.read(at, problems);
      files.addUnread(problems);
      // What nobody has signed isn't even parsed.
      if (!problems.isEmpty() || !RuleSet.isSigned(files, charter, problems)) {
        return Optional.empty();
      }
      read = RuleSet.load(files, problems);
    } catch (RuntimeException | StackOverflowError e) {
      // Whatever is wrong with it, what is in force goes on.
      problems.add(Problem.of(Code.CDT_101, Place.of(at.toString())));
      return Optional.empty();
    }
    if (read.isEmpty() || of(read.get().hash()).isPresent()) {
      return Optional.empty();
    }
    RuleSet ruleSet = read.get();
    ruleSet.verifyCaps(charter, problems);
    ruleSet.verifyPublishers(charter, problems);
    ruleSet.verifyFollows(known.getFirst(), problems);
    for (RuleSet other : known) {
      if (other.version() == ruleSet.version()) {
        problems.add(
            Code.CDT_252,
            Place.of(at.resolve("rules.yaml").toString()),
            "It is version %d with the hash %s; so is %s with the hash %s."
                .formatted(ruleSet.version(), hex(ruleSet), other.directory(), hex(other)),
            Code.CDT_252.fix());
      }
    }
    return problems.isEmpty() ? read : Optional.empty();
  }

  private static String hex(RuleSet ruleSet) {
    return HexFormat.of().formatHex(ruleSet.hash());
  }
}
