package org.concordat.agent.alert;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.agent.desk.Arrival;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.metrics.AgentMetrics;
import org.concordat.agent.publish.Resumption;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a bank's alert shares and puts alerts together. An alert becomes durable for the desk and
 * for every sink in the write that marks it as delivered, so a kill loses none and doubles none
 * here; a sink may get one again, and the alert id is the key by which a receiver drops the second.
 *
 * <p>Shares that were removed before they were read, or while they waited for others, are told when
 * reading begins; by their numbers as well, once their aggregator's next one comes.
 */
public final class AlertReader {
  private static final Logger LOG = LoggerFactory.getLogger(AlertReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /**
   * Records that may be read again after a restart although none of them waits for anything. So
   * many while more come; where none do, what was read must not look lost once it is removed.
   */
  private static final int UNSAVED_RECORDS_MAX = 1_000;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final String topic;
  private final Charter charter;
  private final ShareGate gate;
  private final AlertWriter writer;
  private final AgentStore store;
  private final AlertSinks sinks;
  private final Desk desk;
  private final MeterRegistry registry;
  private final long waitMillis;
  private final LongSupplier millisClock;
  private final AtomicInteger pending;
  private final Map<Integer, Long> positions = new HashMap<>();
  private AlertAssembler assembler;
  private AlertNumbers numbers;
  private int unsaved;
  private volatile boolean stopping;

  /**
   * @param consumers that reset no offset by themselves; each is closed after use
   * @param topic of the bank's alert shares
   * @param ruleSets finds one by its hash
   * @param waitMillis for the third share of an alert
   * @param millisClock says when an alert is delivered
   */
  public AlertReader(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String topic,
      Charter charter,
      String bank,
      SealingKeyPair alertKey,
      Function<Digest, Optional<RuleSet>> ruleSets,
      AgentStore store,
      AlertSinks sinks,
      Desk desk,
      MeterRegistry registry,
      long waitMillis,
      LongSupplier millisClock) {
    this.consumers = consumers;
    this.topic = topic;
    this.charter = charter;
    this.gate = new ShareGate(charter, bank, alertKey);
    this.writer = new AlertWriter(ruleSets, store);
    this.store = store;
    this.sinks = sinks;
    this.desk = desk;
    this.registry = registry;
    this.waitMillis = waitMillis;
    this.millisClock = millisClock;
    this.pending = new AtomicInteger();
    this.assembler = newAssembler();
    this.numbers = new AlertNumbers(store::alertProgress);
    Gauge.builder("concordat.agent.alerts.pending", pending::get)
        .description("Alerts that wait for shares.")
        .register(registry);
    registry.counter("concordat.agent.alerts.unverified");
    registry.counter("concordat.agent.alerts.missing");
    countLost(0);
  }

  private AlertAssembler newAssembler() {
    return new AlertAssembler(
        charter.aggregators().size(),
        waitMillis,
        AlertAssembler.Limits.DEFAULT,
        writer,
        (code, share) -> incident(code, share.share()));
  }

  /** Works until {@link #stop} or an interrupt. */
  public void run() throws InterruptedException {
    // Not once alerts are read: their last shares have a time by which they must have come.
    desk.awaitItems();
    while (!stopping) {
      try (var consumer = consumers.get()) {
        read(consumer);
      } catch (InterruptException e) {
        throw new InterruptedException();
      } catch (KafkaException | IOException e) {
        LOG.atWarn()
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Delivering alerts waits for the brokers or a sink.");
        Thread.sleep(RETRY);
      }
    }
  }

  public void stop() {
    stopping = true;
  }

  private void read(Consumer<byte[], byte[]> consumer) throws IOException, InterruptedException {
    // What waited for shares is read again: the stored positions are before it.
    assembler = newAssembler();
    numbers = new AlertNumbers(store::alertProgress);
    unsaved = 0;
    List<TopicPartition> assigned = new ArrayList<>();
    for (int p = 0; p < charter.partitions(); p++) {
      assigned.add(new TopicPartition(topic, p));
    }
    consumer.assign(assigned);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(assigned);
    Map<TopicPartition, Long> ends = consumer.endOffsets(assigned);
    for (TopicPartition at : assigned) {
      long start = start(at, begins.getOrDefault(at, 0L), ends.getOrDefault(at, Long.MAX_VALUE));
      positions.put(at.partition(), start);
      consumer.seek(at, start);
    }
    while (!stopping) {
      List<AssembledAlert> ready = new ArrayList<>();
      var records = consumer.poll(POLL);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        take(record).ifPresent(ready::add);
        positions.put(record.partition(), record.offset() + 1);
        unsaved++;
      }
      // Not for each mark of a transaction: a write waits for the disk.
      boolean quiet = !reach(consumer, assigned) && records.isEmpty();
      ready.addAll(assembler.tick(monotonicMillis()));
      if (!ready.isEmpty()) {
        deliver(ready);
      } else if (unsaved >= (quiet ? 1 : UNSAVED_RECORDS_MAX)) {
        save(progress());
      }
      pending.set(assembler.pending());
    }
    if (unsaved > 0) {
      save(progress());
    }
  }

  /** Where to go on with a partition; tells what of it was removed since it was left. */
  private long start(TopicPartition at, long begin, long end) {
    Optional<Long> left =
        store
            .alertProgress(positionName(at.partition()))
            .map(bytes -> ByteBuffer.wrap(bytes).getLong());
    // Who never read has lost nothing; what came before the first share is told by its number.
    Resumption resumption = Resumption.of(at, left.orElse(begin), begin, end);
    if (resumption.lost() > 0) {
      countLost(resumption.lost());
      resumption.tell();
    }
    if (left.isEmpty() || resumption.lost() > 0) {
      // At once: a loss is told once, and whatever goes unread from now on is one.
      save(Map.of(positionName(at.partition()), bytes(resumption.start())));
    }
    return resumption.start();
  }

  /**
   * Goes past what holds no record: marks of transactions, and what was given up. Were they left,
   * their expiry would look like a loss. Whether there was any.
   */
  private boolean reach(Consumer<byte[], byte[]> consumer, List<TopicPartition> assigned) {
    boolean moved = false;
    for (TopicPartition at : assigned) {
      try {
        // Without waiting: alerts may be due while no broker answers.
        long position = consumer.position(at, Duration.ZERO);
        if (position > positions.getOrDefault(at.partition(), 0L)) {
          positions.put(at.partition(), position);
          unsaved++;
          moved = true;
        }
      } catch (TimeoutException e) {
        // The brokers haven't confirmed it yet; it is asked for again.
      }
    }
    return moved;
  }

  private void save(Map<String, byte[]> progress) {
    store.markDelivered(List.of(), progress, millisClock.getAsLong());
    unsaved = 0;
  }

  private static long monotonicMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  private static String positionName(int partition) {
    return "offset/" + partition;
  }

  private Optional<AssembledAlert> take(ConsumerRecord<byte[], byte[]> record) {
    return switch (gate.admit(record.value(), record.partition())) {
      case ShareGate.Admission.Refused refused -> {
        incident(refused.code(), null);
        yield Optional.empty();
      }
      case ShareGate.Admission.Admitted admitted -> take(admitted, record.offset());
    };
  }

  private Optional<AssembledAlert> take(ShareGate.Admission.Admitted admitted, long offset) {
    AlertShare share = admitted.share();
    long missing =
        numbers.missingBefore(
            share.getAggregator(), share.getPartition(), share.getAlertSequence());
    if (missing > 0) {
      registry.counter("concordat.agent.alerts.missing").increment(missing);
      incident(Code.CDT_705, share);
    }
    boolean late = store.delivered(share.getAlertId().bytes());
    Optional<OpenedShare> opened = gate.open(admitted, offset);
    if (opened.isEmpty()) {
      incident(Code.CDT_704, share);
    } else if (late) {
      verify(opened.get());
    }
    return late ? Optional.empty() : opened.flatMap(o -> assembler.take(o, monotonicMillis()));
  }

  /** A share that came after its alert was delivered: it may be the one that was missing. */
  private void verify(OpenedShare share) {
    byte[] transaction = share.detail().getTransactionId().bytes();
    String alert = HexFormat.of().formatHex(share.share().getAlertId().bytes());
    Optional<String> evidence = desk.evidence(transaction, alert);
    if (evidence.isEmpty() || Evidence.names(evidence.get(), share)) {
      return;
    }
    if (Evidence.fits(evidence.get(), share)) {
      desk.verified(transaction, alert);
    } else {
      incident(Code.CDT_707, share.share());
    }
  }

  private void incident(Code code, @Nullable AlertShare share) {
    registry.counter("concordat.agent.alert.incidents", "code", code.label()).increment();
    var event = LOG.atError().addKeyValue("code", code.label());
    if (share != null) {
      event =
          event
              .addKeyValue("aggregator", share.getAggregator())
              .addKeyValue("partition", share.getPartition())
              .addKeyValue("number", share.getAlertSequence())
              .addKeyValue("alert", HexFormat.of().formatHex(share.getAlertId().bytes()));
    }
    event.log(code.cause());
  }

  private void deliver(List<AssembledAlert> ready) throws IOException, InterruptedException {
    // By id: two attempts of one alert may have come together in one poll.
    Map<Id, AssembledAlert> done = new LinkedHashMap<>();
    ready.forEach(assembled -> done.putIfAbsent(assembled.first().alert(), assembled));
    long now = millisClock.getAsLong();
    Map<Id, Arrival> written = new LinkedHashMap<>();
    done.forEach(
        (id, assembled) ->
            writer.write(assembled, now).ifPresent(arrival -> written.put(id, arrival)));
    List<Arrival> arrivals = List.copyOf(written.values());
    List<Alert> alerts = arrivals.stream().map(Arrival::alert).toList();
    sinks.requireRoom(alerts.size());
    // Not before: while there is no room, all of it is read again each second.
    done.forEach((id, assembled) -> tell(assembled, written.containsKey(id)));
    // Also those without a transaction: what else comes of them would wait for ever.
    assembler.forget(Set.copyOf(done.keySet()));
    List<byte[]> ids = done.keySet().stream().map(Id::bytes).toList();
    desk.take(
        arrivals,
        now,
        change -> {
          sinks.add(change, alerts);
          store.markDelivered(ids, progress(), now, change);
        });
    sinks.committed(alerts.size());
    unsaved = 0;
    alerts.forEach(alert -> countDelivered(alert.getRule(), 1));
  }

  private void tell(AssembledAlert assembled, boolean isWritten) {
    if (!isWritten) {
      incident(Code.CDT_706, assembled.first().share());
    } else if (assembled.doubt().isPresent()) {
      registry.counter("concordat.agent.alerts.unverified").increment();
      incident(assembled.doubt().get(), assembled.first().share());
    }
  }

  private Map<String, byte[]> progress() {
    Map<String, byte[]> progress = numbers.progress();
    Map<Integer, Long> waiting = assembler.oldestOffsets();
    positions.forEach(
        (partition, position) -> {
          long safe = Math.min(position, waiting.getOrDefault(partition, position));
          progress.put(positionName(partition), bytes(safe));
        });
    return progress;
  }

  private static byte[] bytes(long position) {
    return ByteBuffer.allocate(Long.BYTES).putLong(position).array();
  }

  private void countLost(long offsets) {
    registry
        .counter("concordat.agent.records.lost", "topic", AgentMetrics.ALERTS)
        .increment(offsets);
  }

  private void countDelivered(String rule, int alerts) {
    registry.counter("concordat.agent.alerts.delivered", "rule", rule).increment(alerts);
  }
}
