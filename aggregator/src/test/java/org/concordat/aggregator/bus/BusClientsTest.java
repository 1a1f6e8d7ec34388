package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures of a write are worth another try, and how long a worker's place is kept. */
class BusClientsTest {
  /** The least that brokers allow by default. */
  private static final int SESSION_MILLIS_MAX = 6_000;

  private static KafkaException wrapped(Class<? extends KafkaException> type) throws Exception {
    return new KafkaException(
        "Records weren't written.", type.getConstructor(String.class).newInstance("why"));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        TopicAuthorizationException.class,
        RecordTooLargeException.class,
        InvalidTopicException.class
      })
  void whatTheBrokersWillNeverTake(Class<? extends KafkaException> type) throws Exception {
    assertThat(BusClients.mayPass(wrapped(type))).isFalse();
    assertThat(BusClients.mayPass((KafkaException) wrapped(type).getCause())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        TimeoutException.class,
        DisconnectException.class,
        NotLeaderOrFollowerException.class,
        OutOfOrderSequenceException.class,
        SslAuthenticationException.class,
        KafkaException.class
      })
  void whatAnotherClientMayWrite(Class<? extends KafkaException> type) throws Exception {
    assertThat(BusClients.mayPass(wrapped(type))).isTrue();
  }

  /** What {@code WorkersIT} sees of it takes a consortium of processes. */
  @Test
  void aWorkerThatIsBackUnderItsNameHasItsPlaceUntilItsSessionEnds(@TempDir Path folder) {
    String section =
        """
        kafka:
          bootstrap: localhost:9092
          certificate: tls.crt
          key: tls.key
          authority: ca.crt
        """;
    Document config = Document.parse("aggregator.yaml", section, new Problems());
    var clients = new BusClients(KafkaConnection.read(config.get("kafka"), folder));
    Map<String, Object> settings = clients.inGroup("workers", "w1");
    assertThat(settings)
        .containsEntry(ConsumerConfig.GROUP_ID_CONFIG, "workers")
        .containsEntry(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "w1")
        .containsEntry(
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
            CooperativeStickyAssignor.class.getName());
    assertThat(settings.get(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG))
        .asInstanceOf(InstanceOfAssertFactories.INTEGER)
        .isBetween(1, SESSION_MILLIS_MAX);
    // Two that are late or lost don't end the session of a worker that lives.
    assertThat(settings.get(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG))
        .asInstanceOf(InstanceOfAssertFactories.INTEGER)
        .isBetween(1, SESSION_MILLIS_MAX / 3);
  }
}
