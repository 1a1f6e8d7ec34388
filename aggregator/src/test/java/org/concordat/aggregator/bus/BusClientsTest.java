package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures of a write are worth another try. */
class BusClientsTest {
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
}
