package org.concordat.agent.rest;

import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Route;
import org.concordat.schemas.problem.Code;

/** Where ISO 20022 messages are handed in. */
public final class MessageRoutes {
  private static final String PATH = "/v1/messages";

  private final Submissions submissions;
  private final IsoFormat format;

  public MessageRoutes(Submissions submissions, IsoFormat format) {
    this.submissions = submissions;
    this.format = format;
  }

  /** Adds the route. */
  public void addTo(ApiServer api) {
    api.add(
        Route.post(PATH, Set.of(Role.INGEST), TransactionRoutes.BATCH_BYTES_MAX, this::message)
            .notBlocking());
  }

  private void message(RoutingContext context) {
    if (!TransactionRoutes.mediaType(context).equals("application/xml")) {
      throw ApiProblem.of(415, Code.CDT_365);
    }
    submissions.submit(context, PATH, format);
  }
}
