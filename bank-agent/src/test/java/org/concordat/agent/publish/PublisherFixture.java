package org.concordat.agent.publish;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.agent.encode.SealingSessions;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store, and publishers of what it spools whose producers do what a test has them do. */
abstract class PublisherFixture {
  static final List<String> AGGREGATORS = List.of("agg-1", "agg-2", "agg-3");

  @TempDir Path data;

  AgentStore store;
  CatchUp catchUp;
  final List<MockProducer<byte[], byte[]>> producers = new CopyOnWriteArrayList<>();
  final AtomicLong millis = new AtomicLong();
  final AtomicLong published = new AtomicLong();
  long startNanos;

  @BeforeEach
  void open() {
    store = TestStores.open(data);
    catchUp = caughtUp();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private CatchUp caughtUp() {
    var done = new CatchUp(store, 2, this::nanos);
    done.done(Set.of(0, 1));
    return done;
  }

  /** The next one that a publisher gets. */
  MockProducer<byte[], byte[]> newProducer() {
    return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private MockProducer<byte[], byte[]> nextProducer() {
    MockProducer<byte[], byte[]> producer = newProducer();
    producers.add(producer);
    return producer;
  }

  /** What a publisher's clock shows. */
  long nanos() {
    return startNanos + TimeUnit.MILLISECONDS.toNanos(millis.get());
  }

  Publisher publisher() {
    return new Publisher(
        store,
        new Topics("t."),
        "bank-a",
        AGGREGATORS,
        2,
        this::nextProducer,
        catchUp,
        this::nanos,
        published::addAndGet);
  }

  void spool(long session, int partition, long sequence) {
    for (String aggregator : AGGREGATORS) {
      store.put(SealingSessions.setupName(session, aggregator), new byte[] {(byte) session});
    }
    store.commit(
        TestStores.spool(
            new StoreGroup(),
            new BlockPosition(partition, sequence),
            session,
            TestStores.row(sequence, sequence)));
  }

  static void pump(Publisher publisher) {
    while (publisher.pump()) {
      // until nothing can be done
    }
  }

  /** Acknowledges everything that is under way, until nothing is. */
  void acknowledgeAll(Publisher publisher) {
    pump(publisher);
    while (producers.getLast().completeNext()) {
      pump(publisher);
    }
  }
}
