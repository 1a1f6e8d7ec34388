package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.concordat.ops.demo.Consortium;
import org.jspecify.annotations.Nullable;

/**
 * A temporary folder that is gone when the process ends, with all processes that write there. Where
 * something failed or didn't hold the logs stay, and it says where; nothing else does, least of all
 * keys.
 */
public final class WorkFolder implements AutoCloseable {
  private final Path path;
  private final Thread hook;
  private volatile @Nullable Consortium consortium;
  private boolean isDone;

  public WorkFolder() throws IOException {
    this.path = Files.createTempDirectory("concordat-bench-");
    this.hook = new Thread(this::interrupted, "bench-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  public Path path() {
    return path;
  }

  /** Ends a consortium too when this process is told to end. */
  void stopFirst(Consortium writes) {
    consortium = writes;
  }

  /** Nobody will want to read the logs. */
  void done() {
    isDone = true;
  }

  private void interrupted() {
    Consortium writes = consortium;
    try {
      if (writes != null) {
        writes.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Consortium.delete(path);
    }
  }

  @Override
  public void close() {
    if (isDone || !Files.exists(path.resolve(Consortium.LOGS))) {
      Consortium.delete(path);
    } else {
      keepLogs();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs already and finds nothing.
      Thread.yield();
    }
  }

  private void keepLogs() {
    try (Stream<Path> files = Files.list(path)) {
      files.filter(file -> !file.endsWith(Consortium.LOGS)).forEach(Consortium::delete);
      System.err.println("concordat: logs stay in " + path.resolve(Consortium.LOGS));
    } catch (IOException e) {
      Consortium.delete(path);
    }
  }
}
