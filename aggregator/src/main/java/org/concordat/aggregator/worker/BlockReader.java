package org.concordat.aggregator.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.concordat.aggregator.bus.BusClients;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of every bank's topic for this aggregator and admits the blocks, on a thread
 * of its own. Stops reading a bank whose unused blocks fill its part of the buffer, so that a
 * flooding bank can't push out the others.
 */
final class BlockReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlockReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Records of one bank that wait for its session; more pauses the bank. */
  private static final int WAITING_MAX = 256;

  private final BusClients clients;
  private final BlockGate gate;
  private final Map<TopicPartition, String> banks = new LinkedHashMap<>();
  private final Map<String, Long> startOffsets;
  private final int rowsPerBankMax;
  private final BiConsumer<Admission, Long> admitted;
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> waiting = new HashMap<>();
  private final Map<String, Integer> bufferedRows = new ConcurrentHashMap<>();
  private final Map<String, Long> positions = new ConcurrentHashMap<>();
  private final AtomicBoolean sessionsChanged = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean running = true;
  private volatile boolean connected;

  /**
   * @param topics of each bank
   * @param startOffsets by bank; a bank that is missing starts at the beginning
   * @param admitted gets each record's fate and offset, on the reader's thread
   */
  BlockReader(
      BusClients clients,
      BlockGate gate,
      Map<String, String> topics,
      int partition,
      Map<String, Long> startOffsets,
      int bufferedRowsMax,
      BiConsumer<Admission, Long> admitted) {
    this.clients = clients;
    this.gate = gate;
    topics.forEach((bank, topic) -> banks.put(new TopicPartition(topic, partition), bank));
    this.startOffsets = new HashMap<>(startOffsets);
    this.rowsPerBankMax = Math.max(2 * 1_024, bufferedRowsMax / topics.size());
    this.admitted = admitted;
    this.thread = Thread.ofPlatform().name("blocks-" + partition).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** A session's set-up came: what waited may open now. */
  void sessionsChanged() {
    sessionsChanged.set(true);
  }

  /** Rows of a bank came into, or with a negative number left, the buffer. */
  void buffered(String bank, int rows) {
    bufferedRows.merge(bank, rows, Integer::sum);
  }

  /** The offset after the last record of a bank that was admitted, or its start. */
  long position(String bank) {
    return positions.getOrDefault(bank, startOffsets.getOrDefault(bank, 0L));
  }

  boolean connected() {
    return connected;
  }

  private void run() {
    while (running) {
      try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
        read(consumer);
      } catch (WakeupException e) {
        return;
      } catch (KafkaException e) {
        connected = false;
        LOG.atWarn()
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Reading blocks again.");
        pauseBeforeRetry();
      }
    }
  }

  private void pauseBeforeRetry() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      running = false;
    }
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    consumer.assign(banks.keySet());
    banks.forEach((at, bank) -> consumer.seek(at, position(bank)));
    // What waited is read again from the stored positions.
    waiting.clear();
    while (running && !Thread.currentThread().isInterrupted()) {
      throttle(consumer);
      var records = consumer.poll(POLL);
      connected = true;
      if (sessionsChanged.getAndSet(false)) {
        retryWaiting();
      }
      for (TopicPartition at : records.partitions()) {
        String bank = bankOf(at);
        for (ConsumerRecord<byte[], byte[]> record : records.records(at)) {
          admit(bank, record);
        }
      }
    }
  }

  private String bankOf(TopicPartition at) {
    return java.util.Objects.requireNonNull(banks.get(at));
  }

  private void admit(String bank, ConsumerRecord<byte[], byte[]> record) {
    List<ConsumerRecord<byte[], byte[]>> queue =
        waiting.computeIfAbsent(bank, b -> new ArrayList<>());
    if (queue.isEmpty()) {
      Admission admission = gate.admit(bank, record.offset(), record.value());
      admitted.accept(admission, record.offset());
      if (!(admission instanceof Admission.Waiting)) {
        positions.put(bank, record.offset() + 1);
        return;
      }
    }
    queue.add(record);
  }

  private void retryWaiting() {
    for (var entry : waiting.entrySet()) {
      List<ConsumerRecord<byte[], byte[]>> queue = new ArrayList<>(entry.getValue());
      entry.getValue().clear();
      queue.forEach(record -> admit(entry.getKey(), record));
    }
  }

  private void throttle(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> full = new HashSet<>();
    Set<TopicPartition> free = new HashSet<>();
    banks.forEach(
        (at, bank) -> {
          boolean over =
              bufferedRows.getOrDefault(bank, 0) > rowsPerBankMax
                  || waiting.getOrDefault(bank, List.of()).size() > WAITING_MAX;
          (over ? full : free).add(at);
        });
    consumer.pause(full);
    consumer.resume(free);
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.join(Duration.ofSeconds(10));
  }
}
