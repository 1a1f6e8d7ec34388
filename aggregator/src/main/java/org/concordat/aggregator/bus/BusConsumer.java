package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer whose thread may be interrupted to stop it. Closing a consumer waits until the brokers
 * have ended its session, which they do after they have answered the fetch under way; an
 * interrupted thread can't wait, and Kafka logs that as an error. So such a thread only hangs up,
 * and the brokers forget the session when they need its room.
 */
final class BusConsumer extends KafkaConsumer<byte[], byte[]> {
  BusConsumer(Map<String, Object> properties) {
    super(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Doesn't wait where the thread is interrupted, and leaves it so. */
  @Override
  public void close() {
    if (!Thread.interrupted()) {
      super.close();
      return;
    }
    try {
      super.close(CloseOptions.timeout(Duration.ZERO));
    } finally {
      Thread.currentThread().interrupt();
    }
  }
}
