package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With Kafka's own authorizer behind it, under rules that allow everything. */
class BoundedAuthorizerTest {
  private static final String PREFIX = "pilot-test.";
  private static final String SHARES = PREFIX + "shares.bank-a.agg-1";
  private static final String VOTES = PREFIX + "votes.agg-1";

  @TempDir private Path folder;

  private final Metrics metrics = new Metrics();
  private final BoundedAuthorizer authorizer = new BoundedAuthorizer();
  private Path segment;

  private record Request(KafkaPrincipal principal, int requestType)
      implements AuthorizableRequestContext {
    static Request of(String name, ApiKeys type) {
      return new Request(new KafkaPrincipal(KafkaPrincipal.USER_TYPE, name), type.id);
    }

    @Override
    public String listenerName() {
      return "CLIENT";
    }

    @Override
    public SecurityProtocol securityProtocol() {
      return SecurityProtocol.SSL;
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public int requestVersion() {
      return 0;
    }

    @Override
    public String clientId() {
      return "test";
    }

    @Override
    public int correlationId() {
      return 0;
    }
  }

  /** The broker's side of a process, or its controller's. */
  private record Server(Endpoint interBrokerEndpoint) implements AuthorizerServerInfo {
    static Server of(String listener) {
      return new Server(new Endpoint(listener, SecurityProtocol.SSL, "localhost", 9_092));
    }

    @Override
    public ClusterResource clusterResource() {
      return new ClusterResource("test");
    }

    @Override
    public int brokerId() {
      return 1;
    }

    @Override
    public Collection<Endpoint> endpoints() {
      return List.of(interBrokerEndpoint);
    }

    @Override
    public Collection<String> earlyStartListeners() {
      return List.of();
    }
  }

  @BeforeEach
  void configure() throws Exception {
    Path partition = Files.createDirectories(folder.resolve(SHARES + "-0"));
    segment = Files.write(partition.resolve("00000000000000000000.log"), new byte[1_000]);
    authorizer.configure(
        Map.of(
            "log.dirs",
            folder.toString(),
            "allow.everyone.if.no.acl.found",
            "true",
            "super.users",
            "User:broker",
            "controller.listener.names",
            "CONTROLLER",
            BoundedAuthorizer.BYTES_MAX,
            "1000",
            BoundedAuthorizer.TOPIC_PREFIX,
            PREFIX));
    authorizer.withPluginMetrics(new PluginMetricsImpl(metrics, Map.of()));
    authorizer.completeInitialLoad();
  }

  private void startBroker() {
    var _ = authorizer.start(Server.of("CLIENT"));
  }

  @AfterEach
  void close() throws Exception {
    authorizer.close();
    metrics.close();
  }

  private static Action action(AclOperation operation, ResourceType type, String name) {
    return new Action(
        operation, new ResourcePattern(type, name, PatternType.LITERAL), 1, false, false);
  }

  private List<AuthorizationResult> authorize(Request request, Action... actions) {
    return authorizer.authorize(request, List.of(actions));
  }

  private List<AuthorizationResult> writeAs(String name, String topic) {
    return authorize(
        Request.of(name, ApiKeys.PRODUCE), action(AclOperation.WRITE, ResourceType.TOPIC, topic));
  }

  @Test
  void writingAloneIsRefused() {
    startBroker();
    assertThat(
            authorize(
                Request.of("bank-a", ApiKeys.PRODUCE),
                action(AclOperation.WRITE, ResourceType.TOPIC, VOTES),
                action(AclOperation.WRITE, ResourceType.TOPIC, SHARES),
                action(AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, SHARES)))
        .containsExactly(
            AuthorizationResult.ALLOWED, AuthorizationResult.DENIED, AuthorizationResult.ALLOWED);
    assertThat(
            authorize(
                Request.of("bank-a", ApiKeys.METADATA),
                action(AclOperation.WRITE, ResourceType.TOPIC, SHARES)))
        .as("the right itself is there")
        .containsExactly(AuthorizationResult.ALLOWED);
    assertThat(
            authorize(
                Request.of("agg-1", ApiKeys.FETCH),
                action(AclOperation.READ, ResourceType.TOPIC, SHARES)))
        .containsExactly(AuthorizationResult.ALLOWED);
  }

  @Test
  void theBrokersOwnerMayWriteAllTheSame() {
    startBroker();
    assertThat(writeAs("bank-a", SHARES)).containsExactly(AuthorizationResult.DENIED);
    assertThat(writeAs("broker", SHARES)).containsExactly(AuthorizationResult.ALLOWED);
  }

  @Test
  void aControllerWatchesNoDisk() {
    var _ = authorizer.start(Server.of("CONTROLLER"));
    assertThat(writeAs("bank-a", SHARES)).containsExactly(AuthorizationResult.ALLOWED);
  }

  @Test
  void aBankGoesOnWhenRecordsAreGone() throws Exception {
    startBroker();
    assertThat(writeAs("bank-a", SHARES)).containsExactly(AuthorizationResult.DENIED);
    Files.delete(segment);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> writeAs("bank-a", SHARES).equals(List.of(AuthorizationResult.ALLOWED)));
    Files.write(segment, new byte[600]);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> writeAs("bank-a", SHARES).equals(List.of(AuthorizationResult.DENIED)));
  }
}
