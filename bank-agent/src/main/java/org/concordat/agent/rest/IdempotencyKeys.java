package org.concordat.agent.rest;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Answer;
import org.concordat.agent.store.Answered;
import org.concordat.agent.store.Id;
import org.concordat.schemas.problem.Code;

/**
 * Knows the requests that are under way or were answered, by their idempotency keys
 * (draft-ietf-httpapi-idempotency-key-header): the same again gets the same answer, another body
 * under the same key is refused.
 */
public final class IdempotencyKeys {
  private static final int RETRY_SECONDS = 1;

  private final AgentStore store;
  private final Set<Id> underway = ConcurrentHashMap.newKeySet();

  public IdempotencyKeys(AgentStore store) {
    this.store = store;
  }

  /**
   * Begins a request, unless it was answered before; then that is the result.
   *
   * @throws ApiProblem 409 it is under way; 422 it was another one
   */
  Optional<Answer> begin(Id request, Id body) {
    if (!underway.add(request)) {
      throw ApiProblem.retry(409, Code.CDT_371, RETRY_SECONDS);
    }
    // Looked up after it counts as under way: its predecessor may have ended in between.
    Optional<Answered> known = store.answered(request);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    underway.remove(request);
    if (!known.get().body().equals(body)) {
      throw ApiProblem.of(422, Code.CDT_370);
    }
    return Optional.of(known.get().answer());
  }

  /** A request has ended, answered or not. */
  void end(Id request) {
    underway.remove(request);
  }
}
