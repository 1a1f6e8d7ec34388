package org.concordat.agent.alert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.concordat.agent.config.AgentConfig;

/** The sinks that a configuration names. */
public final class AlertSinks implements AutoCloseable {
  private final List<AlertSink> sinks;

  private AlertSinks(List<AlertSink> sinks) {
    this.sinks = List.copyOf(sinks);
  }

  /**
   * Opens them.
   *
   * @param ownPrefix of the topics that the bank may write
   */
  public static AlertSinks open(
      AgentConfig.Alerts config, String ownPrefix, Supplier<Producer<byte[], byte[]>> producers)
      throws IOException {
    List<AlertSink> sinks = new ArrayList<>();
    if (config.file().isPresent()) {
      sinks.add(new FileSink(config.file().get()));
    }
    if (config.topic().isPresent()) {
      sinks.add(new TopicSink(producers.get(), ownPrefix + config.topic().get()));
    }
    if (config.console() != AgentConfig.Console.NONE) {
      sinks.add(new ConsoleSink(System.out, config.console() == AgentConfig.Console.JSON));
    }
    return new AlertSinks(sinks);
  }

  List<AlertSink> list() {
    return sinks;
  }

  @Override
  public void close() throws IOException {
    for (AlertSink sink : sinks) {
      sink.close();
    }
  }
}
