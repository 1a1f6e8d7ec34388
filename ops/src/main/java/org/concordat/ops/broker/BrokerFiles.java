package org.concordat.ops.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the files of a broker's folder take while it writes; those that vanish count nothing. */
public final class BrokerFiles extends SimpleFileVisitor<Path> {
  /** Ends the names of a broker's indexes: sparse files, much longer than what they take. */
  private static final String INDEX = "index";

  /** The name of a partition's folder; of one that is deleted, until it is gone, a longer one. */
  private static final Pattern PARTITION = Pattern.compile("(.+)-\\d+(\\.[^.]+-delete)?");

  /** Stands for whatever isn't a topic's. */
  private static final String NO_TOPIC = "";

  private final Path root;
  private final Map<String, Long> bytes = new HashMap<>();
  private String topic = NO_TOPIC;

  private BrokerFiles(Path root) {
    this.root = root;
  }

  /**
   * Of all files below a folder but a broker's indexes; 0 of a folder that isn't there.
   *
   * @throws UncheckedIOException something can't be looked at, as without file descriptors
   */
  public static long bytes(Path folder) {
    return bytesByTopic(folder).values().stream().mapToLong(Long::longValue).sum();
  }

  /** As {@link #bytes(Path)}, of each topic; what is no topic's stands under an empty name. */
  static Map<String, Long> bytesByTopic(Path folder) {
    var files = new BrokerFiles(folder);
    try {
      Files.walkFileTree(folder, files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.bytes;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    Matcher partition = PARTITION.matcher(root.relativize(folder).toString());
    topic = partition.matches() ? partition.group(1) : NO_TOPIC;
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (!file.toString().endsWith(INDEX)) {
      bytes.merge(topic, attributes.size(), Long::sum);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    throwUnlessNothing(e);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
      throws IOException {
    if (e != null) {
      throwUnlessNothing(e);
    }
    topic = NO_TOPIC;
    return FileVisitResult.CONTINUE;
  }

  /**
   * What vanished counts nothing, nor does what isn't the broker's, such as lost+found. With too
   * many open files a whole folder would seem to be empty.
   */
  private static void throwUnlessNothing(IOException e) throws IOException {
    if (!(e instanceof NoSuchFileException || e instanceof AccessDeniedException)) {
      throw e;
    }
  }
}
