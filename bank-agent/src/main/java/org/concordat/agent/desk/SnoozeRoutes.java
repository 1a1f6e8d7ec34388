package org.concordat.agent.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.schemas.problem.Code;

/** Snoozes over HTTP. The author is the name of the token. */
final class SnoozeRoutes {
  private static final long BODY_BYTES_MAX = 8 << 10;
  private static final Set<Role> ANALYST = Set.of(Role.ANALYST);
  private static final String PATH = "/v1/snoozes";

  private final Desk desk;
  private final LongSupplier millisClock;

  SnoozeRoutes(Desk desk, LongSupplier millisClock) {
    this.desk = desk;
    this.millisClock = millisClock;
  }

  void addTo(ApiServer api) {
    api.add(Route.post(PATH, ANALYST, BODY_BYTES_MAX, this::begin));
    api.add(Route.get(PATH, ANALYST, this::list));
    api.add(Route.delete(PATH + "/{id}", ANALYST, this::end));
  }

  private void list(RoutingContext context) {
    Query.of(context, false).check();
    long now = millisClock.getAsLong();
    List<Snooze> snoozes = desk.snoozes();
    String by = ApiServer.caller(context).name();
    var what = new JsonObject().put("snoozes", snoozes.size());
    desk.audit().add(by, AuditLog.Deed.LISTED, what, now);
    var array = new JsonArray();
    snoozes.forEach(snooze -> array.add(snooze.shown(now)));
    context.json(new JsonObject().put("snoozes", array));
  }

  private void begin(RoutingContext context) {
    JsonObject body =
        DeskRoutes.body(context, Code.CDT_715, "rule", "account", "item", "reason", "until");
    List<ApiProblem.Error> errors = new ArrayList<>();
    Snooze.Scope scope = null;
    int scopes = 0;
    for (Snooze.Scope each : Snooze.Scope.values()) {
      if (body.containsKey(each.label())) {
        scope = each;
        scopes++;
      }
    }
    if (scope == null || scopes != 1) {
      error(errors, "", "One of rule, account and item has to be named.");
    }
    String target = scope == null ? "" : text(body, scope.label(), Snooze.TARGET_CHARS_MAX, errors);
    String reason = text(body, "reason", Snooze.REASON_CHARS_MAX, errors);
    long now = millisClock.getAsLong();
    long until = until(body, now, errors);
    if (scope == null || !errors.isEmpty()) {
      throw ApiProblem.of(422, Code.CDT_715, errors);
    }
    String by = ApiServer.caller(context).name();
    Snooze snooze =
        desk.snooze(scope, target, by, reason, now, until)
            .orElseThrow(() -> ApiProblem.of(409, Code.CDT_717));
    context.response().setStatusCode(201);
    context.json(snooze.shown(now));
  }

  private static void error(List<ApiProblem.Error> errors, String pointer, String reason) {
    errors.add(new ApiProblem.Error(pointer, Code.CDT_715, reason, Code.CDT_715.fix()));
  }

  private static String text(
      JsonObject body, String key, int charsMax, List<ApiProblem.Error> errors) {
    if (body.getValue(key) instanceof String text && !text.isBlank() && text.length() <= charsMax) {
      return text;
    }
    error(errors, "/" + key, "It is no text of 1 to " + charsMax + " characters.");
    return "";
  }

  private static long until(JsonObject body, long now, List<ApiProblem.Error> errors) {
    try {
      if (body.getValue("until") instanceof String text) {
        long until = Instant.parse(text).toEpochMilli();
        if (until > now && until - now <= Snooze.DURATION_MAX.toMillis()) {
          return until;
        }
      }
    } catch (DateTimeParseException | ArithmeticException e) {
      // Said below.
    }
    error(
        errors,
        "/until",
        "It is no time of the next "
            + Snooze.DURATION_MAX.toDays()
            + " days, such as 2026-01-31T08:00:00Z.");
    return now;
  }

  private void end(RoutingContext context) {
    Query.of(context, false).check();
    long now = millisClock.getAsLong();
    String by = ApiServer.caller(context).name();
    context.json(
        desk.endSnooze(context.pathParam("id"), by, now)
            .orElseThrow(() -> ApiProblem.of(404, Code.CDT_716))
            .shown(now));
  }
}
