package org.concordat.agent.rest;

import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.schemas.problem.Code;

/** Where transactions are handed in. */
public final class TransactionRoutes {
  /** Of one transaction. */
  static final long SINGLE_BYTES_MAX = 64 << 10;

  /** Of a batch. */
  static final long BATCH_BYTES_MAX = 8 << 20;

  private static final String SINGLE = "/v1/transactions";
  private static final String BATCH = "/v1/transactions:batch";

  private final Submissions submissions;
  private final TransactionFormats formats;

  public TransactionRoutes(Submissions submissions, TransactionFormats formats) {
    this.submissions = submissions;
    this.formats = formats;
  }

  /** Adds the routes. */
  public void addTo(ApiServer api) {
    Set<Role> ingest = Set.of(Role.INGEST);
    api.add(Route.post(SINGLE, ingest, SINGLE_BYTES_MAX, this::single).notBlocking());
    api.add(Route.post(BATCH, ingest, BATCH_BYTES_MAX, this::batch).notBlocking());
  }

  private void single(RoutingContext context) {
    if (!mediaType(context).equals("application/json")) {
      throw ApiProblem.of(415, Code.CDT_365);
    }
    submissions.submit(context, SINGLE, formats.single());
  }

  private void batch(RoutingContext context) {
    submissions.submit(
        context,
        BATCH,
        switch (mediaType(context)) {
          case "application/json" -> formats.array();
          case "application/x-ndjson" -> formats.lines();
          default -> throw ApiProblem.of(415, Code.CDT_365);
        });
  }

  /** The body's type; nothing where it is encoded, since no encoding is taken. */
  static String mediaType(RoutingContext context) {
    String encoding = context.request().getHeader("content-encoding");
    String type = context.request().getHeader("content-type");
    if (type == null || (encoding != null && !encoding.equals("identity"))) {
      return "";
    }
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }
}
