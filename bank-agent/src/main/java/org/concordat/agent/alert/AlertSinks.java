package org.concordat.agent.alert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.record.Alert;

/** The sinks that a configuration names. */
public final class AlertSinks implements AutoCloseable {
  /** A sink, and the alerts that it has taken while another one hasn't. */
  private record Outlet(AlertSink sink, Set<String> taken) {}

  private final List<Outlet> outlets;

  AlertSinks(List<AlertSink> sinks) {
    this.outlets = sinks.stream().map(sink -> new Outlet(sink, new HashSet<>())).toList();
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

  /**
   * Delivers to every sink, and leaves out those alerts that a sink took in an earlier, failed call
   * of this process.
   *
   * @throws IOException a sink didn't take all; to be called again with at least these
   */
  void deliver(List<Alert> alerts) throws IOException, InterruptedException {
    for (Outlet outlet : outlets) {
      List<Alert> open =
          alerts.stream().filter(alert -> !outlet.taken().contains(alert.getId())).toList();
      if (!open.isEmpty()) {
        outlet.sink().deliver(open);
        open.forEach(alert -> outlet.taken().add(alert.getId()));
      }
    }
    outlets.forEach(outlet -> alerts.forEach(alert -> outlet.taken().remove(alert.getId())));
  }

  @Override
  public void close() throws IOException {
    for (Outlet outlet : outlets) {
      outlet.sink().close();
    }
  }
}
