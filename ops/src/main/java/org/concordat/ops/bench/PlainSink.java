package org.concordat.ops.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Delivers a bank's alerts of the baseline to a file, forced to the disk as the agent's are, and
 * knows how many rows were scored.
 */
final class PlainSink implements Runnable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final Path file;
  private final AtomicLong scored;

  /** Takes what comes from now on. */
  PlainSink(
      Consumer<byte[], byte[]> consumer, TopicPartition alerts, Path file, AtomicLong scored) {
    this.consumer = consumer;
    this.file = file;
    this.scored = scored;
    var partitions = List.of(alerts);
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  @Override
  public void run() {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        var lines = new ByteArrayOutputStream();
        long rows = 0;
        for (var record : consumer.poll(POLL)) {
          if (PlainTopics.isCut(record)) {
            rows += ByteBuffer.wrap(record.value()).getLong(Long.BYTES);
          } else {
            long now = System.currentTimeMillis();
            lines.writeBytes(PlainAlert.read(record.value()).delivered(now).json());
            lines.write('\n');
          }
        }
        if (lines.size() > 0) {
          channel.write(ByteBuffer.wrap(lines.toByteArray()));
          channel.force(false);
        }
        scored.addAndGet(rows);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
