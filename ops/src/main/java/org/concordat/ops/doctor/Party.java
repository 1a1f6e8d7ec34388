package org.concordat.ops.doctor;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/**
 * What the configurations of both roles have in common, as far as it is looked at.
 *
 * @param sealing the key that alerts or blocks are sealed to
 * @param symmetric keys for data at rest and transaction ids
 * @param listeners by what they are for; port 0 is any free one
 * @param apiTls nothing for an aggregator, nor where only the bank's own machine may call
 * @param peerTls nothing for a bank
 * @param peers by name; none for a bank
 * @param data the folder whose disk matters
 * @param diskBytesMin that the process may come to need there
 */
record Party(
    boolean isBank,
    String name,
    Path charter,
    Path rules,
    Optional<Path> laterRules,
    Path signing,
    Path sealing,
    List<Path> symmetric,
    KafkaConnection kafka,
    Map<String, InetSocketAddress> listeners,
    Optional<AgentConfig.ApiTls> apiTls,
    Optional<AggregatorConfig.Tls> peerTls,
    Map<String, InetSocketAddress> peers,
    Path data,
    long diskBytesMin) {
  private static final long AGGREGATOR_DISK_BYTES = 1L << 30;

  /** Reads a configuration of either role; means nothing if problems were added. */
  static Optional<Party> read(Path config, Problems problems) {
    Document top = Document.read(config, problems);
    if (top.isMapping() && top.has("bank")) {
      AgentConfig read = AgentConfig.read(config, problems);
      return problems.isEmpty() ? Optional.of(bank(read)) : Optional.empty();
    }
    if (top.isMapping() && top.has("aggregator")) {
      AggregatorConfig read = AggregatorConfig.read(config, problems);
      return problems.isEmpty() ? Optional.of(aggregator(read)) : Optional.empty();
    }
    if (problems.isEmpty()) {
      top.add(
          Code.CDT_104,
          "This is neither an agent's nor an aggregator's configuration.",
          "Name an agent.yaml, which has 'bank', or an aggregator.yaml, which has 'aggregator'.");
    }
    return Optional.empty();
  }

  private static Party bank(AgentConfig config) {
    Map<String, InetSocketAddress> listeners =
        new java.util.LinkedHashMap<>(
            Map.of("http", address(config.http().host(), config.http().port())));
    config.api().ifPresent(api -> listeners.put("api", address(api.host(), api.port())));
    return new Party(
        true,
        config.bank(),
        config.charter(),
        config.rules(),
        config.laterRules(),
        config.keys().signing(),
        config.keys().alert(),
        List.of(config.keys().transactionId(), config.keys().store()),
        config.kafka(),
        listeners,
        config.api().flatMap(AgentConfig.Api::tls),
        Optional.empty(),
        Map.of(),
        config.data(),
        config.limits().spoolBytesMax() + config.limits().deadLetterBytesMax());
  }

  private static Party aggregator(AggregatorConfig config) {
    Map<String, InetSocketAddress> listeners = new java.util.LinkedHashMap<>();
    listeners.put("http", address(config.http().host(), config.http().port()));
    listeners.put("peers", config.listen());
    return new Party(
        false,
        config.aggregator(),
        config.charter(),
        config.rules(),
        config.laterRules(),
        config.keys().signing(),
        config.keys().sealing(),
        List.of(config.keys().atRest()),
        config.kafka(),
        listeners,
        Optional.empty(),
        Optional.of(config.tls()),
        config.peers(),
        config.folder(),
        AGGREGATOR_DISK_BYTES);
  }

  private static InetSocketAddress address(String host, int port) {
    return InetSocketAddress.createUnresolved(host, port);
  }

  /** The brokers' addresses as they are written. */
  List<String> brokers() {
    List<String> brokers = new ArrayList<>();
    for (String broker : kafka.bootstrap().split(",")) {
      brokers.add(broker.strip());
    }
    return brokers;
  }
}
