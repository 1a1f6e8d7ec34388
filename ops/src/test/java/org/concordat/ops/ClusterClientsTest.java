package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.concordat.agent.publish.KafkaClients;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parties' Kafka clients against a real broker: certificates, clocks and interrupts. */
class ClusterClientsTest {
  private static final String PREFIX = "pilot-test.";

  @TempDir private static Path temp;

  private static RunningBroker running;

  @BeforeAll
  static void start() throws Exception {
    running = RunningBroker.start(temp.resolve("pilot"));
    Command applied = running.topics("apply", running.certificateSettings());
    assertThat(applied.status()).as(applied.err()).isZero();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  /** Neither a writer's clock that is ahead nor a broker's that is behind keeps a record out. */
  @Test
  void whatIsWrittenIsStampedByTheBroker() throws Exception {
    Path own = running.folder.resolve("agg-1");
    Document config = Document.read(own.resolve("aggregator.yaml"), new Problems());
    var clients = new BusClients(KafkaConnection.read(config.get("kafka"), own));
    long begun = System.currentTimeMillis();
    long ahead = begun + Duration.ofHours(2).toMillis();
    var record = new ProducerRecord<>(PREFIX + "votes.agg-1", 0, ahead, new byte[1], new byte[1]);
    try (var producer = clients.producer()) {
      RecordMetadata written = producer.send(record).get();
      assertThat(written.timestamp()).isBetween(begun, System.currentTimeMillis());
    }
  }

  /**
   * The brokers refuse a certificate of another authority: the clients don't have to be made anew.
   */
  @Test
  void clientsThatRunShowANewCertificate() throws Exception {
    Path own = running.folder.resolve("bank-a");
    String certificate = Files.readString(own.resolve("tls.crt"));
    String key = Files.readString(own.resolve("tls.key"));
    writeForeign(own);
    KafkaConnection connection = connection(own);
    try (var ofAgent = new KafkaClients(connection).consumer("test");
        var ofAggregator = new BusClients(connection).consumer()) {
      for (var client : List.of(ofAgent, ofAggregator)) {
        assertThatThrownBy(() -> client.partitionsFor(PREFIX + "cuts"))
            .isInstanceOf(SslAuthenticationException.class);
      }
      Files.writeString(own.resolve("tls.crt"), certificate);
      for (var client : List.of(ofAgent, ofAggregator)) {
        assertThatThrownBy(() -> client.partitionsFor(PREFIX + "cuts"))
            .as("its key is still the old one")
            .isInstanceOf(SslAuthenticationException.class);
      }
      Files.writeString(own.resolve("tls.key"), key);
      for (var client : List.of(ofAgent, ofAggregator)) {
        assertThat(partitions(client::partitionsFor, PREFIX + "cuts")).isEqualTo(2);
      }
    }
  }

  /** Unlike consumers: one that was refused takes records, and sends none (KAFKA-20237). */
  @Test
  void producersThatWereRefusedHaveToBeMadeAnew() throws Exception {
    Path own = running.folder.resolve("bank-a");
    String certificate = Files.readString(own.resolve("tls.crt"));
    String key = Files.readString(own.resolve("tls.key"));
    writeForeign(own);
    KafkaConnection connection = connection(own);
    var ofAgent = new KafkaClients(connection);
    var ofAggregator = new BusClients(connection);
    List<Supplier<Producer<byte[], byte[]>>> clients =
        List.of(() -> ofAgent.producer("test"), ofAggregator::producer);
    List<Producer<byte[], byte[]>> refused = clients.stream().map(Supplier::get).toList();
    String topic = PREFIX + "shares.bank-a.agg-1";
    var record = new ProducerRecord<byte[], byte[]>(topic, new byte[1]);
    for (Producer<byte[], byte[]> producer : refused) {
      assertThatThrownBy(() -> producer.partitionsFor(topic))
          .isInstanceOf(SslAuthenticationException.class);
    }
    Files.writeString(own.resolve("tls.crt"), certificate);
    Files.writeString(own.resolve("tls.key"), key);
    for (Producer<byte[], byte[]> producer : refused) {
      assertThat(partitions(producer::partitionsFor, topic)).isEqualTo(2);
      Future<RecordMetadata> sent = producer.send(record);
      assertThatThrownBy(() -> sent.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
      producer.close(Duration.ZERO);
    }
    for (Supplier<Producer<byte[], byte[]>> client : clients) {
      try (Producer<byte[], byte[]> producer = client.get()) {
        assertThat(producer.send(record).get().hasOffset()).isTrue();
      }
    }
  }

  /** Over the party's own certificate and key, those of another authority. */
  private static void writeForeign(Path own) throws Exception {
    Certificates.Issued foreign =
        Certificates.createAuthority("else", Duration.ofDays(1))
            .issue("bank-a", Duration.ofDays(1));
    Files.writeString(own.resolve("tls.crt"), foreign.certificatePem());
    Files.writeString(own.resolve("tls.key"), foreign.keyPem());
  }

  private static KafkaConnection connection(Path own) {
    Document config = Document.read(own.resolve("agent.yaml"), new Problems());
    return KafkaConnection.read(config.get("kafka"), own);
  }

  /** A connection that was refused before may be told only now. */
  private static int partitions(Function<String, List<PartitionInfo>> client, String topic) {
    for (int i = 0; i < 10; i++) {
      try {
        return client.apply(topic).size();
      } catch (SslAuthenticationException e) {
        assertThat(e).as("try %d", i).isNotNull();
      }
    }
    return 0;
  }

  /** With a fetch under way; Kafka's own consumer throws, and logs an error. */
  @Test
  void aThreadThatIsInterruptedClosesItsConsumerInOrder() {
    Path own = running.folder.resolve("bank-a");
    Consumer<byte[], byte[]> consumer = new BusClients(connection(own)).consumer();
    var cuts = new TopicPartition(PREFIX + "cuts", 0);
    consumer.assign(List.of(cuts));
    consumer.seekToBeginning(List.of(cuts));
    consumer.poll(Duration.ofSeconds(1));
    Thread.currentThread().interrupt();
    Throwable failure = catchThrowable(consumer::close);
    assertThat(Thread.interrupted()).as("what comes after it has to end too").isTrue();
    assertThat(failure).isNull();
  }
}
