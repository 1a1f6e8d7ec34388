package org.concordat.agent.alert;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.agent.store.AgentStore;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Verification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a bank's alert shares, puts alerts together and delivers each to every sink. An alert is
 * marked as delivered after all sinks took it, so a crash in between delivers it again: the alert
 * id is the key by which a receiver drops the second.
 */
public final class AlertReader {
  private static final Logger LOG = LoggerFactory.getLogger(AlertReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final String topic;
  private final int partitions;
  private final ShareGate gate;
  private final AlertWriter writer;
  private final AgentStore store;
  private final List<AlertSink> sinks;
  private final MeterRegistry registry;
  private final long waitMillis;
  private final int parties;
  private final Map<Integer, Long> positions = new HashMap<>();
  private final Map<String, Long> lastNumbers = new HashMap<>();
  private AlertAssembler assembler;
  private volatile boolean stopping;

  /**
   * @param topic of the bank's alert shares
   * @param waitMillis for the third share of an alert
   */
  public AlertReader(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String topic,
      Charter charter,
      String bank,
      SealingKeyPair alertKey,
      RuleSet ruleSet,
      AgentStore store,
      AlertSinks sinks,
      MeterRegistry registry,
      long waitMillis) {
    this.consumers = consumers;
    this.topic = topic;
    this.partitions = charter.partitions();
    this.gate = new ShareGate(charter, bank, alertKey);
    this.writer = new AlertWriter(ruleSet, store);
    this.store = store;
    this.sinks = sinks.list();
    this.registry = registry;
    this.waitMillis = waitMillis;
    this.parties = charter.aggregators().size();
    this.assembler = newAssembler();
    ruleSet.plan().outputs().forEach(output -> delivered(output.rule(), 0));
    registry.gauge("concordat.agent.alerts.pending", this, r -> r.assembler.pending());
  }

  private AlertAssembler newAssembler() {
    return new AlertAssembler(parties, waitMillis, AlertAssembler.PENDING_MAX, writer);
  }

  /** Works until {@link #stop} or an interrupt. */
  public void run() throws InterruptedException {
    while (!stopping) {
      try (var consumer = consumers.get()) {
        // What was pending is read again from the stored positions.
        assembler = newAssembler();
        lastNumbers.clear();
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
    List<TopicPartition> assigned = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      assigned.add(new TopicPartition(topic, p));
    }
    consumer.assign(assigned);
    for (TopicPartition at : assigned) {
      long start =
          store
              .alertProgress(name(at.partition()))
              .map(b -> ByteBuffer.wrap(b).getLong())
              .orElse(0L);
      positions.put(at.partition(), start);
      consumer.seek(at, start);
    }
    while (!stopping) {
      List<AlertAssembler.Assembled> ready = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        ready.addAll(take(record));
        positions.put(record.partition(), record.offset() + 1);
      }
      ready.addAll(assembler.tick(System.currentTimeMillis()));
      if (!ready.isEmpty()) {
        deliver(ready);
      }
    }
  }

  private static String name(int partition) {
    return "offset/" + partition;
  }

  private List<AlertAssembler.Assembled> take(ConsumerRecord<byte[], byte[]> record) {
    return switch (gate.open(record.value(), record.offset())) {
      case ShareGate.Result.Refused refused -> {
        incident(refused.code());
        yield List.of();
      }
      case ShareGate.Result.Opened opened -> {
        count(opened.share());
        yield store.delivered(opened.share().share().getAlertId().bytes())
            ? List.of()
            : assembler.take(opened.share(), System.currentTimeMillis());
      }
    };
  }

  /** Each aggregator numbers a bank's alerts per partition without gaps. */
  private void count(OpenedShare share) {
    String key = share.aggregator() + "/" + share.share().getPartition();
    long number = share.share().getAlertSequence();
    Long last = lastNumbers.get(key);
    if (last != null && number > last + 1) {
      registry.counter("concordat.agent.alerts.missing").increment(number - last - 1);
      incident(Code.CDT_705);
    }
    lastNumbers.merge(key, number, Math::max);
  }

  private void incident(Code code) {
    registry.counter("concordat.agent.alert.incidents", "code", code.label()).increment();
    LOG.atError().addKeyValue("code", code.label()).log(code.cause());
  }

  private void deliver(List<AlertAssembler.Assembled> ready)
      throws IOException, InterruptedException {
    List<Alert> alerts = new ArrayList<>(ready.size());
    long now = System.currentTimeMillis();
    for (AlertAssembler.Assembled assembled : ready) {
      var alert = writer.write(assembled, now);
      if (alert.isEmpty()) {
        incident(Code.CDT_706);
      } else {
        alerts.add(alert.get());
        if (alert.get().getVerification() == Verification.UNVERIFIED) {
          registry.counter("concordat.agent.alerts.unverified").increment();
          incident(Code.CDT_707);
        }
      }
    }
    if (!alerts.isEmpty()) {
      for (AlertSink sink : sinks) {
        sink.deliver(alerts);
      }
    }
    Map<String, byte[]> progress = new HashMap<>();
    positions.forEach(
        (partition, position) -> {
          long safe = Math.min(position, assembler.oldestOffset(partition).orElse(position));
          progress.put(name(partition), ByteBuffer.allocate(Long.BYTES).putLong(safe).array());
        });
    store.markDelivered(
        alerts.stream().map(alert -> HexFormat.of().parseHex(alert.getId())).toList(),
        progress,
        now);
    alerts.forEach(alert -> delivered(alert.getRule(), 1));
  }

  private void delivered(String rule, int alerts) {
    registry.counter("concordat.agent.alerts.delivered", "rule", rule).increment(alerts);
  }
}
