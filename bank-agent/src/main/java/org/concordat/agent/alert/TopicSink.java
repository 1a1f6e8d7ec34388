package org.concordat.agent.alert;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.agent.config.SinkSection.TopicFormat;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.RecordCodec;
import org.jspecify.annotations.Nullable;

/**
 * Writes alerts to a Kafka topic of the bank's; the alert id is the key.
 *
 * <p>After a failure the next try is another producer's: one that brokers refused at its start, say
 * for a certificate that had expired, sends nothing any more, whatever it could show by then.
 */
final class TopicSink implements AlertSink {
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final String topic;
  private final TopicFormat format;
  private volatile @Nullable Producer<byte[], byte[]> producer;

  TopicSink(Supplier<Producer<byte[], byte[]>> producers, String topic, TopicFormat format) {
    this.producers = producers;
    this.topic = topic;
    this.format = format;
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try {
      Producer<byte[], byte[]> to = producer;
      if (to == null) {
        to = producers.get();
        producer = to;
      }
      for (Alert alert : alerts) {
        byte[] key = alert.getId().getBytes(StandardCharsets.US_ASCII);
        sent.add(to.send(record(key, alert)));
      }
      for (Future<RecordMetadata> result : sent) {
        result.get();
      }
    } catch (InterruptException e) {
      throw new InterruptedException();
    } catch (KafkaException | ExecutionException e) {
      giveUp();
      throw new IOException("The bank's own topic takes no alerts.", e);
    }
  }

  private void giveUp() {
    Producer<byte[], byte[]> last = producer;
    producer = null;
    if (last != null) {
      last.close(Duration.ZERO);
    }
  }

  private ProducerRecord<byte[], byte[]> record(byte[] key, Alert alert) {
    return switch (format) {
      case AVRO -> new ProducerRecord<>(topic, key, RecordCodec.encode(alert));
      case CLOUDEVENTS -> {
        var record = new ProducerRecord<>(topic, key, AlertEvent.json(alert));
        // By which a reader of the Kafka binding knows a structured event.
        byte[] type = AlertEvent.MEDIA_TYPE.getBytes(StandardCharsets.US_ASCII);
        record.headers().add("content-type", type);
        yield record;
      }
    };
  }

  /** Waits for nothing: what an interrupted delivery left comes again, brokers may be away. */
  @Override
  public void close() {
    giveUp();
  }
}
