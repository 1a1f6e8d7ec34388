package org.concordat.aggregator.bus;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.schemas.bus.ClientTls;
import org.concordat.schemas.bus.KafkaConnection;
import org.jspecify.annotations.Nullable;

/** Makes this aggregator's Kafka clients: bytes in, bytes out, every setting in one place. */
public final class BusClients {
  /** A prepared vote holds the alert shares of a whole batch. */
  private static final int REQUEST_BYTES_MAX = 64 << 20;

  /** Of these, what is counted of a batch; names, numbers and hashes beside it take far less. */
  public static final int VOTE_BYTES_MAX = REQUEST_BYTES_MAX - (1 << 20);

  /** Of these, what a batch may add to what is remembered of entities: a vote holds that too. */
  public static final int LINKED_BYTES_MAX = REQUEST_BYTES_MAX / 4 * 3;

  /** What isn't acknowledged yet: the longest record, and room for short ones beside it. */
  private static final long UNACKNOWLEDGED_BYTES_MAX = REQUEST_BYTES_MAX + (4L << 20);

  /** The same of what is written in parts, each of a few MiB at most. */
  private static final long PARTS_UNACKNOWLEDGED_BYTES_MAX = 16L << 20;

  private static final int TRANSACTION_MILLIS_MAX = 60_000;

  /** After which a call gives up on the brokers; its caller tries again, or stops. */
  private static final int ANSWER_MILLIS_MAX = 10_000;

  private static final int RETRY_MILLIS = 5;

  /** Between attempts to connect to a broker, or to ask one, that may be back any moment. */
  private static final int BACKOFF_MILLIS_MAX = 200;

  /** After which a silent worker's partitions go to others: the least that brokers allow. */
  public static final int SESSION_MILLIS = 6_000;

  private static final int HEARTBEAT_MILLIS = 1_500;

  private static final int LOOK_UP_MILLIS_MAX = 10;

  private static final int FOLLOW_MILLIS_MAX = 100;

  /** Of up to 1 MiB each. */
  private static final int POLL_RECORDS_MAX = 64;

  private final Map<String, Object> connection;

  public BusClients(KafkaConnection connection) {
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

  /** A consumer that is told its partitions; what was not committed is not seen. */
  public Consumer<byte[], byte[]> consumer() {
    return new BusConsumer(consuming());
  }

  /**
   * The same where somebody may ask at any time for all that is committed by then, and waits: the
   * brokers answer that question after the fetch before it, which waits for half a second by
   * default.
   */
  public Consumer<byte[], byte[]> follower() {
    Map<String, Object> properties = consuming();
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FOLLOW_MILLIS_MAX);
    return new BusConsumer(properties);
  }

  /**
   * The same for reading once to an end that is known: a question to a broker, and closing, waits
   * until the fetch before it was answered, so a fetch that finds no more is answered at once. A
   * position that is gone is an exception: whoever reads once has to know what is missing.
   */
  public Consumer<byte[], byte[]> lookUp() {
    Map<String, Object> properties = consuming();
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, LOOK_UP_MILLIS_MAX);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return new BusConsumer(properties);
  }

  /**
   * A consumer that a group tells its partitions.
   *
   * @param member a name under which it may come back
   */
  public Consumer<byte[], byte[]> groupConsumer(String group, String member) {
    return new BusConsumer(inGroup(group, member));
  }

  Map<String, Object> inGroup(String group, String member) {
    Map<String, Object> properties = consuming();
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, member);
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MILLIS);
    // Those that stay where they are go on while others move.
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return properties;
  }

  private Map<String, Object> consuming() {
    Map<String, Object> properties = new HashMap<>(connection);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    return properties;
  }

  /** For votes, keys: idempotent, acknowledged by all replicas. */
  public Producer<byte[], byte[]> producer() {
    return producer(producing());
  }

  private static Producer<byte[], byte[]> producer(Map<String, Object> properties) {
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Writes records outside of transactions; they are durable on return.
   *
   * @param records each made when the one before was handed over
   * @throws KafkaException it is unknown which are written
   */
  public void write(Stream<ProducerRecord<byte[], byte[]>> records) {
    var failure = new AtomicReference<@Nullable Exception>();
    Map<String, Object> properties = producing();
    // Beside the producers of votes and commits, and parts are small.
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, PARTS_UNACKNOWLEDGED_BYTES_MAX);
    try (Producer<byte[], byte[]> producer = producer(properties)) {
      records
          .takeWhile(record -> failure.get() == null)
          .forEach(
              record ->
                  producer.send(record, (metadata, failed) -> failure.compareAndSet(null, failed)));
      producer.flush();
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new KafkaException("Records weren't written.", failed);
    }
  }

  /**
   * Deletes what a partition holds before an offset.
   *
   * @throws KafkaException it is unknown whether it is deleted
   */
  public void deleteBefore(TopicPartition of, long offset) {
    Map<String, Object> properties = new HashMap<>(connection);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    try (Admin admin = Admin.create(properties)) {
      admin.deleteRecords(Map.of(of, RecordsToDelete.beforeOffset(offset))).all().get();
    } catch (ExecutionException e) {
      throw new KafkaException("Records weren't deleted.", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /**
   * Whether another try, by another client, may succeed where one failed: not where the brokers
   * won't have the record, or won't let this party write it. Where they refuse the client at its
   * connection it may: a certificate that has expired is replaced while the process runs.
   */
  public static boolean mayPass(KafkaException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AuthorizationException
          || cause instanceof RecordTooLargeException
          || cause instanceof InvalidTopicException
          || cause instanceof SerializationException) {
        return false;
      }
    }
    return true;
  }

  /**
   * For commits.
   *
   * @param transactionalId of this worker alone; an older holder is fenced off
   */
  public Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
    Map<String, Object> properties = producing();
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS_MAX);
    return producer(properties);
  }

  private Map<String, Object> producing() {
    Map<String, Object> properties = new HashMap<>(connection);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // The next transaction often begins before the last one's markers are written; that takes
    // milliseconds, and a retry by the default of 100 ms would be most of a commit's time.
    properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_MILLIS);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS_MAX);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, UNACKNOWLEDGED_BYTES_MAX);
    return properties;
  }

  /**
   * How many connections to brokers a client has.
   *
   * @param metrics of the client
   */
  public static int connections(Map<MetricName, ? extends Metric> metrics) {
    for (var metric : metrics.entrySet()) {
      if (metric.getKey().name().equals("connection-count")
          && metric.getValue().metricValue() instanceof Number number) {
        return number.intValue();
      }
    }
    return 0;
  }
}
