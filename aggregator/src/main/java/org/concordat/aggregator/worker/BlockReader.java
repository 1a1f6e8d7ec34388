package org.concordat.aggregator.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.aggregator.bus.BankTopics;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.RefusalLog;
import org.concordat.aggregator.metrics.AggregatorMetrics.Stage;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.seal.BlockOpener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of every bank's topic for this aggregator and admits the blocks, on a thread
 * of its own. Stops reading a bank whose unused blocks fill its part of the buffer, so that a
 * flooding bank can't push out the others.
 *
 * <p>A party that alone was shown a block far ahead reads the bank's topic from there at each
 * start: all that the topic keeps, at worst. So what was there at the start, and says that it was
 * used up by then, isn't opened, which would only hold up the blocks of all banks.
 */
final class BlockReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlockReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long LOOK_MILLIS = 500;
  private static final Duration ENDS_WAIT = Duration.ofMillis(500);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  /** Records whose fate the partition's thread hasn't taken yet; more pauses reading. */
  private static final int UNTAKEN_MAX = 4_096;

  /** Two full blocks: one to be cut while the next comes. */
  private static final int ROWS_PER_BANK_MIN = 2 * BlockOpener.ROWS_MAX;

  private final PartitionSetup setup;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final PartitionView view;
  private final BlockGate gate;
  private final RefusalLog refusals;
  private final Map<TopicPartition, String> banks = new LinkedHashMap<>();
  private final BankTopics topics;
  private final Map<String, Long> startOffsets;

  /** By bank: its next sequence at the start. */
  private final Map<String, Long> usedBelow;

  /** By bank: up to which offset a record was there at the start; as far as it is known. */
  private final Map<String, Long> earlierBelow = new HashMap<>();

  private final int rowsPerBankMax;
  private final long sessionGraceNanos;
  private final BiConsumer<Admission, Long> admitted;
  private final Map<String, WaitingBlocks> waiting = new HashMap<>();
  private final Map<String, Long> waitingSinceNanos = new HashMap<>();
  private final Semaphore untaken = new Semaphore(UNTAKEN_MAX);
  private final Map<String, Long> positions = new ConcurrentHashMap<>();
  private final AtomicBoolean sessionsChanged = new AtomicBoolean();
  private final Thread thread;

  /** Whose record the gate failed at last, if it has let in none since, nor found its next used. */
  private @Nullable String failedBank;

  private long lastLookMillis;
  private volatile boolean running = true;
  private volatile Set<String> waitingNow = Set.of();

  /**
   * @param start where the last committed batch has left the partition; a bank without an offset
   *     there starts at the beginning
   * @param admitted gets each record's fate and offset, on the reader's thread; {@link #taken} is
   *     to be called for each
   */
  BlockReader(
      PartitionSetup setup,
      Supplier<Consumer<byte[], byte[]>> consumers,
      PartitionState start,
      BiConsumer<Admission, Long> admitted) {
    this.setup = setup;
    this.consumers = consumers;
    this.view = setup.view();
    this.gate = setup.gate();
    this.refusals = new RefusalLog(System::nanoTime);
    for (String bank : setup.settings().banks()) {
      banks.put(at(setup, bank), bank);
    }
    this.topics =
        new BankTopics(
            banks,
            at -> OptionalLong.of(position(bankOf(at))),
            System::nanoTime,
            () -> setup.metrics().alarm(Code.CDT_417.label()));
    this.startOffsets = new HashMap<>(start.getNextOffsets());
    this.usedBelow = new HashMap<>(start.getNextSequences());
    this.rowsPerBankMax = Math.max(ROWS_PER_BANK_MIN, setup.bufferedRowsMax() / banks.size());
    this.sessionGraceNanos = TimeUnit.MILLISECONDS.toNanos(setup.settings().stallMillis());
    this.admitted = admitted;
    this.thread = Thread.ofPlatform().name("blocks-" + setup.partition()).unstarted(this::run);
  }

  private static TopicPartition at(PartitionSetup setup, String bank) {
    return new TopicPartition(setup.topics().shares(bank, setup.aggregator()), setup.partition());
  }

  void start() {
    thread.start();
  }

  /** A session's set-up came: what waited may open now. */
  void sessionsChanged() {
    sessionsChanged.set(true);
  }

  /** The partition's thread has taken a record's fate. */
  void taken() {
    untaken.release();
  }

  /** Blocks of a bank have left the buffer. */
  void released(String bank, int room) {
    view.buffered(bank, -room);
  }

  /** The offset after the last record of a bank that was admitted, or its start. */
  long position(String bank) {
    return positions.getOrDefault(bank, startOffsets.getOrDefault(bank, 0L));
  }

  private void run() {
    while (running) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        read(consumer);
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        view.connections(0);
        LOG.atWarn()
            .addKeyValue("partition", setup.partition())
            .addKeyValue("waitsFor", "the brokers, to read blocks")
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Reading blocks again.");
        if (!pauseBeforeRetry()) {
          return;
        }
      } catch (RuntimeException | Error e) {
        setup.halt().accept(e);
        return;
      }
    }
  }

  private static boolean pauseBeforeRetry() {
    try {
      Thread.sleep(RETRY);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    topics.begin(consumer);
    // What waited is read again from where the bank stands.
    waiting.clear();
    while (running) {
      topics.tryAgain(consumer).forEach(at -> waiting.remove(bankOf(at)));
      throttle(consumer);
      var records = topics.poll(consumer, POLL);
      noteEarlier(consumer);
      look(consumer);
      retryWaiting(sessionsChanged.getAndSet(false));
      for (TopicPartition at : records.partitions()) {
        String bank = bankOf(at);
        for (ConsumerRecord<byte[], byte[]> record : records.records(at)) {
          admit(bank, new WaitingBlocks.Sealed(record.offset(), record.value(), System.nanoTime()));
        }
      }
    }
  }

  /** Told by the first answer, and asked of no broker: one that is away holds up nothing. */
  private void noteEarlier(Consumer<byte[], byte[]> consumer) {
    banks.forEach(
        (at, bank) -> {
          if (topics.isRead(at) && !earlierBelow.containsKey(bank)) {
            consumer
                .currentLag(at)
                .ifPresent(lag -> earlierBelow.put(bank, consumer.position(at) + lag));
          }
        });
  }

  private void look(Consumer<byte[], byte[]> consumer) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    if (millis - lastLookMillis >= LOOK_MILLIS) {
      lastLookMillis = millis;
      Map<TopicPartition, Long> ends = endsOfPaused(consumer);
      banks.forEach(
          (at, bank) -> {
            Long end = ends.get(at);
            if (end != null) {
              view.lag(bank, end - consumer.position(at));
            } else if (topics.isRead(at)) {
              consumer.currentLag(at).ifPresent(lag -> view.lag(bank, lag));
            }
          });
      view.connections(BusClients.connections(consumer.metrics()));
      refusals.tick();
    }
  }

  /** A fetch tells the lag of what it fetches; the end of what is paused has to be asked for. */
  private static Map<TopicPartition, Long> endsOfPaused(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> paused = consumer.paused();
    if (paused.isEmpty()) {
      return Map.of();
    }
    try {
      return consumer.endOffsets(paused, ENDS_WAIT);
    } catch (TimeoutException e) {
      return Map.of();
    }
  }

  private String bankOf(TopicPartition at) {
    return Objects.requireNonNull(banks.get(at));
  }

  /** Keeps a bank's order: what comes after a waiting record waits too. */
  private void admit(String bank, WaitingBlocks.Sealed record) {
    WaitingBlocks queue = waiting.computeIfAbsent(bank, b -> new WaitingBlocks());
    if (queue.isEmpty()) {
      long started = System.nanoTime();
      Admission admission;
      try {
        admission = admission(bank, record);
      } catch (RuntimeException e) {
        failed(bank, record, e);
        return;
      }
      if (admission instanceof Admission.Accepted) {
        failedBank = null;
        setup.metrics().stage(Stage.OPEN, Duration.ofNanos(System.nanoTime() - started));
      }
      if (admission instanceof Admission.Used && bank.equals(failedBank)) {
        // That record alone was at fault; where all others are used up, none is let in to show it.
        failedBank = null;
      }
      if (admission instanceof Admission.Waiting first) {
        // Since it was read, and not since it is the first: a bank whose sessions' keys are gone
        // has blocks of them by the thousand, which wait at the same time.
        long since = waitingSinceNanos.computeIfAbsent(bank, b -> record.readNanos());
        if (System.nanoTime() - since < sessionGraceNanos) {
          setup.metrics().record("waiting", "none", bank);
          queue.add(record);
          return;
        }
        admission = first.givenUp();
      }
      waitingSinceNanos.remove(bank);
      decided(bank, record, admission);
    } else {
      queue.add(record);
    }
  }

  /** What comes after the start is looked at in any case: somebody may write who isn't the bank. */
  private Admission admission(String bank, WaitingBlocks.Sealed record) {
    boolean earlier = record.offset() < earlierBelow.getOrDefault(bank, 0L);
    return earlier && gate.isUsed(bank, usedBelow.getOrDefault(bank, 0L), record.value())
        ? new Admission.Used(bank)
        : gate.admit(bank, record.offset(), record.value());
  }

  /**
   * What a bank wrote may end no process, whatever bug it finds: each start would meet it. But what
   * fails at the records of two banks, with no block let in between, is more likely this process's
   * own fault, for which every block of every bank would be skipped: it halts.
   */
  private void failed(String bank, WaitingBlocks.Sealed record, RuntimeException failure) {
    refusals.failed(evidence(bank, record), Code.CDT_401, failure);
    if (failedBank != null && !failedBank.equals(bank)) {
      throw new IllegalStateException("Records of several banks couldn't be looked at.", failure);
    }
    failedBank = bank;
    waitingSinceNanos.remove(bank);
    handOver(bank, record, new Admission.Refused(bank, Code.CDT_401, Optional.empty()));
  }

  private void decided(String bank, WaitingBlocks.Sealed record, Admission admission) {
    if (admission instanceof Admission.Accepted accepted) {
      view.buffered(bank, accepted.block().room());
    } else if (admission instanceof Admission.Refused refused) {
      refusals.refusedBlock(evidence(bank, record), refused.code(), refused.sequence());
    }
    handOver(bank, record, admission);
  }

  private void handOver(String bank, WaitingBlocks.Sealed record, Admission admission) {
    positions.put(bank, record.offset() + 1);
    awaitTaken();
    admitted.accept(admission, record.offset());
  }

  private RefusalLog.BankRecord evidence(String bank, WaitingBlocks.Sealed record) {
    return new RefusalLog.BankRecord(bank, at(setup, bank), record.offset(), record.value());
  }

  private void awaitTaken() {
    try {
      untaken.acquire();
    } catch (InterruptedException e) {
      // The thread stays interrupted: its consumer is closed without waiting.
      throw new InterruptException(e);
    }
  }

  private void retryWaiting(boolean sessionsCame) {
    for (var entry : waiting.entrySet()) {
      Long since = waitingSinceNanos.get(entry.getKey());
      boolean overdue = since != null && System.nanoTime() - since >= sessionGraceNanos;
      if (sessionsCame || overdue) {
        for (WaitingBlocks.Sealed record : entry.getValue().drain()) {
          admit(entry.getKey(), record);
        }
      }
    }
  }

  /** Banks with a record that waits for its session's set-up. */
  Set<String> waitingForSession() {
    return waitingNow;
  }

  private void throttle(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> full = new HashSet<>();
    Set<TopicPartition> free = new HashSet<>();
    banks.forEach(
        (at, bank) -> {
          if (!topics.isRead(at)) {
            return;
          }
          WaitingBlocks queue = waiting.get(bank);
          boolean over = view.buffered(bank) >= rowsPerBankMax || (queue != null && queue.isFull());
          (over ? full : free).add(at);
        });
    consumer.pause(full);
    consumer.resume(free);
    waitingNow =
        waiting.entrySet().stream()
            .filter(bank -> !bank.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join(STOP);
  }
}
