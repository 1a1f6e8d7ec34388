package org.concordat.ops.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.concordat.ops.doctor.Finding.Level;
import org.junit.jupiter.api.Test;

/** What is made of a topic that brokers don't describe. */
class BrokerChecksTest {
  @Test
  void onlyOneThatTheyDoNotKnowIsMissing() {
    Finding missing =
        BrokerChecks.undescribed("cuts", new UnknownTopicOrPartitionException("stands for any"));
    assertThat(missing.level()).isEqualTo(Level.FAIL);
    assertThat(missing.text()).isEqualTo("cuts: missing");
    Finding hidden =
        BrokerChecks.undescribed("cuts", new TopicAuthorizationException("stands for any"));
    assertThat(hidden.level()).isEqualTo(Level.FAIL);
    assertThat(hidden.text()).isEqualTo("cuts: missing, or this party may not see it");
    Finding unasked = BrokerChecks.undescribed("cuts", new TimeoutException("stands for any"));
    assertThat(unasked.level()).isEqualTo(Level.WARN);
    assertThat(unasked.text()).isEqualTo("cuts: can't be asked");
  }
}
