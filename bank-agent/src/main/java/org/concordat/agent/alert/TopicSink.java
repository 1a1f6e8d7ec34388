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
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.RecordCodec;

/** Writes alerts to a Kafka topic of the bank's, in Avro; the alert id is the key. */
final class TopicSink implements AlertSink {
  private final Producer<byte[], byte[]> producer;
  private final String topic;

  TopicSink(Producer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try {
      for (Alert alert : alerts) {
        byte[] key = alert.getId().getBytes(StandardCharsets.US_ASCII);
        sent.add(producer.send(new ProducerRecord<>(topic, key, RecordCodec.encode(alert))));
      }
      for (Future<RecordMetadata> result : sent) {
        result.get();
      }
    } catch (KafkaException | ExecutionException e) {
      throw new IOException("The bank's own topic takes no alerts.", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
