package org.concordat.agent.desk;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.schemas.problem.Code;

/**
 * The query of a request: what can't be read is refused with the parameter's name, and so is what
 * isn't known.
 */
final class Query {
  /** Items of a page unless it says otherwise. */
  static final int LIMIT = 50;

  /** Items of a page. */
  static final int LIMIT_MAX = 500;

  private static final int TEXT_CHARS_MAX = 512;
  private static final Set<String> FILTERS =
      Set.of("state", "rule", "account", "since", "priority");

  private final HttpServerRequest request;
  private final List<ApiProblem.Error> errors = new ArrayList<>();

  private Query(HttpServerRequest request) {
    this.request = request;
  }

  /**
   * @param more parameters beside a filter's
   */
  static Query of(RoutingContext context, boolean filters, String... more) {
    var query = new Query(context.request());
    for (String name : context.request().params().names()) {
      boolean known =
          context.pathParams().containsKey(name)
              || (filters && FILTERS.contains(name))
              || List.of(more).contains(name);
      if (!known) {
        query.wrong(name, "There is no such parameter.");
      }
    }
    return query;
  }

  private void wrong(String name, String reason) {
    errors.add(new ApiProblem.Error("/" + name, Code.CDT_713, reason, Code.CDT_713.fix()));
  }

  private Optional<String> text(String name) {
    String text = request.getParam(name);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() > TEXT_CHARS_MAX) {
      wrong(name, "It is longer than " + TEXT_CHARS_MAX + " characters.");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    Optional<String> text = text(name);
    for (E constant : type.getEnumConstants()) {
      if (text.isPresent() && constant.name().toLowerCase(Locale.ROOT).equals(text.get())) {
        return Optional.of(constant);
      }
    }
    text.ifPresent(
        value ->
            wrong(
                name,
                "It is none of "
                    + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT)
                    + "."));
    return Optional.empty();
  }

  Filter filter() {
    return new Filter(
        choice("state", State.class),
        text("rule"),
        text("account"),
        since(),
        choice("priority", Priority.class).orElse(Priority.LOW));
  }

  private long since() {
    try {
      return text("since").map(text -> Instant.parse(text).toEpochMilli()).orElse(Long.MIN_VALUE);
    } catch (DateTimeParseException | ArithmeticException e) {
      wrong("since", "It is no time such as 2026-01-31T08:00:00Z.");
      return Long.MIN_VALUE;
    }
  }

  int limit() {
    return (int) number("limit", 1, LIMIT_MAX, LIMIT);
  }

  long number(String name, long min, long max, long whenMissing) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return whenMissing;
    }
    if (text.get().matches("-?\\d{1,18}")) {
      long number = Long.parseLong(text.get());
      if (number >= min && number <= max) {
        return number;
      }
    }
    wrong(name, "It is no number from " + min + " to " + max + ".");
    return whenMissing;
  }

  /** Where the page before ended; nothing for the first page. */
  Optional<Desk.Place> place() {
    Optional<String> cursor = text("cursor");
    if (cursor.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] decoded = Base64.getUrlDecoder().decode(cursor.get());
      String[] parts = new String(decoded, StandardCharsets.US_ASCII).split("/", -1);
      if (parts.length == 2) {
        return Optional.of(new Desk.Place(Priority.valueOf(parts[0]), Long.parseLong(parts[1])));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    wrong("cursor", "It isn't one that a page ended with.");
    return Optional.empty();
  }

  static String cursor(Item last) {
    String text = last.priority() + "/" + last.number();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Refuses the request if anything in it was wrong. */
  void check() {
    if (!errors.isEmpty()) {
      throw ApiProblem.of(400, Code.CDT_713, errors);
    }
  }

  /** What was asked for, for the log of who did what. */
  JsonObject asked() {
    var json = new JsonObject();
    request.params().names().forEach(name -> json.put(name, request.getParam(name)));
    return json;
  }
}
