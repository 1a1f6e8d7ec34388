package org.concordat.agent.publish;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.schemas.bus.ClientTls;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.process.Beside;
import org.jspecify.annotations.Nullable;

/**
 * Makes the agent's Kafka clients: bytes in, bytes out, every setting that matters in one place.
 */
public final class KafkaClients {
  /** A block, its header and room. */
  private static final int REQUEST_BYTES_MAX = 1 << 20;

  /** Of all partitions together, in one answer. */
  private static final int FETCH_BYTES_MAX = 8 << 20;

  /** How long a broker is waited for, before it is told or another connection is tried. */
  private static final int ASK_MILLIS = 10_000;

  /** Between attempts to connect to a broker, or to ask one, that may be back any moment. */
  private static final int BACKOFF_MILLIS_MAX = 200;

  /**
   * After that a producer gives up what the brokers haven't acknowledged, and another one sends it:
   * one that a broker refused at its first connection never asks for its id again, and keeps
   * records for ever (KAFKA-20237). All that may be under way takes so long at 2.2 Mbit/s.
   */
  private static final int DELIVERY_MILLIS_MAX = 120_000;

  private static final double MILLIS_PER_SECOND = 1_000;

  private final Map<String, Object> connection;

  /** By use: what the client that is in use now says of itself. */
  private final Map<String, Supplier<Map<MetricName, ? extends Metric>>> measures =
      new ConcurrentHashMap<>();

  public KafkaClients(KafkaConnection connection) {
    this.connection = connection.settings();
    this.connection.put(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG, FileSslEngines.class);
    this.connection.put(ClientTls.SETTING, connection.tls());
    this.connection.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, BACKOFF_MILLIS_MAX);
    this.connection.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, BACKOFF_MILLIS_MAX);
    // A client has hundreds of measures; at each start JMX would be told all, and nobody asks it.
    this.connection.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    // Nor does who runs the brokers need to know how a party fares.
    this.connection.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
  }

  /**
   * An idempotent producer that retries what can be retried, for two minutes.
   *
   * @param use names it in metrics
   */
  public Producer<byte[], byte[]> producer(String use) {
    var properties = new HashMap<>(connection);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS_MAX);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // A connection whose other end is gone without a word is given up after that.
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ASK_MILLIS);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2 * Publisher.BYTES_MAX);
    var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    measures.put(use, producer::metrics);
    return producer;
  }

  /**
   * Makes such producers, and the first at once, beside what its caller does next: it connects
   * meanwhile.
   *
   * @param use names them in metrics
   */
  public Supplier<Producer<byte[], byte[]>> producers(String use) {
    var first =
        new AtomicReference<@Nullable Beside<Producer<byte[], byte[]>>>(
            Beside.begin(use, () -> producer(use)));
    return () -> {
      @Nullable Beside<Producer<byte[], byte[]>> begun = first.getAndSet(null);
      return begun == null ? producer(use) : begun.await();
    };
  }

  /**
   * A consumer that is told its partitions and keeps its own offsets.
   *
   * @param use names it in metrics
   */
  public Consumer<byte[], byte[]> consumer(String use) {
    return consumer(use, "earliest");
  }

  /**
   * The same for a reader that has to know what it misses: where its offset is gone, an exception
   * says so.
   *
   * @param use names it in metrics
   */
  public Consumer<byte[], byte[]> exactConsumer(String use) {
    return consumer(use, "none");
  }

  private Consumer<byte[], byte[]> consumer(String use, String offsetReset) {
    var properties = new HashMap<>(connection);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, offsetReset);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ASK_MILLIS);
    var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    measures.put(use, consumer::metrics);
    return consumer;
  }

  /**
   * A consumer of a topic of the bank's own: it is told partitions and offsets, finds none by
   * itself, and shows its group how far it has come.
   *
   * @param use names it in metrics
   */
  public Consumer<byte[], byte[]> sourceConsumer(String use, String groupId) {
    var properties = new HashMap<>(connection);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ASK_MILLIS);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ASK_MILLIS);
    var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    measures.put(use, consumer::metrics);
    return consumer;
  }

  /**
   * Which topic has a name now: one that was deleted and made again is another.
   *
   * @throws KafkaException the brokers don't tell
   */
  public Uuid topicId(String topic) {
    try (Admin admin = Admin.create(connection)) {
      return admin
          .describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(ASK_MILLIS))
          .allTopicNames()
          .thenApply(all -> Objects.requireNonNull(all.get(topic)).topicId())
          .get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e);
    }
  }

  /** How many connections to brokers the client of a use has. */
  public double connections(String use) {
    return sum(use, "connection-count");
  }

  /** How long the brokers lately made each request of a use's producer wait for its quota. */
  public double throttledSeconds(String use) {
    return sum(use, "produce-throttle-time-avg") / MILLIS_PER_SECOND;
  }

  /** Records that the consumer of a use hadn't read when it last got some. */
  public double lag(String use) {
    return sum(use, "records-lag");
  }

  private double sum(String use, String name) {
    double sum = 0;
    for (var measure : measures.getOrDefault(use, Map::of).get().entrySet()) {
      if (measure.getKey().name().equals(name)
          && measure.getValue().metricValue() instanceof Number number
          && !Double.isNaN(number.doubleValue())) {
        sum += number.doubleValue();
      }
    }
    return sum;
  }
}
