package org.concordat.agent.publish;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.agent.encode.SealingSessions;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.SpooledBlock;
import org.concordat.schemas.record.Topics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spooled blocks, for each aggregator and partition in the order of their sequences, and a
 * session's set-up records before its first block.
 *
 * <p>The producer retries by itself. When it gives up, it is closed at once, and all lanes go back
 * to their first unacknowledged block and begin again with a new producer: a block may arrive
 * twice. Its successor arrives before it only where the producer still sends that in the moment
 * between giving a block up and being closed. That does no harm: aggregators take blocks in any
 * order, and the missing one goes again first. One thread works here, in {@link #run}.
 */
public final class Publisher implements AutoCloseable {
  /** So many unacknowledged bytes are under way at most. */
  static final long BYTES_MAX = 32L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final long BACKOFF_MILLIS_MIN = 100;
  private static final long BACKOFF_MILLIS_MAX = 10_000;

  /** While brokers are away: a send waits for them by itself before it fails. */
  private static final long AWAY_MILLIS_MAX = 500;

  private static final long LOOK_NANOS = 50_000_000;

  /** What publishing waits for is told once in so long, as long as that is the same. */
  private static final long TOLD_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** A send has ended. */
  private record Ended(
      long generation, @Nullable Lane lane, long number, long bytes, @Nullable Exception failure) {}

  /** Until when something that failed isn't tried again, and how long that was from the failure. */
  private record Pause(long endNanos, long millis) {
    boolean isOver(long nanos) {
      return nanos - endNanos >= 0;
    }
  }

  /** A lane that a send has failed for. */
  private record Held(Lane lane, Pause pause) {}

  private final AgentStore store;
  private final Topics topics;
  private final String bank;
  private final List<String> aggregators;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final CatchUp catchUp;
  private final LongSupplier nanoClock;
  private final LongConsumer published;
  private final List<Lane> lanes = new ArrayList<>();
  private final AtomicLongArray spooledBelow;
  private final long[] publishedBelow;
  private final ConcurrentLinkedQueue<Ended> ended = new ConcurrentLinkedQueue<>();

  /**
   * By partition: whose block a send has failed for. After that it alone goes there, and one block
   * at a time, until one is acknowledged. Brokers that refuse what is for one aggregator, for hours
   * perhaps, may take what is for another; a block that reached some alone is skipped, and its rows
   * sent again, but not for ever. Other partitions go on, and have time to: each failure costs them
   * the producer too, so a lane that fails again and again pauses longer than they do.
   */
  private final Map<Integer, Held> held = new HashMap<>();

  /** The same for set-up records, until all of a session are acknowledged. */
  private @Nullable Pause setupsPause;

  /** By session: how many set-up records are still unacknowledged. */
  private final Map<Long, Integer> announcements = new HashMap<>();

  private @Nullable Producer<byte[], byte[]> producer;
  private long generation;
  private boolean worked;
  private long bytesUnderway;
  private long backoffMillis = BACKOFF_MILLIS_MIN;
  private boolean pausing;
  private long retryNanos;

  /** By cause: when it was told last. */
  private final Map<String, Long> toldNanos = new HashMap<>();

  /** The last one, until every partition goes on or nothing is left to send. */
  private volatile @Nullable String failure;

  private volatile @Nullable Thread worker;
  private volatile boolean stopping;

  /**
   * @param aggregators by index
   * @param catchUp a partition's blocks, and sessions, wait until it is done
   * @param published told how many more blocks every aggregator's topic has
   */
  public Publisher(
      AgentStore store,
      Topics topics,
      String bank,
      List<String> aggregators,
      int partitions,
      Supplier<Producer<byte[], byte[]>> producers,
      CatchUp catchUp,
      LongConsumer published) {
    this(
        store,
        topics,
        bank,
        aggregators,
        partitions,
        producers,
        catchUp,
        System::nanoTime,
        published);
  }

  /**
   * As above.
   *
   * @param nanoClock as {@link System#nanoTime}: a wall clock that is set back would stop retries
   */
  Publisher(
      AgentStore store,
      Topics topics,
      String bank,
      List<String> aggregators,
      int partitions,
      Supplier<Producer<byte[], byte[]>> producers,
      CatchUp catchUp,
      LongSupplier nanoClock,
      LongConsumer published) {
    this.store = store;
    this.topics = topics;
    this.bank = bank;
    this.aggregators = List.copyOf(aggregators);
    this.producers = producers;
    this.catchUp = catchUp;
    this.nanoClock = nanoClock;
    this.published = published;
    this.spooledBelow = new AtomicLongArray(partitions);
    this.publishedBelow = new long[partitions];
    for (int partition = 0; partition < partitions; partition++) {
      long below = store.nextSequence(partition);
      spooledBelow.set(partition, below);
      publishedBelow[partition] =
          store.firstUnscored(partition, 0).map(block -> block.position().sequence()).orElse(below);
      for (int i = 0; i < aggregators.size(); i++) {
        var lane = new Lane(i, partition);
        lane.passed(publishedBelow[partition]);
        lanes.add(lane);
      }
    }
  }

  /** A block is in the store. */
  public void spooled(BlockPosition position) {
    spooledBelow.accumulateAndGet(position.partition(), position.sequence() + 1, Math::max);
    wake();
  }

  private void wake() {
    LockSupport.unpark(worker);
  }

  /** Whether every spooled block of a partition is acknowledged. */
  public boolean idle(int partition) {
    long below = spooledBelow.get(partition);
    for (Lane lane : lanes) {
      if (lane.partition == partition && lane.acknowledgedBelow() < below) {
        return false;
      }
    }
    return true;
  }

  /** Whether everything spooled is acknowledged. */
  public boolean idle() {
    for (int partition = 0; partition < publishedBelow.length; partition++) {
      if (!idle(partition)) {
        return false;
      }
    }
    return true;
  }

  /** Why not all can be sent, as far as is known: null again once every partition goes on. */
  public @Nullable String failure() {
    String name = failure;
    boolean waits = name == null && catchUp.overdue().stream().anyMatch(p -> !idle(p));
    return waits ? "CutsUnread" : name;
  }

  /** Works until {@link #stop}. */
  public void run() {
    worker = Thread.currentThread();
    if (!stopping) {
      connect();
    }
    while (!stopping) {
      if (!pump()) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
    }
  }

  /**
   * Has a producer find the topics while the first rows are being read and sealed: at a start that
   * takes as long, and else the first block would wait for it.
   */
  private void connect() {
    try {
      Producer<byte[], byte[]> first = producers.get();
      producer = first;
      first.partitionsFor(topics.sessions(bank));
      for (String aggregator : aggregators) {
        first.partitionsFor(topics.shares(bank, aggregator));
      }
    } catch (KafkaException | IllegalStateException e) {
      // The first block is sent as long as it takes, and tells what it waits for.
      LOG.atDebug().addKeyValue("cause", e.getClass().getSimpleName()).log("Not connected yet.");
      if (e instanceof AuthenticationException) {
        // This one would send nothing, whatever it could show by then (KAFKA-20237).
        closeProducer(Duration.ZERO);
      }
    }
  }

  public void stop() {
    stopping = true;
    wake();
  }

  /** Does what can be done now; false if that was nothing. */
  boolean pump() {
    worked = false;
    takeEnded();
    if (pausing) {
      if (nanoClock.getAsLong() - retryNanos < 0) {
        return worked;
      }
      reset();
    }
    for (Lane lane : lanes) {
      if (!held.containsKey(lane.partition)) {
        sendAll(lane);
      }
    }
    // Last, since those that fail again at once end the round for all.
    for (Lane lane : lanes) {
      if (held.containsKey(lane.partition)) {
        sendAll(lane);
      }
    }
    if (held.values().removeIf(hold -> isDone(hold.lane()))) {
      worked = true;
    }
    count();
    if (failure != null && !pausing && idle()) {
      failure = null;
    }
    return worked;
  }

  /** While the brokers are down each send blocks for a while: the first that fails is enough. */
  private boolean mayContinue() {
    takeEnded();
    return !pausing && !stopping;
  }

  private void sendAll(Lane lane) {
    while (mayContinue() && mayGo(lane) && bytesUnderway < BYTES_MAX && sendNext(lane)) {
      worked = true;
    }
  }

  private boolean mayGo(Lane lane) {
    Held hold = held.get(lane.partition);
    if (hold == null) {
      return !lane.full() && catchUp.isDone(lane.partition);
    }
    return hold.lane() == lane && lane.empty() && hold.pause().isOver(nanoClock.getAsLong());
  }

  /** Whether what it waited with was scored or skipped meanwhile. */
  private boolean isDone(Lane lane) {
    return lane.acknowledgedBelow() >= spooledBelow.get(lane.partition);
  }

  private void takeEnded() {
    for (var end = ended.poll(); end != null; end = ended.poll()) {
      worked = true;
      if (end.generation() != generation) {
        continue;
      }
      bytesUnderway -= end.bytes();
      Lane lane = end.lane();
      Exception cause = end.failure();
      if (cause != null) {
        fail(lane, cause);
        continue;
      }
      if (lane != null) {
        lane.acknowledged(end.number());
        if (!pausing) {
          held.values().removeIf(hold -> hold.lane() == lane);
        }
        backoffMillis = BACKOFF_MILLIS_MIN;
      } else {
        announcements.merge(end.number(), -1, Integer::sum);
        if (announcements.getOrDefault(end.number(), 0) == 0) {
          setupsPause = null;
        }
      }
      if (!pausing && held.isEmpty()) {
        failure = null;
      }
    }
  }

  /**
   * @param lane whose block it was; none if it was a set-up record
   */
  private void fail(@Nullable Lane lane, Exception cause) {
    if (pausing) {
      return;
    }
    pausing = true;
    // It would go on with the blocks behind the one that it gave up.
    closeProducer(Duration.ZERO);
    String name = cause.getClass().getSimpleName();
    failure = name;
    long most = cause instanceof TimeoutException ? AWAY_MILLIS_MAX : BACKOFF_MILLIS_MAX;
    if (lane == null) {
      setupsPause = longer(setupsPause, most);
    } else {
      Held before = held.get(lane.partition);
      Pause last = before == null ? null : before.pause();
      held.put(lane.partition, new Held(lane, longer(last, most)));
    }
    long millis = Math.min(backoffMillis, most);
    long nanos = nanoClock.getAsLong();
    retryNanos = nanos + TimeUnit.MILLISECONDS.toNanos(millis);
    Long told = toldNanos.get(name);
    if (told == null || nanos - told >= TOLD_NANOS) {
      toldNanos.put(name, nanos);
      LOG.atWarn()
          .addKeyValue("cause", name)
          .addKeyValue("retryInMillis", millis)
          .log("Publishing waits for the brokers.");
    }
    backoffMillis = Math.min(2 * millis, BACKOFF_MILLIS_MAX);
  }

  private Pause longer(@Nullable Pause last, long millisMax) {
    long millis = last == null ? BACKOFF_MILLIS_MIN : Math.min(2 * last.millis(), millisMax);
    return new Pause(nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis), millis);
  }

  /** Begins again with a new producer, each lane from its first unacknowledged block. */
  private void reset() {
    generation++;
    bytesUnderway = 0;
    // A set-up that is acknowledged stays so.
    announcements.values().removeIf(waiting -> waiting > 0);
    lanes.forEach(Lane::rewind);
    pausing = false;
  }

  private boolean sendNext(Lane lane) {
    long below = spooledBelow.get(lane.partition);
    SpooledBlock block = store.firstUnscored(lane.partition, lane.next()).orElse(null);
    if (block == null || block.position().sequence() >= below) {
      lane.passed(below);
      return false;
    }
    Integer waiting = announcements.get(block.session());
    if (waiting == null) {
      if (setupsPause == null || setupsPause.isOver(nanoClock.getAsLong())) {
        announce(block);
      }
      return false;
    }
    if (waiting > 0) {
      return false;
    }
    byte[] copy = store.copy(block.position(), lane.aggregator).orElse(null);
    long sequence = block.position().sequence();
    if (copy == null) {
      // It was scored between the two looks.
      lane.passed(sequence + 1);
      return true;
    }
    lane.sent(sequence);
    String topic = topics.shares(bank, aggregators.get(lane.aggregator));
    send(new ProducerRecord<>(topic, lane.partition, null, copy), lane, sequence, copy.length);
    return true;
  }

  private void announce(SpooledBlock block) {
    long session = block.session();
    List<byte[]> setups = new ArrayList<>();
    for (String aggregator : aggregators) {
      byte[] setup = store.get(SealingSessions.setupName(session, aggregator)).orElse(null);
      if (setup != null) {
        setups.add(setup);
      } else if (store.unscored(block.position()).isPresent()) {
        throw new IllegalStateException("A spooled block's session has no set-up record.");
      } else {
        // The block was the session's last, and is scored since it was looked up.
        return;
      }
    }
    announcements.put(session, aggregators.size());
    for (int i = 0; i < aggregators.size() && mayContinue(); i++) {
      byte[] key =
          (bank + "/" + aggregators.get(i) + "/" + session).getBytes(StandardCharsets.UTF_8);
      byte[] setup = setups.get(i);
      send(new ProducerRecord<>(topics.sessions(bank), key, setup), null, session, setup.length);
    }
  }

  private void send(
      ProducerRecord<byte[], byte[]> record, @Nullable Lane lane, long number, int bytes) {
    bytesUnderway += bytes;
    long sentIn = generation;
    try {
      Producer<byte[], byte[]> to = producer;
      if (to == null) {
        to = producers.get();
        producer = to;
      }
      to.send(
          record,
          (metadata, exception) -> {
            ended.add(new Ended(sentIn, lane, number, bytes, exception));
            wake();
          });
    } catch (KafkaException | IllegalStateException e) {
      // A producer that has given up throws; so does one that can't be made.
      ended.add(new Ended(sentIn, lane, number, bytes, e));
    }
  }

  private void count() {
    for (int partition = 0; partition < publishedBelow.length; partition++) {
      long below = Long.MAX_VALUE;
      for (Lane lane : lanes) {
        if (lane.partition == partition) {
          below = Math.min(below, lane.acknowledgedBelow());
        }
      }
      if (below > publishedBelow[partition]) {
        published.accept(below - publishedBelow[partition]);
        publishedBelow[partition] = below;
      }
    }
  }

  private void closeProducer(Duration wait) {
    Producer<byte[], byte[]> old = producer;
    producer = null;
    if (old != null) {
      old.close(wait);
    }
  }

  /** Waits a little for what is under way. Call when {@link #run} has returned. */
  @Override
  public void close() {
    closeProducer(CLOSE_WAIT);
  }
}
