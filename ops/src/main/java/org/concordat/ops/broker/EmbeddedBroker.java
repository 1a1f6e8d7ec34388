package org.concordat.ops.broker;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Topics;

/**
 * A real Kafka broker and KRaft controller in this process, for demos, tests and small pilots:
 * mutual TLS 1.3 on both listeners, every access denied that no rule allows.
 *
 * <p>Alone, a lost disk loses the log; several make a cluster for tests of lost brokers. Production
 * points at a Kafka cluster of its own.
 */
public final class EmbeddedBroker implements AutoCloseable {
  /** The common name of the broker's certificate; it may do everything. */
  public static final String NAME = "broker";

  /** Room for two of the longest records; by default eight times as much. */
  private static final int SEGMENT_BYTES = 2 * ConsortiumTopics.VOTE_BYTES_MAX;

  /** Only closed segments are compacted. */
  private static final int COORDINATOR_SEGMENT_BYTES = 8 << 20;

  private static final int RETENTION_CHECK_MILLIS = 10_000;

  /** Our processes commit none. How often a bank commits, and for how many groups, has no bound. */
  private static final int OFFSET_METADATA_BYTES_MAX = 64;

  /** More workers than partitions are of no use. */
  private static final int GROUP_MEMBERS_MAX = 1_024;

  private final KafkaRaftServer server;
  private final String certificatePem;

  private EmbeddedBroker(KafkaRaftServer server, String certificatePem) {
    this.server = server;
    this.certificatePem = certificatePem;
  }

  /** Formats the data folder on first use, then starts; returns when clients can connect. */
  public static EmbeddedBroker start(BrokerConfig config) throws Exception {
    return start(config, () -> {});
  }

  /**
   * As above.
   *
   * @param admitted called before anything is made or listens; what it throws is thrown
   */
  public static EmbeddedBroker start(BrokerConfig config, Runnable admitted) throws Exception {
    if (!Files.exists(config.data().resolve("meta.properties"))) {
      admitted.run();
      Files.createDirectories(config.data());
      format(config);
    }
    Properties properties = properties(config);
    var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    admitted.run();
    server.startup();
    return new EmbeddedBroker(
        server, properties.getProperty(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, ""));
  }

  /**
   * The certificate chain that it shows until it ends, whatever its file holds by then. Kafka could
   * be given another one as it runs, and would keep it in its metadata log, with the private key as
   * plain text beside it.
   */
  public String certificatePem() {
    return certificatePem;
  }

  private static void format(BrokerConfig config) throws Exception {
    new Formatter()
        .setClusterId(config.clusterId())
        .setNodeId(config.cluster().node())
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(config.data().toString())
        .addDirectory(config.data().toString())
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run();
  }

  private static Properties properties(BrokerConfig config) {
    var p = new Properties();
    config.kafka().properties().forEach((key, value) -> p.put(key, value));
    p.remove("bootstrap.servers");
    p.remove("security.protocol");
    p.remove("metadata.recovery.strategy");
    p.put("process.roles", "broker,controller");
    p.put("node.id", Integer.toString(config.cluster().node()));
    p.put("controller.quorum.voters", voters(config));
    p.put(
        "listeners",
        "CLIENT://"
            + config.listen()
            + ":"
            + config.port()
            + ",CONTROLLER://localhost:"
            + config.controllerPort());
    p.put("advertised.listeners", "CLIENT://" + config.host() + ":" + config.port());
    p.put("listener.security.protocol.map", "CLIENT:SSL,CONTROLLER:SSL");
    config
        .cluster()
        .doors()
        .forEach(
            (name, door) ->
                addListener(
                    p, name.toUpperCase(Locale.ROOT), door.port(), door.reachedAt(), "SSL"));
    if (config.saslPort() != 0) {
      addScram(config, p);
    }
    p.put("inter.broker.listener.name", "CLIENT");
    p.put("controller.listener.names", "CONTROLLER");
    p.put("ssl.client.auth", "required");
    p.put("ssl.principal.mapping.rules", "RULE:^CN=([a-z0-9.-]+)$/$1/");
    p.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    p.put("allow.everyone.if.no.acl.found", "false");
    p.put("super.users", "User:" + NAME);
    p.put("auto.create.topics.enable", "false");
    p.put("log.dirs", config.data().toString());
    String replication = Integer.toString(config.cluster().replication());
    for (String internal :
        List.of(
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "share.coordinator.state.topic.replication.factor",
            "default.replication.factor")) {
      p.put(internal, replication);
    }
    String inSyncMin = Integer.toString(config.cluster().inSyncMin());
    for (String internal :
        List.of(
            "transaction.state.log.min.isr",
            "share.coordinator.state.topic.min.isr",
            "min.insync.replicas")) {
      p.put(internal, inSyncMin);
    }
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
    // After a kill it reads each log's last segment again, and all that coordinators remember.
    p.put("log.segment.bytes", Integer.toString(SEGMENT_BYTES));
    p.put("transaction.state.log.segment.bytes", Integer.toString(COORDINATOR_SEGMENT_BYTES));
    p.put("offsets.topic.segment.bytes", Integer.toString(COORDINATOR_SEGMENT_BYTES));
    p.put("group.initial.rebalance.delay.ms", "0");
    addGroupBounds(p);
    p.put("message.max.bytes", Integer.toString(ConsortiumTopics.MESSAGE_BYTES_MAX));
    if (config.diskBytesMax() != 0) {
      addDiskBound(config, p);
    }
    // Alone, there is nobody to hand partitions over to.
    boolean alone = config.cluster().controllers().isEmpty();
    p.put("controlled.shutdown.enable", Boolean.toString(!alone));
    // A restarted broker waits until its own last session is over. It asks again after 0.1, 0.2,
    // 0.4, 0.8, 1.6 and 3.2 s: alone, a session that ends by the fifth time saves the sixth. In a
    // cluster the others wait for its end too, and begin anew where its controller was the active
    // one.
    p.put("broker.session.timeout.ms", alone ? "2500" : "3000");
    p.put("broker.heartbeat.interval.ms", "500");
    return p;
  }

  private static void addGroupBounds(Properties p) {
    p.put("offset.metadata.max.bytes", Integer.toString(OFFSET_METADATA_BYTES_MAX));
    for (String kind : List.of("group", "group.consumer", "group.streams")) {
      p.put(kind + ".max.size", Integer.toString(GROUP_MEMBERS_MAX));
    }
  }

  private static void addDiskBound(BrokerConfig config, Properties p) {
    var problems = new Problems();
    Optional<Charter> charter = Charter.read(config.charter(), problems);
    problems.throwIfAny();
    Topics topics = charter.orElseThrow().topics(config.kafka().topicPrefix());
    p.put("authorizer.class.name", BoundedAuthorizer.class.getName());
    p.put(BoundedAuthorizer.BYTES_MAX, Long.toString(config.diskBytesMax()));
    p.put(BoundedAuthorizer.TOPIC_PREFIX, topics.prefix());
    // Whoever waits for room gets it soon after records are too old; by default it is five minutes.
    p.put("log.retention.check.interval.ms", Integer.toString(RETENTION_CHECK_MILLIS));
  }

  private static String voters(BrokerConfig config) {
    Map<Integer, String> controllers = config.cluster().controllers();
    return controllers.isEmpty()
        ? config.cluster().node() + "@localhost:" + config.controllerPort()
        : controllers.entrySet().stream()
            .map(controller -> controller.getKey() + "@" + controller.getValue())
            .sorted()
            .collect(Collectors.joining(","));
  }

  private static void addListener(
      Properties p, String name, int port, int reachedAt, String protocol) {
    p.merge("listeners", name + "://localhost:" + port, (all, more) -> all + "," + more);
    p.merge(
        "advertised.listeners",
        name + "://localhost:" + reachedAt,
        (all, more) -> all + "," + more);
    p.merge(
        "listener.security.protocol.map", name + ":" + protocol, (all, more) -> all + "," + more);
  }

  /** A second door for clients, who prove themselves with a password instead of a certificate. */
  private static void addScram(BrokerConfig config, Properties p) {
    addListener(p, "SASL", config.saslPort(), config.saslPort(), "SASL_SSL");
    p.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    p.put("listener.name.sasl.ssl.client.auth", "none");
    p.put(
        "listener.name.sasl.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
