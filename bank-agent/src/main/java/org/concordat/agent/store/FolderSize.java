package org.concordat.agent.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What the files of a folder take of its disk, whatever is in them: the store's logs, its tables,
 * and in them what was removed and isn't free yet. The files are looked at once a second, since
 * there may be thousands; what is written meanwhile is added.
 */
final class FolderSize {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path folder;
  private final LongSupplier nanoClock;
  private final AtomicLong writtenBytes = new AtomicLong();
  private long foundBytes;

  /** Of what was written, what had been when the files were looked at. */
  private long foundWrittenBytes;

  private long foundNanos;

  FolderSize(Path folder, LongSupplier nanoClock) {
    this.folder = folder;
    this.nanoClock = nanoClock;
    this.foundNanos = nanoClock.getAsLong() - FRESH_NANOS;
  }

  /** So much more was written. */
  void wrote(long bytes) {
    writtenBytes.addAndGet(bytes);
  }

  synchronized long bytes() {
    if (nanoClock.getAsLong() - foundNanos >= FRESH_NANOS) {
      look();
    }
    return foundBytes + writtenBytes.get() - foundWrittenBytes;
  }

  /** Looks at the files now. */
  synchronized void look() {
    // Before the files: what is written between is counted twice rather than not at all.
    foundWrittenBytes = writtenBytes.get();
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += bytes(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("The store can't be read.", e);
    }
    foundBytes = bytes;
    foundNanos = nanoClock.getAsLong();
  }

  private static long bytes(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      // RocksDB has removed it since the folder was listed.
      return 0;
    }
  }
}
