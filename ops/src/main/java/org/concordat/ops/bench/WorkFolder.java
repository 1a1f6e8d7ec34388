package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.ops.demo.Consortium;
import org.jspecify.annotations.Nullable;

/** A temporary folder that is gone when the process ends, with all processes that write there. */
public final class WorkFolder implements AutoCloseable {
  private final Path path;
  private final Thread hook;
  private volatile @Nullable Consortium consortium;

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

  private void interrupted() {
    Consortium writes = consortium;
    try {
      if (writes != null) {
        writes.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Consortium.delete(path);
  }

  @Override
  public void close() {
    Consortium.delete(path);
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs already and finds nothing.
      Thread.yield();
    }
  }
}
