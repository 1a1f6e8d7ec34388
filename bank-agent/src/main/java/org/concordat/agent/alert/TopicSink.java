package org.concordat.agent.alert;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.concordat.agent.config.SinkSection.TopicFormat;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.RecordCodec;

/** Writes alerts to a Kafka topic of the bank's; the alert id is the key. */
final class TopicSink implements AlertSink {
  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final TopicFormat format;

  TopicSink(Producer<byte[], byte[]> producer, String topic, TopicFormat format) {
    this.producer = producer;
    this.topic = topic;
    this.format = format;
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try {
      for (Alert alert : alerts) {
        byte[] key = alert.getId().getBytes(StandardCharsets.US_ASCII);
        sent.add(producer.send(record(key, alert)));
      }
      for (Future<RecordMetadata> result : sent) {
        result.get();
      }
    } catch (KafkaException | ExecutionException e) {
      throw new IOException("The bank's own topic takes no alerts.", e);
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

  @Override
  public void close() {
    producer.close();
  }
}
