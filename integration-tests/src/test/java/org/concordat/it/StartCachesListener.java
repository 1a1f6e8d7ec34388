package org.concordat.it;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.concordat.ops.demo.StartCaches;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks the release, whose jars the tests' processes run, and makes start caches before the first
 * of them starts: there are some two hundred. Without caches they take longer, no more.
 */
public final class StartCachesListener implements LauncherSessionListener {
  private static final Logger LOG = LoggerFactory.getLogger(StartCachesListener.class);

  /** A session may be opened for each request. */
  private static final AtomicBoolean TRIED = new AtomicBoolean();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (System.getProperty("concordat.jars", "").isEmpty() || TRIED.getAndSet(true)) {
      return;
    }
    StartCaches caches = StartCaches.ofThisBuild();
    try {
      Files.createDirectories(caches.folder());
      Path lock = caches.folder().resolve("lock");
      // Others that run tests at the same time wait, and find them made.
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        Release.unpack(caches);
        if (held.isValid() && !caches.fit()) {
          caches.make();
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("There are no start caches: processes start slower.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
