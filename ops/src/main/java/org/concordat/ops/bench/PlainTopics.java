package org.concordat.ops.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** The baseline's topics of each bank, below the prefix that the bank may write and read. */
final class PlainTopics {
  private static final Map<String, String> SETTINGS =
      Map.of("retention.bytes", "1073741824", "segment.bytes", "67108864");

  private static final byte[] CUT = {0};

  private final KafkaConnection connection;
  private final String prefix;
  private final List<String> banks;

  /** Of a consortium's folder. */
  PlainTopics(Path folder) {
    var problems = new Problems();
    Charter charter = Charter.read(folder.resolve("charter.yaml"), problems).orElse(null);
    Document broker = Document.read(folder.resolve("broker/broker.yaml"), problems);
    this.connection = KafkaConnection.read(broker.get("kafka"), folder.resolve("broker"));
    problems.throwIfAny();
    this.prefix = Objects.requireNonNull(charter).topics(connection.topicPrefix()).prefix();
    this.banks = charter.banks().stream().map(Charter.Bank::name).toList();
  }

  /** The broker's own connection, which may do everything. */
  Map<String, Object> connection() {
    return connection.properties();
  }

  List<String> banks() {
    return banks;
  }

  /** Blocks of rows. */
  TopicPartition rows(String bank) {
    return new TopicPartition(prefix + "bank." + bank + ".plain-rows", 0);
  }

  /** Alerts, and after those of a transaction how many rows it has scored. */
  TopicPartition alerts(String bank) {
    return new TopicPartition(prefix + "bank." + bank + ".plain-alerts", 0);
  }

  ProducerRecord<byte[], byte[]> alert(String bank, byte[] alert) {
    return new ProducerRecord<>(alerts(bank).topic(), 0, null, alert);
  }

  ProducerRecord<byte[], byte[]> cut(String bank, long millis, long rows) {
    byte[] cut = ByteBuffer.allocate(2 * Long.BYTES).putLong(millis).putLong(rows).array();
    return new ProducerRecord<>(alerts(bank).topic(), 0, CUT, cut);
  }

  static boolean isCut(ConsumerRecord<byte[], byte[]> record) {
    return record.key() != null;
  }

  void create() throws InterruptedException {
    List<NewTopic> topics =
        banks.stream()
            .flatMap(bank -> Stream.of(rows(bank), alerts(bank)))
            .map(topic -> new NewTopic(topic.topic(), 1, (short) 1).configs(SETTINGS))
            .toList();
    try (Admin admin = Admin.create(connection())) {
      admin.createTopics(topics).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topics can't be created.", e.getCause());
    }
  }
}
