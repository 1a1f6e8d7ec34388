package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.concordat.agent.store.BlockPosition;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What brokers don't take for one partition, or one session, holds nothing else up. */
class PublisherPartlyRefusedTest extends PublisherFixture {
  private static final String SET_UPS = "t.sessions.bank-a";

  private List<String> topics() {
    return producers.getLast().history().stream().map(ProducerRecord::topic).toList();
  }

  /** Lets blocks of a partition fail, and acknowledges everything else, until one has failed. */
  private void acknowledgeAllBut(int partition, Publisher publisher, RuntimeException failure) {
    pump(publisher);
    MockProducer<byte[], byte[]> producer = producers.getLast();
    for (int i = 0; i < producer.history().size() && !producer.closed(); i++) {
      Integer to = producer.history().get(i).partition();
      if (to != null && to == partition) {
        producer.errorNext(failure);
      } else {
        producer.completeNext();
      }
      pump(publisher);
    }
  }

  /** As when it has no leader: a producer gives its blocks up after a while. */
  @Test
  void aPartitionThatTakesNothingHoldsNoOtherUp() {
    int blocks = 3 * Lane.BLOCKS_MAX;
    for (int sequence = 0; sequence < blocks; sequence++) {
      spool(1, 0, sequence);
      spool(1, 1, sequence);
    }
    Publisher publisher = publisher();
    for (int rounds = 0; rounds < 2 * blocks; rounds++) {
      acknowledgeAllBut(0, publisher, new TimeoutException("told by the test"));
      millis.addAndGet(10_000);
    }
    assertThat(publisher.idle(1)).isTrue();
    assertThat(publisher.idle(0)).isFalse();
    assertThat(publisher.failure()).as("told until it goes on").isEqualTo("TimeoutException");
    assertThat(published.get()).isEqualTo(blocks);
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
    assertThat(publisher.failure()).isNull();
    assertThat(published.get()).isEqualTo(2 * blocks);
  }

  @Test
  void aPartitionThatIsRefusedAtOnceLeavesTheOthersTime() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    int rounds = 10;
    for (int round = 0; round < rounds; round++) {
      spool(1, 1, round);
      publisher.spooled(new BlockPosition(1, round));
      acknowledgeAllBut(0, publisher, new TopicAuthorizationException("told by the test"));
      millis.addAndGet(10_000);
    }
    acknowledgeAllBut(0, publisher, new TopicAuthorizationException("told by the test"));
    spool(1, 1, rounds);
    publisher.spooled(new BlockPosition(1, rounds));
    millis.addAndGet(9_999);
    int before = producers.size();
    pump(publisher);
    assertThat(producers).hasSize(before + 1);
    assertThat(producers.getLast().history())
        .extracting(ProducerRecord::partition)
        .containsExactly(1, 1, 1);
    millis.addAndGet(1);
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
  }

  @Test
  void aSetUpThatFailsReleasesNoLane() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
    pump(publisher);
    spool(2, 1, 0);
    publisher.spooled(new BlockPosition(1, 0));
    millis.addAndGet(1_000);
    pump(publisher);
    List<String> setUpsAndTheHeld = List.of(SET_UPS, SET_UPS, SET_UPS, "t.shares.bank-a.agg-1");
    assertThat(topics()).isEqualTo(setUpsAndTheHeld);
    producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
    pump(publisher);
    millis.addAndGet(1_000);
    pump(publisher);
    assertThat(producers).hasSize(3);
    assertThat(topics()).isEqualTo(setUpsAndTheHeld);
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
  }

  @Test
  void setUpsThatAreRefusedLeaveOthersTime() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    acknowledgeAll(publisher);
    spool(2, 1, 0);
    publisher.spooled(new BlockPosition(1, 0));
    int rounds = 10;
    for (int round = 1; round <= rounds; round++) {
      spool(1, 0, round);
      publisher.spooled(new BlockPosition(0, round));
      pump(publisher);
      for (int i = 0; i < AGGREGATORS.size(); i++) {
        producers.getLast().completeNext();
      }
      producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
      pump(publisher);
      millis.addAndGet(10_000);
    }
    millis.addAndGet(-1);
    spool(1, 0, rounds + 1);
    publisher.spooled(new BlockPosition(0, rounds + 1));
    pump(publisher);
    assertThat(topics()).hasSize(AGGREGATORS.size()).doesNotContain(SET_UPS);
    millis.addAndGet(1);
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
  }

  @Test
  void whatIsWaitedForIsToldOnceAMinute() {
    var logger = (Logger) LoggerFactory.getLogger(Publisher.class);
    var lines = new ListAppender<ILoggingEvent>();
    lines.setContext(logger.getLoggerContext());
    lines.start();
    logger.setLevel(Level.WARN);
    logger.addAppender(lines);
    try {
      spool(1, 0, 0);
      Publisher publisher = publisher();
      for (int failures = 1; failures <= 300; failures++) {
        pump(publisher);
        producers.getLast().errorNext(new TimeoutException("told by the test"));
        pump(publisher);
        millis.addAndGet(500);
      }
      assertThat(producers).hasSize(300);
      assertThat(lines.list).as("in 150 seconds").hasSize(3);
      pump(publisher);
      producers.getLast().errorNext(new OutOfOrderSequenceException("told by the test"));
      pump(publisher);
      assertThat(lines.list).as("another cause at once").hasSize(4);
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
    }
  }
}
