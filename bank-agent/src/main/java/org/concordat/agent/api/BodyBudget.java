package org.concordat.agent.api;

import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** Bounds the bytes that the bodies of all requests take together. */
final class BodyBudget {
  private final long bytesMax;
  private final AtomicLong reserved = new AtomicLong();

  BodyBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Makes room for a request's body until the request has ended.
   *
   * @throws ApiProblem 413 the body is too large by its own account; 429 there is no room now
   */
  void reserve(RoutingContext context, long bodyBytesMax) {
    long bytes = bytes(context.request().getHeader("content-length"), bodyBytesMax);
    if (bytes > bodyBytesMax) {
      throw ApiProblem.of(413, Code.CDT_366);
    }
    if (reserved.addAndGet(bytes) > bytesMax) {
      reserved.addAndGet(-bytes);
      throw ApiServer.tooMany();
    }
    context.addEndHandler(ended -> reserved.addAndGet(-bytes));
  }

  /** Without a length the body may be as long as is allowed. */
  private static long bytes(@Nullable String contentLength, long bodyBytesMax) {
    try {
      return contentLength == null ? bodyBytesMax : Long.parseLong(contentLength);
    } catch (NumberFormatException e) {
      throw ApiProblem.of(400, Code.CDT_367);
    }
  }
}
