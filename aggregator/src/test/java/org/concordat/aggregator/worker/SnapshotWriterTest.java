package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.LogLines;
import org.junit.jupiter.api.Test;

/** A snapshot that lacks anything never counts as written. */
class SnapshotWriterTest {
  private static final int PARTS = 100_000;
  private static final long[] PAGE = {0, 1};

  private final LinkTopic topic = new LinkTopic();

  private SnapshotWriter writer() {
    return new SnapshotWriter(topic.log(), LinkedParties.cut(0, 0, 20_000), 0);
  }

  private static void awaitEnd(SnapshotWriter writer) throws Exception {
    for (int i = 0; i < 1_000 && !writer.isWritten() && !writer.hasFailed(); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  @Test
  void allPartsAreWritten() throws Exception {
    SnapshotWriter writer = writer();
    writer.add(PAGE);
    writer.add(PAGE);
    writer.end();
    awaitEnd(writer);
    assertThat(writer.isWritten()).isTrue();
    assertThat(writer.parts()).isEqualTo(2);
  }

  @Test
  void whatIsGivenUpIsNotWritten() throws Exception {
    SnapshotWriter writer = writer();
    writer.add(PAGE);
    writer.giveUp();
    writer.add(PAGE);
    writer.end();
    awaitEnd(writer);
    assertThat(writer.hasFailed()).isTrue();
    assertThat(writer.isWritten()).isFalse();
  }

  @Test
  void whereBrokersAreTooSlowItIsGivenUpAndWaitsForNothing() throws Exception {
    var slow = new CountDownLatch(1);
    topic.holdSnapshots(slow);
    SnapshotWriter writer = writer();
    try (var lines = new LogLines(SnapshotWriter.class)) {
      int parts = 0;
      while (!writer.hasFailed()) {
        assertThat(parts++).as("parts that wait").isLessThan(PARTS);
        writer.add(PAGE);
      }
      assertThat(lines.only().get("cause")).asString().contains("too slow");
    }
    assertThat(writer.waiting()).isLessThanOrEqualTo(1);
    slow.countDown();
    writer.add(PAGE);
    writer.end();
    TimeUnit.MILLISECONDS.sleep(200);
    assertThat(writer.isWritten()).isFalse();
  }
}
