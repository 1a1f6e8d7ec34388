package org.concordat.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/** A consortium's broker as one party sees it, with the certificate of that party. */
final class Bus {
  /** As an offset: where what is in sync ends. */
  static final long END = -1;

  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Object> properties;

  private Bus(Map<String, Object> properties) {
    this.properties = properties;
  }

  /** Reads the connection from a party's configuration file. */
  static Bus of(Path config) throws Exception {
    var problems = new Problems();
    Document document = Document.read(config, problems);
    KafkaConnection connection = KafkaConnection.read(document.get("kafka"), config.getParent());
    problems.throwIfAny();
    return new Bus(connection.properties());
  }

  /** The same broker under another certificate. */
  Bus as(String certificatePem, String keyPem) {
    Map<String, Object> other = new HashMap<>(properties);
    other.put("ssl.keystore.certificate.chain", certificatePem);
    other.put("ssl.keystore.key", keyPem);
    return new Bus(other);
  }

  String bootstrap() {
    return properties.getOrDefault("bootstrap.servers", "").toString();
  }

  KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("max.block.ms", 30_000);
    settings.put("delivery.timeout.ms", 30_000);
    settings.put("request.timeout.ms", 10_000);
    settings.put("linger.ms", 0);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Its transactions are seen once they are committed. */
  KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("transactional.id", transactionalId);
    var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  /**
   * Writes a record to a topic's partition 0, without a key.
   *
   * @param value null for a record without one
   */
  void write(String topic, byte @Nullable [] value)
      throws ExecutionException, InterruptedException {
    try (var producer = producer()) {
      producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
    }
  }

  void create(String topic, int partitions) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  /** How far a group says that it is behind, by all partitions of a topic. */
  long lag(String topic, String group) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(properties)) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      var partitions =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions();
      long lag = 0;
      for (var info : partitions) {
        var partition = new TopicPartition(topic, info.partition());
        var end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()));
        OffsetAndMetadata known = committed.get(partition);
        lag += end.all().get().get(partition).offset() - (known == null ? 0 : known.offset());
      }
      return lag;
    }
  }

  /** The names of all topics, those of Kafka itself included. */
  Set<String> topics() throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(properties)) {
      return admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    }
  }

  /** Loses what a partition 0 holds before an offset, or before {@link #END}. */
  void deleteBefore(String topic, long offset) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(properties)) {
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
          .all()
          .get();
    }
  }

  /**
   * Sets what becomes of a topic's old records.
   *
   * @param policy compact or delete
   */
  void cleanUpBy(String topic, String policy) throws ExecutionException, InterruptedException {
    set(topic, TopicConfig.CLEANUP_POLICY_CONFIG, policy);
  }

  /** Sets one of a topic's settings. */
  void set(String topic, String name, String value)
      throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var entry = new ConfigEntry(name, value);
    try (Admin admin = Admin.create(properties)) {
      admin
          .incrementalAlterConfigs(
              Map.of(resource, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  /** Every record of some topics up to their present ends, what was never committed included. */
  List<ConsumerRecord<byte[], byte[]>> read(Collection<String> topics) {
    return read(topics, "read_uncommitted");
  }

  /** As above, what was never committed left out. */
  List<ConsumerRecord<byte[], byte[]>> committed(Collection<String> topics) {
    return read(topics, "read_committed");
  }

  private List<ConsumerRecord<byte[], byte[]>> read(Collection<String> topics, String isolation) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("isolation.level", isolation);
    settings.put("enable.auto.commit", false);
    settings.put("exclude.internal.topics", false);
    settings.put("max.partition.fetch.bytes", 16 << 20);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }
}
