package org.concordat.agent.rest;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.agent.store.Scored;
import org.concordat.agent.store.Standing;
import org.concordat.agent.store.TakenNotice;
import org.concordat.schemas.problem.Code;

/**
 * Says what became of a transaction, by the bank's own reference: pending, held, scored, refused or
 * skipped, each version that was handed in; and whether it was recalled or returned.
 */
public final class TransactionStatus {
  /** A row that isn't scored after so long is held: somebody has to be asked. */
  public static final Duration HELD_AFTER = Duration.ofSeconds(10);

  private static final String PATH = "/v1/transactions/{ref}";

  private final Function<String, List<Standing>> standings;
  private final Function<String, List<TakenNotice>> notices;
  private final Supplier<String> waitsFor;
  private final LongSupplier millisClock;

  /**
   * @param standings by reference
   * @param notices what was said later, by reference
   * @param waitsFor whom rows that aren't scored wait for: brokers or cuts
   */
  public TransactionStatus(
      Function<String, List<Standing>> standings,
      Function<String, List<TakenNotice>> notices,
      Supplier<String> waitsFor,
      LongSupplier millisClock) {
    this.standings = standings;
    this.notices = notices;
    this.waitsFor = waitsFor;
    this.millisClock = millisClock;
  }

  /** Adds the route. */
  public void addTo(ApiServer api) {
    api.add(Route.get(PATH, EnumSet.allOf(Role.class), this::answer));
  }

  private void answer(RoutingContext context) {
    String reference = context.pathParam("ref");
    List<Standing> found = standings.apply(reference);
    List<TakenNotice> said = notices.apply(reference);
    if (found.isEmpty() && said.isEmpty()) {
      throw ApiProblem.of(404, Code.CDT_373);
    }
    context.json(json(reference, found, said, millisClock.getAsLong(), waitsFor.get()));
  }

  /**
   * The same for a reader without an API.
   *
   * @param waitsFor whom rows wait for; empty where nobody knows
   */
  public static JsonObject json(
      String reference,
      List<Standing> standings,
      List<TakenNotice> said,
      long nowMillis,
      String waitsFor) {
    var transactions = new JsonArray();
    for (Standing standing : standings) {
      transactions.add(json(standing, nowMillis, waitsFor));
    }
    var json = new JsonObject().put("reference", reference).put("transactions", transactions);
    if (!said.isEmpty()) {
      json.put("paymentStatus", said.getLast().notice().kind().status())
          .put("notices", new JsonArray(said.stream().map(TakenNotice::shown).toList()));
    }
    return json;
  }

  private static JsonObject json(Standing standing, long nowMillis, String waitsFor) {
    var json = new JsonObject();
    boolean held = nowMillis - standing.millis() > HELD_AFTER.toMillis();
    json.put(
        "status",
        switch (standing.state()) {
          case PENDING -> held ? "held" : "pending";
          case SCORED -> "scored";
          case REFUSED -> "refused";
          case SKIPPED -> "skipped";
        });
    String at = Instant.ofEpochMilli(standing.millis()).toString();
    if (standing.state() == Standing.State.REFUSED) {
      json.put("refusedAt", at);
    } else {
      json.put("id", HexFormat.of().formatHex(standing.id().bytes())).put("acceptedAt", at);
    }
    if (standing.state() == Standing.State.PENDING) {
      json.put("resent", standing.attempt());
      if (!waitsFor.isEmpty()) {
        json.put("waitsFor", waitsFor);
      }
    }
    standing
        .position()
        .ifPresent(
            position ->
                json.put("partition", position.partition()).put("sequence", position.sequence()));
    standing.cut().ifPresent(cut -> json.put("cut", json(cut)));
    standing
        .code()
        .ifPresent(
            code ->
                json.put("code", code.label()).put("reason", code.cause()).put("fix", code.fix()));
    return json;
  }

  private static JsonObject json(Scored cut) {
    return new JsonObject()
        .put("batch", cut.batch())
        .put("committedAt", Instant.ofEpochMilli(cut.committedMillis()).toString());
  }
}
