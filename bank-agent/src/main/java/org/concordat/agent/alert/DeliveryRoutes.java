package org.concordat.agent.alert;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.schemas.problem.Code;

/** Shows every try to deliver alerts. */
public final class DeliveryRoutes {
  private static final int LIMIT = 50;
  private static final int LIMIT_MAX = 500;

  private final DeliveryLog log;

  public DeliveryRoutes(AlertSinks sinks) {
    this.log = sinks.log();
  }

  /** Adds the route. */
  public void addTo(ApiServer api) {
    api.add(Route.get("/v1/deliveries", Set.of(Role.ANALYST, Role.AUDITOR), this::list));
  }

  private void list(RoutingContext context) {
    long after = number(context, "after", -1, Long.MAX_VALUE, -1);
    int limit = (int) number(context, "limit", 1, LIMIT_MAX, LIMIT);
    String sink = context.request().getParam("sink");
    List<JsonObject> tries = log.after(after, Optional.ofNullable(sink), limit);
    var json = new JsonObject().put("deliveries", new JsonArray(List.copyOf(tries)));
    if (tries.size() == limit) {
      json.put("next", Objects.requireNonNull(tries.getLast().getLong("number")));
    }
    context.json(json);
  }

  private static long number(
      RoutingContext context, String name, long min, long max, long whenMissing) {
    String text = context.request().getParam(name);
    if (text == null) {
      return whenMissing;
    }
    if (text.matches("-?\\d{1,18}") && Long.parseLong(text) >= min && Long.parseLong(text) <= max) {
      return Long.parseLong(text);
    }
    var error =
        new ApiProblem.Error(
            "/" + name,
            Code.CDT_713,
            "It is no number from " + min + " to " + max + ".",
            Code.CDT_713.fix());
    throw ApiProblem.of(400, Code.CDT_713, List.of(error));
  }
}
