package org.concordat.agent.alert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.record.Alert;

/** Keeps what it took; refuses as often as it is told to. */
final class TestSink implements AlertSink {
  final List<Alert> taken = new ArrayList<>();
  int refusals;
  boolean closed;

  @Override
  public void deliver(List<Alert> alerts) throws IOException {
    if (refusals > 0) {
      refusals--;
      throw new IOException("told by the test");
    }
    taken.addAll(alerts);
  }

  @Override
  public void close() {
    closed = true;
  }
}
