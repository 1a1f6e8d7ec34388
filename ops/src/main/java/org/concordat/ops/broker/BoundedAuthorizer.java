package org.concordat.ops.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.jspecify.annotations.Nullable;

/**
 * The access rules, and beside them a bound on the disk: records that a bank may write are refused
 * all the same while it has no room. Its producers fail at once, keep what they have, and try again
 * later. Only writing is refused, so who asks for its rights is told of the rules alone.
 *
 * <p>Kafka makes it by its name, and configures it with the broker's own properties.
 */
public final class BoundedAuthorizer extends StandardAuthorizer {
  /** What the broker's folder may take. */
  static final String BYTES_MAX = "concordat.disk.bytes.max";

  /** Of all the consortium's topics. */
  static final String TOPIC_PREFIX = "concordat.topic.prefix";

  private static final String FOLDER = "log.dirs";

  private static final String CONTROLLER_LISTENERS = "controller.listener.names";

  private volatile @Nullable DiskWatch watch;
  private String controllerListener = "";

  @Override
  public void configure(Map<String, ?> properties) {
    super.configure(properties);
    long bytesMax = Long.parseLong(text(properties, BYTES_MAX));
    var bound = new DiskBound(bytesMax, text(properties, TOPIC_PREFIX));
    Path folder = Path.of(text(properties, FOLDER));
    watch = new DiskWatch(() -> BrokerFiles.bytesByTopic(folder), bound);
    controllerListener = text(properties, CONTROLLER_LISTENERS);
  }

  /** Called before anybody can connect. */
  @Override
  public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
    DiskWatch disk = watch;
    // A process that is broker and controller has an authorizer for each, and nobody writes to the
    // controller's.
    if (disk != null && !server.interBrokerEndpoint().listener().equals(controllerListener)) {
      disk.begin();
    }
    return super.start(server);
  }

  private static String text(Map<String, ?> properties, String name) {
    return Objects.requireNonNull(properties.get(name), name).toString();
  }

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext request, List<Action> actions) {
    List<AuthorizationResult> results = super.authorize(request, actions);
    DiskWatch disk = watch;
    if (disk == null
        || request.requestType() != ApiKeys.PRODUCE.id
        || request.principal().getName().equals(EmbeddedBroker.NAME)) {
      return results;
    }
    List<AuthorizationResult> bounded = new ArrayList<>(results);
    for (int i = 0; i < bounded.size(); i++) {
      Action action = actions.get(i);
      if (action.operation() == AclOperation.WRITE
          && action.resourcePattern().resourceType() == ResourceType.TOPIC
          && disk.refuses(action.resourcePattern().name())) {
        bounded.set(i, AuthorizationResult.DENIED);
      }
    }
    return bounded;
  }

  @Override
  public void close() throws IOException {
    DiskWatch disk = watch;
    if (disk != null) {
      disk.close();
    }
    super.close();
  }
}
