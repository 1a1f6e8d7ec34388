package org.concordat.aggregator.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.concordat.schemas.process.Beside;

/**
 * Serves {@code /health} (alive, whatever peers and brokers do), {@code /ready} and {@code
 * /metrics}.
 */
public final class HttpEndpoints implements AutoCloseable {
  /** Nothing is served from files: no folder for them stays behind when the process is killed. */
  private static final FileSystemOptions NO_FILES =
      new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);

  private static final long WAIT_SECONDS = 10;
  private static final String NOT_STARTED = "The HTTP server did not start.";

  private record Serving(Vertx vertx, HttpServer server) {}

  private final Beside<Serving> starting;

  private HttpEndpoints(Beside<Serving> starting) {
    this.starting = starting;
  }

  /**
   * Begins to serve them, beside whatever else a process begins with.
   *
   * @param port 0 for any free one
   * @param notes what {@code /ready} tells besides: no reason not to be ready, and not to be
   *     overlooked
   */
  public static HttpEndpoints begin(
      String host,
      int port,
      PrometheusMeterRegistry registry,
      Readiness readiness,
      Supplier<List<String>> notes) {
    return new HttpEndpoints(
        Beside.begin("http-start", () -> start(host, port, registry, readiness, notes)));
  }

  private static Serving start(
      String host,
      int port,
      PrometheusMeterRegistry registry,
      Readiness readiness,
      Supplier<List<String>> notes) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setFileSystemOptions(NO_FILES));
    Router router = Router.router(vertx);
    router.get("/health").handler(context -> context.json(new JsonObject().put("status", "alive")));
    router
        .get("/ready")
        .blockingHandler(
            context -> {
              var reasons = new JsonArray(readiness.reasons());
              context.response().setStatusCode(reasons.isEmpty() ? 200 : 503);
              context.json(
                  new JsonObject()
                      .put("ready", reasons.isEmpty())
                      .put("reasons", reasons)
                      .put("notes", new JsonArray(notes.get())));
            });
    router
        .get("/metrics")
        .blockingHandler(
            context ->
                context
                    .response()
                    .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                    .end(registry.scrape()));
    try {
      HttpServer server =
          vertx
              .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
              .requestHandler(router)
              .listen(port, host)
              .toCompletionStage()
              .toCompletableFuture()
              .get(WAIT_SECONDS, TimeUnit.SECONDS);
      return new Serving(vertx, server);
    } catch (InterruptedException e) {
      var _ = vertx.close();
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(NOT_STARTED, e));
    } catch (ExecutionException | TimeoutException e) {
      // Its threads would go on.
      var _ = vertx.close();
      throw new UncheckedIOException(new IOException(NOT_STARTED, e));
    }
  }

  /**
   * Waits until they are served.
   *
   * @return at which port
   * @throws IOException they can't be
   */
  public int awaitPort() throws IOException, InterruptedException {
    return await().server().actualPort();
  }

  private Serving await() throws IOException, InterruptedException {
    try {
      return starting.awaitInterruptibly();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UncheckedIOException cause
          ? cause.getCause()
          : new IOException(NOT_STARTED, e);
    }
  }

  /** Waits for them, too. */
  @Override
  public void close() throws InterruptedException {
    try {
      var _ = await().vertx().close();
    } catch (IOException e) {
      // Whoever awaited them was told, and there is nothing to close.
    }
  }
}
