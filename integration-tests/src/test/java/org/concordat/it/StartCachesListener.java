package org.concordat.it;

import java.io.IOException;
import org.concordat.ops.demo.StartCaches;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes start caches before the first test that starts processes of the packaged jars: there are
 * some two hundred of those. Without caches they take longer, no more.
 */
public final class StartCachesListener implements LauncherSessionListener {
  private static final Logger LOG = LoggerFactory.getLogger(StartCachesListener.class);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (System.getProperty("concordat.jars", "").isEmpty()) {
      return;
    }
    StartCaches caches = StartCaches.ofThisBuild();
    try {
      if (!caches.fit()) {
        caches.make();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("There are no start caches: processes start slower.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
