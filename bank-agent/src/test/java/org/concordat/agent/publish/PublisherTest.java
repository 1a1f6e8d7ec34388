package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PublisherTest extends PublisherFixture {
  private final BlockingQueue<String> lookedFor = new LinkedBlockingQueue<>();
  private boolean away;
  private boolean refused;

  /** After so many looks at the clock the first block is scored, and its session forgotten. */
  private int looks;

  @Override
  MockProducer<byte[], byte[]> newProducer() {
    return new Asked();
  }

  @Override
  long nanos() {
    if (looks > 0 && --looks == 0) {
      store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
      store.remove(store.values("setup/").keySet());
    }
    return super.nanos();
  }

  private final class Asked extends MockProducer<byte[], byte[]> {
    Asked() {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
      lookedFor.add(topic);
      if (away) {
        throw new TimeoutException("told by the test");
      }
      if (refused) {
        throw new SslAuthenticationException("told by the test");
      }
      return List.of();
    }
  }

  private static List<String> texts(List<ProducerRecord<byte[], byte[]>> records, String topic) {
    return records.stream()
        .filter(record -> record.topic().equals(topic))
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private static String copy(int partition, long sequence, int aggregator) {
    return new BlockPosition(partition, sequence) + " for " + aggregator;
  }

  @Test
  void aSessionIsAnnouncedBeforeItsFirstBlock() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    pump(publisher);
    assertThat(producers.getLast().history())
        .extracting(ProducerRecord::topic)
        .containsOnly("t.sessions.bank-a");
    assertThat(producers.getLast().history())
        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
        .containsExactly("bank-a/agg-1/1", "bank-a/agg-2/1", "bank-a/agg-3/1");
    producers.getLast().completeNext();
    producers.getLast().completeNext();
    pump(publisher);
    assertThat(producers.getLast().history()).hasSize(3);
    producers.getLast().completeNext();
    pump(publisher);
    assertThat(producers.getLast().history()).hasSize(6);
  }

  @Test
  void nothingOfAPartitionIsSentBeforeItsCutsAreCaughtUpWith() {
    catchUp = new CatchUp(store, 2, this::nanos);
    spool(1, 0, 0);
    Publisher publisher = publisher();
    pump(publisher);
    assertThat(producers).isEmpty();
    assertThat(publisher.failure()).as("not yet").isNull();
    millis.addAndGet(TimeUnit.NANOSECONDS.toMillis(CatchUp.OVERDUE_NANOS));
    assertThat(publisher.failure()).isEqualTo("CutsUnread");
    spool(1, 1, 0);
    publisher.spooled(new BlockPosition(1, 0));
    catchUp.done(Set.of(1));
    acknowledgeAll(publisher);
    assertThat(publisher.idle(1)).isTrue();
    assertThat(publisher.idle(0)).isFalse();
    assertThat(publisher.failure()).isEqualTo("CutsUnread");
    catchUp.done(Set.of(0));
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
    assertThat(publisher.failure()).isNull();
  }

  @Test
  void aSessionThatIsForgottenBeforeItIsAnnouncedHoldsNothingUp() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    pump(publisher);
    producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
    pump(publisher);
    millis.addAndGet(100);
    // For the retry, and then for the set-up records of the block that was found.
    looks = 2;
    pump(publisher);
    assertThat(looks).isZero();
    pump(publisher);
    assertThat(publisher.idle()).isTrue();
    assertThat(producers).as("nothing was left to send").hasSize(1);
  }

  @Test
  void everyAggregatorGetsItsCopiesInOrderOnTheSamePartition() {
    for (int sequence = 0; sequence < 10; sequence++) {
      spool(1, 0, sequence);
      spool(1, 1, sequence);
    }
    Publisher publisher = publisher();
    assertThat(publisher.idle(0)).isFalse();
    acknowledgeAll(publisher);
    for (int i = 0; i < 3; i++) {
      String topic = "t.shares.bank-a.agg-" + (i + 1);
      var records =
          producers.getLast().history().stream().filter(r -> r.topic().equals(topic)).toList();
      for (int partition = 0; partition < 2; partition++) {
        int p = partition;
        var expected = new ArrayList<String>();
        for (int sequence = 0; sequence < 10; sequence++) {
          expected.add(copy(p, sequence, i));
        }
        assertThat(texts(records.stream().filter(r -> r.partition() == p).toList(), topic))
            .isEqualTo(expected);
      }
    }
    assertThat(publisher.idle()).isTrue();
    assertThat(published.get()).isEqualTo(20);
  }

  @Test
  void onlySoManyBlocksAreUnderWay() {
    for (int sequence = 0; sequence <= Lane.BLOCKS_MAX; sequence++) {
      spool(1, 0, sequence);
    }
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    assertThat(producers.getLast().history()).hasSize(3 + 3 * Lane.BLOCKS_MAX);
  }

  @Test
  void aFailureSendsTheSameBytesAgainInOrder() {
    for (int sequence = 0; sequence < 3; sequence++) {
      spool(1, 0, sequence);
    }
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    // agg-1 has 0 and then fails at 1; 2 may have arrived or not.
    producers.getLast().completeNext();
    producers.getLast().errorNext(new OutOfOrderSequenceException("told by the test"));
    pump(publisher);
    assertThat(publisher.failure()).isEqualTo("OutOfOrderSequenceException");
    assertThat(producers).hasSize(1);
    assertThat(producers.getFirst().closed()).as("before 2 goes out without 1").isTrue();
    millis.addAndGet(100);
    acknowledgeAll(publisher);
    assertThat(publisher.failure()).isNull();
    assertThat(producers).hasSize(2);
    var again = producers.getLast().history();
    assertThat(texts(again, "t.shares.bank-a.agg-1")).containsExactly(copy(0, 1, 0), copy(0, 2, 0));
    assertThat(texts(again, "t.shares.bank-a.agg-2"))
        .containsExactly(copy(0, 0, 1), copy(0, 1, 1), copy(0, 2, 1));
    assertThat(publisher.idle()).isTrue();
    assertThat(published.get()).isEqualTo(3);
  }

  /** As when one broker's disk is at its bound, and another's, where agg-1's topic is, isn't. */
  @Test
  void whatWasRefusedGoesFirstAndAlone() {
    int blocks = Lane.BLOCKS_MAX + 2;
    for (int sequence = 0; sequence < blocks; sequence++) {
      spool(1, 0, sequence);
    }
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    // agg-1 has the first four.
    for (int i = 0; i < Lane.BLOCKS_MAX; i++) {
      producers.getLast().completeNext();
    }
    for (int refusals = 1; refusals <= 3; refusals++) {
      producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
      pump(publisher);
      assertThat(publisher.failure()).isEqualTo("TopicAuthorizationException");
      millis.addAndGet(1_000);
      pump(publisher);
      assertThat(producers).hasSize(1 + refusals);
      assertThat(producers.getLast().history())
          .extracting(ProducerRecord::topic)
          .containsExactly("t.shares.bank-a.agg-2");
    }
    acknowledgeAll(publisher);
    assertThat(publisher.failure()).isNull();
    assertThat(publisher.idle()).isTrue();
    var taken = producers.getLast().history();
    assertThat(texts(taken, "t.shares.bank-a.agg-1")).containsExactly(copy(0, 4, 0), copy(0, 5, 0));
    assertThat(texts(taken, "t.shares.bank-a.agg-2")).hasSize(blocks).startsWith(copy(0, 0, 1));
    assertThat(texts(taken, "t.shares.bank-a.agg-3")).hasSize(blocks).startsWith(copy(0, 0, 2));
  }

  @Test
  void whatIsScoredWhileItIsRefusedHoldsNothingUp() {
    spool(1, 0, 0);
    spool(1, 1, 0);
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    producers.getLast().errorNext(new TopicAuthorizationException("told by the test"));
    pump(publisher);
    store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
    millis.addAndGet(1_000);
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
    assertThat(texts(producers.getLast().history(), "t.shares.bank-a.agg-1"))
        .containsExactly(copy(1, 0, 0));
  }

  @Test
  void theWaitBetweenFailuresGrows() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    long waited = 0;
    for (int failures = 1; failures <= 20; failures++) {
      pump(publisher);
      producers.getLast().errorNext(new OutOfOrderSequenceException("told by the test"));
      pump(publisher);
      int before = producers.size();
      long wait = 0;
      while (producers.size() == before) {
        wait += 100;
        millis.addAndGet(100);
        pump(publisher);
      }
      assertThat(wait).isBetween(Math.min(waited, 10_000), 10_000L);
      waited = wait;
    }
    assertThat(waited).isEqualTo(10_000);
  }

  @Test
  void brokersThatAreAwayAreTriedAgainWithinHalfASecond() {
    spool(1, 0, 0);
    Publisher publisher = publisher();
    for (int failures = 1; failures <= 10; failures++) {
      pump(publisher);
      producers.getLast().errorNext(new TimeoutException("told by the test"));
      pump(publisher);
      assertThat(producers).hasSize(failures);
      millis.addAndGet(500);
    }
    pump(publisher);
    assertThat(publisher.failure()).as("told until they answer").isEqualTo("TimeoutException");
    acknowledgeAll(publisher);
    assertThat(publisher.failure()).isNull();
    assertThat(publisher.idle()).isTrue();
  }

  /** It may start anywhere, and goes on at its smallest value. */
  @Test
  void theNanosecondClockMayPassItsLargestValueBeforeARetry() {
    startNanos = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(50);
    spool(1, 0, 0);
    Publisher publisher = publisher();
    pump(publisher);
    producers.getLast().errorNext(new OutOfOrderSequenceException("told by the test"));
    pump(publisher);
    assertThat(producers).as("a tenth of a second is to be waited").hasSize(1);
    millis.addAndGet(99);
    pump(publisher);
    assertThat(producers).hasSize(1);
    millis.addAndGet(1);
    pump(publisher);
    assertThat(producers).hasSize(2);
  }

  @Test
  void aRestartSendsWhatIsNotKnownToBeScored() {
    for (int sequence = 0; sequence < 4; sequence++) {
      spool(1, 0, sequence);
    }
    acknowledgeAll(publisher());
    store.commit(
        new StoreGroup()
            .scored(new BlockPosition(0, 0), TestStores.CUT)
            .scored(new BlockPosition(0, 1), TestStores.CUT));
    spool(2, 0, 4);
    Publisher restarted = publisher();
    acknowledgeAll(restarted);
    assertThat(texts(producers.getLast().history(), "t.shares.bank-a.agg-3"))
        .containsExactly(copy(0, 2, 2), copy(0, 3, 2), copy(0, 4, 2));
    assertThat(texts(producers.getLast().history(), "t.sessions.bank-a")).hasSize(6);
    assertThat(restarted.idle()).isTrue();
  }

  @Test
  void blocksThatComeLaterAreSentToo() {
    Publisher publisher = publisher();
    pump(publisher);
    assertThat(publisher.idle()).isTrue();
    spool(1, 1, 0);
    publisher.spooled(new BlockPosition(1, 0));
    assertThat(publisher.idle(1)).isFalse();
    assertThat(publisher.idle(0)).isTrue();
    acknowledgeAll(publisher);
    assertThat(publisher.idle()).isTrue();
  }

  private Thread running(Publisher publisher) {
    return Thread.ofPlatform().start(publisher::run);
  }

  @Test
  @Timeout(60)
  void topicsAreFoundBeforeThereIsABlock() throws Exception {
    Publisher publisher = publisher();
    Thread running = running(publisher);
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < 1 + AGGREGATORS.size(); i++) {
      topics.add(lookedFor.take());
    }
    publisher.stop();
    running.join();
    assertThat(topics)
        .containsExactly(
            "t.sessions.bank-a",
            "t.shares.bank-a.agg-1",
            "t.shares.bank-a.agg-2",
            "t.shares.bank-a.agg-3");
    assertThat(producers).hasSize(1);
    assertThat(producers.getFirst().history()).isEmpty();
  }

  @Test
  @Timeout(60)
  void brokersThatAreAwayAtTheStartAreNoFailureYet() throws Exception {
    away = true;
    spool(1, 0, 0);
    Publisher publisher = publisher();
    Thread running = running(publisher);
    assertThat(lookedFor.take()).isEqualTo("t.sessions.bank-a");
    while (producers.getFirst().history().size() < AGGREGATORS.size()) {
      Thread.sleep(1);
    }
    publisher.stop();
    running.join();
    assertThat(lookedFor).as("one that isn't found is enough").isEmpty();
    assertThat(producers).as("it goes on connecting").hasSize(1);
    assertThat(publisher.failure()).isNull();
  }

  /** A real one would keep the blocks for ever, though nobody refuses it any more. */
  @Test
  @Timeout(60)
  void aProducerThatIsRefusedAtTheStartSendsNothing() throws Exception {
    refused = true;
    spool(1, 0, 0);
    Publisher publisher = publisher();
    Thread running = running(publisher);
    while (producers.size() < 2 || producers.getLast().history().size() < AGGREGATORS.size()) {
      Thread.sleep(1);
    }
    publisher.stop();
    running.join();
    assertThat(producers).hasSize(2);
    assertThat(producers.getFirst().closed()).isTrue();
    assertThat(producers.getFirst().history()).isEmpty();
    assertThat(publisher.failure()).isNull();
  }

  /** As all that is under way when brokers are away for longer than a producer waits. */
  @Test
  void blocksThatAProducerGaveUpAreSentAgainInOrder() {
    for (int sequence = 0; sequence < 3; sequence++) {
      spool(1, 0, sequence);
    }
    Publisher publisher = publisher();
    pump(publisher);
    for (int i = 0; i < 3; i++) {
      producers.getLast().completeNext();
    }
    pump(publisher);
    while (producers.getLast().errorNext(new TimeoutException("told by the test"))) {
      pump(publisher);
    }
    assertThat(publisher.failure()).isEqualTo("TimeoutException");
    millis.addAndGet(500);
    acknowledgeAll(publisher);
    assertThat(producers).hasSize(2);
    for (int i = 0; i < AGGREGATORS.size(); i++) {
      assertThat(texts(producers.getLast().history(), "t.shares.bank-a." + AGGREGATORS.get(i)))
          .containsExactly(copy(0, 0, i), copy(0, 1, i), copy(0, 2, i));
    }
    assertThat(publisher.failure()).isNull();
    assertThat(publisher.idle()).isTrue();
  }
}
