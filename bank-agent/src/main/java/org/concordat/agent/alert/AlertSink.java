package org.concordat.agent.alert;

import java.io.IOException;
import java.util.List;
import org.concordat.schemas.record.Alert;

/** Somewhere that alerts go. */
interface AlertSink extends AutoCloseable {
  /**
   * Delivers; on return none of them can be lost any more.
   *
   * @throws IOException not all were taken; they will come again
   */
  void deliver(List<Alert> alerts) throws IOException, InterruptedException;

  /** Alerts of one delivery: after a failure all of them come again. */
  default int batchMax() {
    return 500;
  }

  @Override
  void close() throws IOException;
}
