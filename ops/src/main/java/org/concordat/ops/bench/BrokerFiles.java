package org.concordat.ops.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** What the files of a broker's folder take while it writes; those that vanish count nothing. */
final class BrokerFiles extends SimpleFileVisitor<Path> {
  /** Ends the names of a broker's indexes: sparse files, much longer than what they take. */
  private static final String INDEX = "index";

  private long bytes;

  private BrokerFiles() {}

  /** Of all files below a folder but a broker's indexes; 0 of a folder that isn't there. */
  static long bytes(Path folder) {
    var files = new BrokerFiles();
    try {
      Files.walkFileTree(folder, files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.bytes;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (!file.toString().endsWith(INDEX)) {
      bytes += attributes.size();
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
    return FileVisitResult.CONTINUE;
  }
}
