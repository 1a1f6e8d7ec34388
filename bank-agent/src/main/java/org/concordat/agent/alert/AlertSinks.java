package org.concordat.agent.alert;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.schemas.record.Alert;

/**
 * The sinks that a configuration names. An alert is durable in the outbox with the mark of the
 * reader; each sink gets it from there in its own time, at least once.
 */
public final class AlertSinks implements AutoCloseable {
  /** One sink's work on a thread of its own. */
  public interface Work {
    /** Until {@link AlertSinks#stop} or an interrupt. */
    void run() throws InterruptedException;
  }

  private final Outbox outbox;
  private final DeliveryLog log;
  private final List<Courier> couriers = new ArrayList<>();

  AlertSinks(
      Map<String, AlertSink> sinks,
      DeskStore store,
      MeterRegistry registry,
      int alertsMax,
      LongSupplier millisClock) {
    this.outbox = new Outbox(store, List.copyOf(sinks.keySet()), alertsMax);
    this.log = new DeliveryLog(store, DeliveryLog.TRIES_MAX);
    sinks.forEach(
        (name, sink) ->
            couriers.add(new Courier(name, sink, outbox, log, store, registry, millisClock)));
  }

  /**
   * Opens them.
   *
   * @param ownPrefix of the topics that the bank may write
   */
  public static AlertSinks open(
      AgentConfig.Alerts config,
      String ownPrefix,
      Supplier<Producer<byte[], byte[]>> producers,
      DeskStore store,
      MeterRegistry registry)
      throws IOException {
    Map<String, AlertSink> sinks = new LinkedHashMap<>();
    if (config.file().isPresent()) {
      sinks.put("file", new FileSink(config.file().get()));
    }
    if (config.topic().isPresent()) {
      String topic = ownPrefix + config.topic().get();
      sinks.put("topic", new TopicSink(producers, topic, config.topicFormat()));
    }
    if (config.webhook().isPresent()) {
      sinks.put("webhook", WebhookSink.open(config.webhook().get(), System::currentTimeMillis));
    }
    if (config.syslog().isPresent()) {
      sinks.put("syslog", SyslogSink.open(config.syslog().get()));
    }
    if (config.console() != AgentConfig.Console.NONE) {
      boolean json = config.console() == AgentConfig.Console.JSON;
      sinks.put("console", new ConsoleSink(System.out, json));
    }
    return new AlertSinks(sinks, store, registry, Outbox.ALERTS_MAX, System::currentTimeMillis);
  }

  /**
   * Sees that the outbox takes so many more.
   *
   * @throws IOException it doesn't, since a sink is too far behind
   */
  void requireRoom(int alerts) throws IOException {
    outbox.requireRoom(alerts);
  }

  /** Adds alerts to a change; {@link #committed} follows, unless it wasn't made. */
  void add(DeskChange change, List<Alert> alerts) {
    outbox.add(change, alerts);
  }

  void committed(int alerts) {
    outbox.committed(alerts);
  }

  /** The work by sink. */
  public Map<String, Work> works() {
    Map<String, Work> works = new LinkedHashMap<>();
    couriers.forEach(courier -> works.put("sink-" + courier.name(), courier::run));
    return works;
  }

  List<Courier> couriers() {
    return couriers;
  }

  DeliveryLog log() {
    return log;
  }

  /** Lets the work end once what is there was delivered, or wasn't taken. */
  public void stop() {
    outbox.stop();
  }

  @Override
  public void close() throws IOException {
    for (Courier courier : couriers) {
      courier.close();
    }
  }
}
