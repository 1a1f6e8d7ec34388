package org.concordat.ops.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.schemas.problem.Problems;

/**
 * Three brokers where a consortium's folder has one: each topic is kept by all, a write counts once
 * two have it.
 *
 * <p>The brokers share one certificate, as one operator's may.
 */
public final class BrokerCluster {
  public static final List<String> NAMES = List.of("broker", "broker-2", "broker-3");

  /** Each has a listener for clients and a controller, and may have some for each party. */
  public static final int PORTS_MAX = NAMES.size() * (2 + 2 * 20);

  private static final int HEAP_MEGABYTES = 384;
  private static final int ANSWER_SECONDS = 5;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration UP = Duration.ofMinutes(5);

  private final Consortium consortium;
  private final BrokerConfig first;

  private BrokerCluster(Consortium consortium, BrokerConfig first) {
    this.consortium = consortium;
    this.first = first;
  }

  /** What stands between a party and a listener of its own at a broker. */
  @FunctionalInterface
  public interface Relaying {
    /**
     * @param ends the party's and the broker's names with a slash between
     * @param port of the listener
     * @return the port at which the party reaches it
     */
    int reachedAt(String ends, int port) throws IOException;
  }

  /**
   * Writes the brokers' configurations, and where they are into those of the parties.
   *
   * @param consortium of which nothing has started
   * @param free ports that nobody uses
   */
  public static BrokerCluster create(Consortium consortium, Iterator<Integer> free)
      throws IOException {
    return create(consortium, free, Optional.empty());
  }

  /**
   * As {@link #create(Consortium, Iterator)}, with a listener for each party at each broker.
   *
   * @param relaying between them and the parties
   */
  public static BrokerCluster create(
      Consortium consortium, Iterator<Integer> free, Relaying relaying) throws IOException {
    return create(consortium, free, Optional.of(relaying));
  }

  private static BrokerCluster create(
      Consortium consortium, Iterator<Integer> free, Optional<Relaying> relaying)
      throws IOException {
    Path folder = consortium.folder();
    BrokerConfig alone = config(folder);
    List<String> parties = new ArrayList<>(Consortium.AGGREGATORS);
    parties.addAll(consortium.banks());
    List<Integer> clients = new ArrayList<>();
    List<Integer> controllers = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      clients.add(free.next());
      controllers.add(free.next());
    }
    String bootstrap = addresses(clients);
    Map<String, List<Integer>> reachedAt = new LinkedHashMap<>();
    for (int i = 0; i < NAMES.size(); i++) {
      var yaml = new StringBuilder(yaml(alone, i, clients, controllers, bootstrap));
      if (relaying.isPresent()) {
        yaml.append("  doors:\n");
        for (String party : parties) {
          int port = free.next();
          int relay = relaying.get().reachedAt(party + "/" + NAMES.get(i), port);
          reachedAt.computeIfAbsent(party, p -> new ArrayList<>()).add(relay);
          yaml.append("    %s: {port: %d, reachedAt: %d}%n".formatted(party, port, relay));
        }
      }
      Path own = folder.resolve(NAMES.get(i));
      if (i > 0) {
        copy(folder.resolve(EmbeddedBroker.NAME), own);
      }
      Files.writeString(own.resolve("broker.yaml"), yaml);
    }
    reconnect(folder.resolve("auditor/auditor.yaml"), bootstrap);
    for (String party : parties) {
      String kind = Consortium.AGGREGATORS.contains(party) ? "aggregator.yaml" : "agent.yaml";
      String at =
          relaying.isPresent() ? addresses(reachedAt.getOrDefault(party, List.of())) : bootstrap;
      reconnect(folder.resolve(party).resolve(kind), at);
    }
    return new BrokerCluster(consortium, config(folder));
  }

  private static BrokerConfig config(Path folder) {
    var problems = new Problems();
    BrokerConfig config =
        BrokerConfig.read(folder.resolve(EmbeddedBroker.NAME).resolve("broker.yaml"), problems);
    problems.throwIfAny();
    return config;
  }

  private static String addresses(List<Integer> ports) {
    return ports.stream().map(port -> "localhost:" + port).collect(Collectors.joining(","));
  }

  private static String yaml(
      BrokerConfig alone,
      int index,
      List<Integer> clients,
      List<Integer> controllers,
      String bootstrap) {
    var yaml =
        new StringBuilder(
            """
            port: %d
            controllerPort: %d
            clusterId: %s
            charter: ../charter.yaml
            data: data
            kafka:
              bootstrap: %s
              certificate: tls.crt
              key: tls.key
              authority: ../ca.crt
            cluster:
              node: %d
              controllers:
            """
                .formatted(
                    clients.get(index),
                    controllers.get(index),
                    alone.clusterId(),
                    bootstrap,
                    index + 1));
    for (int i = 0; i < controllers.size(); i++) {
      yaml.append("    %d: localhost:%d%n".formatted(i + 1, controllers.get(i)));
    }
    return yaml.toString();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    for (String file : List.of("tls.crt", "tls.key")) {
      Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private static void reconnect(Path file, String bootstrap) throws IOException {
    String text = Files.readString(file);
    Files.writeString(
        file, text.replaceFirst("(?m)^  bootstrap: .*$", "  bootstrap: " + bootstrap));
  }

  /** Starts all; returns when they have made the topics. */
  public void start() throws IOException, InterruptedException {
    long end = System.nanoTime() + UP.toNanos();
    for (String name : NAMES) {
      Path yaml = consortium.folder().resolve(name).resolve("broker.yaml");
      consortium.start(name, HEAP_MEGABYTES, List.of("broker", "--config", yaml.toString()));
    }
    while (!NAMES.stream()
        .allMatch(name -> Files.exists(consortium.folder().resolve(name).resolve("ready")))) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new IOException("The brokers don't come up.");
      }
      Thread.sleep(PAUSE);
    }
  }

  /** Ends all; in order they can't, since the last of them has no controller that lets it go. */
  public void kill() throws InterruptedException {
    for (String name : NAMES) {
      consortium.role(name).kill();
    }
  }

  /** What a client needs to connect to all brokers, with every right and by no relay. */
  public Map<String, Object> connection() {
    return first.kafka().properties();
  }

  /** Whether every broker has everything. */
  public boolean isInSync(Admin admin) throws InterruptedException {
    try {
      Collection<String> topics =
          admin
              .listTopics(new ListTopicsOptions().listInternal(true))
              .names()
              .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      for (TopicDescription topic :
          admin
              .describeTopics(topics)
              .allTopicNames()
              .get(ANSWER_SECONDS, TimeUnit.SECONDS)
              .values()) {
        if (topic.partitions().stream().anyMatch(p -> p.isr().size() < p.replicas().size())) {
          return false;
        }
      }
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
