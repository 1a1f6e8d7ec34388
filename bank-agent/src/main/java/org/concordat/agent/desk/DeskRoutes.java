package org.concordat.agent.desk;

import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.agent.store.TakenNotice;
import org.concordat.schemas.problem.Code;

/** The fraud team's work over HTTP. Whatever shows an item is logged before it is answered. */
public final class DeskRoutes {
  /** Who may wait for new alerts at a time. */
  static final int FOLLOWERS_MAX = 8;

  /** How long one request waits at most. */
  static final int WAIT_SECONDS_MAX = 20;

  /** Items of one export. */
  static final int EXPORT_MAX = 10_000;

  private static final int RETRY_SECONDS = 5;
  private static final int READING_SECONDS = 2;
  private static final long BODY_BYTES_MAX = 8 << 10;
  private static final Set<Role> ANALYST = Set.of(Role.ANALYST);

  private final Desk desk;
  private final ItemJson shown;
  private final LongSupplier millisClock;
  private final Semaphore followers = new Semaphore(FOLLOWERS_MAX);

  /**
   * @param notices what was said later of the payment with a reference
   */
  public DeskRoutes(
      Desk desk, Function<String, List<TakenNotice>> notices, LongSupplier millisClock) {
    this.desk = desk;
    this.shown = new ItemJson(notices);
    this.millisClock = millisClock;
  }

  /** Adds the routes. */
  public void addTo(ApiServer api) {
    // Paths without parameters first: they would be taken for ids.
    api.add(Route.get("/v1/alerts", ANALYST, onceRead(this::list)));
    api.add(Route.get("/v1/alerts/overflow", ANALYST, onceRead(this::overflow)));
    api.add(Route.get("/v1/alerts/stream", ANALYST, onceRead(this::follow)));
    api.add(Route.get("/v1/alerts:export", ANALYST, onceRead(this::export)));
    api.add(Route.get("/v1/alerts/{id}", ANALYST, onceRead(this::open)));
    api.add(Route.post("/v1/alerts/{id}/verdict", ANALYST, BODY_BYTES_MAX, onceRead(this::judge)));
    api.add(Route.get("/v1/groups", ANALYST, onceRead(this::groups)));
    api.add(Route.get("/v1/groups/{id}", ANALYST, onceRead(this::group)));
    api.add(Route.get("/v1/precision", ANALYST, onceRead(this::precision)));
    new SnoozeRoutes(desk, millisClock).addTo(api);
    api.add(Route.get("/v1/audit", Set.of(Role.AUDITOR), this::audit));
  }

  /**
   * What needs the items is refused while an agent that starts reads them: calls that waited would
   * soon have all threads of the API, and nobody could ask what became of a payment.
   */
  private Handler<RoutingContext> onceRead(Handler<RoutingContext> handler) {
    return context -> {
      if (!desk.isLoaded()) {
        throw ApiProblem.retry(503, Code.CDT_722, READING_SECONDS);
      }
      handler.handle(context);
    };
  }

  private void log(RoutingContext context, AuditLog.Deed deed, JsonObject what) {
    String by = ApiServer.caller(context).name();
    desk.audit().add(by, deed, what, millisClock.getAsLong());
  }

  private void list(RoutingContext context) {
    Query query = Query.of(context, true, "limit", "cursor");
    page(context, query, query.filter());
  }

  private void overflow(RoutingContext context) {
    Query query = Query.of(context, true, "limit", "cursor");
    Filter asked = query.filter();
    var filter =
        new Filter(
            Optional.of(State.OVERFLOW),
            asked.rule(),
            asked.account(),
            asked.sinceMillis(),
            asked.priority());
    page(context, query, filter);
  }

  private void page(RoutingContext context, Query query, Filter filter) {
    int limit = query.limit();
    Optional<Desk.Place> place = query.place();
    query.check();
    List<Seen> items = desk.list(filter, place.orElse(null), limit, millisClock.getAsLong());
    log(context, AuditLog.Deed.LISTED, query.asked().put("items", items.size()));
    var json = new JsonObject().put("items", shown.lines(items));
    if (items.size() == limit) {
      json.put("next", Query.cursor(items.getLast().item()));
    }
    context.json(json);
  }

  private void export(RoutingContext context) {
    Query query = Query.of(context, true, "cursor");
    Filter filter = query.filter();
    Optional<Desk.Place> place = query.place();
    query.check();
    List<Seen> items = desk.list(filter, place.orElse(null), EXPORT_MAX, millisClock.getAsLong());
    log(context, AuditLog.Deed.EXPORTED, query.asked().put("items", items.size()));
    if (items.size() == EXPORT_MAX) {
      context.response().putHeader("next", Query.cursor(items.getLast().item()));
    }
    context
        .response()
        .putHeader("content-type", "application/x-ndjson")
        .end(
            items.stream()
                .map(seen -> shown.whole(seen).encode() + "\n")
                .collect(Collectors.joining()));
  }

  private void open(RoutingContext context) {
    Query.of(context, false).check();
    Seen seen = item(context);
    log(context, AuditLog.Deed.OPENED, new JsonObject().put("item", seen.item().id()));
    context.json(shown.whole(seen));
  }

  private Seen item(RoutingContext context) {
    return desk.item(context.pathParam("id"), millisClock.getAsLong())
        .orElseThrow(() -> ApiProblem.of(404, Code.CDT_712));
  }

  private void judge(RoutingContext context) {
    JsonObject body = body(context, Code.CDT_714, "verdict", "note");
    Verdict.Finding finding = null;
    for (Verdict.Finding each : Verdict.Finding.values()) {
      finding = each.label().equals(body.getValue("verdict")) ? each : finding;
    }
    Object note = body.getValue("note", "");
    if (finding == null
        || !(note instanceof String text)
        || text.length() > Verdict.NOTE_CHARS_MAX) {
      throw ApiProblem.of(422, Code.CDT_714);
    }
    String by = ApiServer.caller(context).name();
    String id = context.pathParam("id");
    var verdict = new Verdict(finding, by, millisClock.getAsLong(), text);
    switch (desk.judge(id, verdict)) {
      case DONE -> context.json(shown.whole(item(context)));
      case UNKNOWN -> throw ApiProblem.of(404, Code.CDT_712);
      case TOO_MANY -> throw ApiProblem.of(409, Code.CDT_719);
    }
  }

  /** A body that is an object with some of these keys. */
  static JsonObject body(RoutingContext context, Code code, String... keys) {
    JsonObject body;
    try {
      body = context.body().asJsonObject();
    } catch (RuntimeException e) {
      throw ApiProblem.of(400, Code.CDT_367);
    }
    if (body == null || !Set.of(keys).containsAll(body.fieldNames())) {
      throw ApiProblem.of(422, code);
    }
    return body;
  }

  private void groups(RoutingContext context) {
    Query query = Query.of(context, true, "limit", "before");
    Filter filter = query.filter();
    int limit = query.limit();
    long before = query.number("before", 0, Long.MAX_VALUE, Long.MAX_VALUE);
    query.check();
    List<SeenGroup> groups = desk.groups(filter, before, limit, millisClock.getAsLong());
    var array = new JsonArray();
    groups.forEach(group -> array.add(ItemJson.group(group)));
    log(context, AuditLog.Deed.LISTED, query.asked().put("groups", groups.size()));
    var json = new JsonObject().put("groups", array);
    if (groups.size() == limit) {
      json.put("next", groups.getLast().latest());
    }
    context.json(json);
  }

  private void group(RoutingContext context) {
    Query.of(context, false).check();
    String id = context.pathParam("id");
    List<Seen> members = desk.group(id, millisClock.getAsLong());
    if (members.isEmpty()) {
      throw ApiProblem.of(404, Code.CDT_712);
    }
    log(context, AuditLog.Deed.OPENED, new JsonObject().put("group", id));
    context.json(new JsonObject().put("id", id).put("items", shown.lines(members)));
  }

  private void precision(RoutingContext context) {
    Query.of(context, false).check();
    log(context, AuditLog.Deed.READ_PRECISION, new JsonObject());
    var rules = new JsonArray();
    for (Precision each : desk.precision()) {
      var json =
          new JsonObject()
              .put("rule", each.rule())
              .put("fraud", each.fraud())
              .put("falseAlarm", each.falseAlarm())
              .put("unsure", each.unsure())
              .put("open", each.open());
      each.ratio().ifPresent(ratio -> json.put("precision", Math.round(ratio * 10_000) / 10_000.0));
      rules.add(json);
    }
    context.json(new JsonObject().put("rules", rules));
  }

  private void follow(RoutingContext context) {
    Query query = Query.of(context, true, "after", "waitSeconds", "limit");
    Filter filter = query.filter();
    long after = query.number("after", 0, Long.MAX_VALUE, -1);
    long waitSeconds = query.number("waitSeconds", 0, WAIT_SECONDS_MAX, WAIT_SECONDS_MAX);
    int limit = query.limit();
    query.check();
    if (after < 0) {
      log(context, AuditLog.Deed.FOLLOWED, query.asked());
      answer(context, List.of(), desk.lastChange());
      return;
    }
    if (!followers.tryAcquire()) {
      throw ApiProblem.retry(429, Code.CDT_718, RETRY_SECONDS);
    }
    try {
      List<Seen> items = desk.follow(filter, after, limit, waitSeconds * 1_000, millisClock);
      if (!items.isEmpty()) {
        log(context, AuditLog.Deed.FOLLOWED, query.asked().put("items", items.size()));
      }
      answer(context, items, items.isEmpty() ? after : items.getLast().item().change());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiProblem.retry(503, Code.CDT_379, RETRY_SECONDS);
    } finally {
      followers.release();
    }
  }

  private void answer(RoutingContext context, List<Seen> items, long after) {
    context.json(new JsonObject().put("items", shown.lines(items)).put("after", after));
  }

  private void audit(RoutingContext context) {
    Query query = Query.of(context, false, "after", "limit");
    long after = query.number("after", -1, Long.MAX_VALUE, -1);
    int limit = query.limit();
    query.check();
    List<JsonObject> entries = desk.audit().after(after, limit);
    log(context, AuditLog.Deed.READ_AUDIT, query.asked());
    var json = new JsonObject().put("entries", new JsonArray(List.copyOf(entries)));
    if (entries.size() == limit) {
      json.put("next", Objects.requireNonNull(entries.getLast().getLong("number")));
    }
    context.json(json);
  }
}
