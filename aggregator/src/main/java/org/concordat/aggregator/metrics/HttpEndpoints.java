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
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Serves {@code /health} (alive, whatever peers and brokers do), {@code /ready} and {@code
 * /metrics}.
 */
public final class HttpEndpoints implements AutoCloseable {
  /** Nothing is served from files: no folder for them stays behind when the process is killed. */
  private static final FileSystemOptions NO_FILES =
      new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);

  private static final long WAIT_SECONDS = 10;

  private final Vertx vertx;
  private final HttpServer server;

  private HttpEndpoints(Vertx vertx, HttpServer server) {
    this.vertx = vertx;
    this.server = server;
  }

  /** Endpoints that start beside whatever else a process begins with. */
  public static final class Starting implements AutoCloseable {
    private final FutureTask<HttpEndpoints> task;

    private Starting(FutureTask<HttpEndpoints> task) {
      this.task = task;
    }

    /**
     * Waits until they are served.
     *
     * @throws IOException they can't be
     */
    public HttpEndpoints await() throws IOException, InterruptedException {
      try {
        return task.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException cause
            ? cause
            : new IOException("The HTTP server did not start.", e);
      }
    }

    /** Waits for them, too. */
    @Override
    public void close() throws InterruptedException {
      try {
        await().close();
      } catch (IOException e) {
        // Whoever awaited them was told, and there is nothing to close.
      }
    }
  }

  /**
   * @param port 0 for any free one
   * @param notes what {@code /ready} tells besides: no reason not to be ready, and not to be
   *     overlooked
   */
  public static Starting begin(
      String host,
      int port,
      PrometheusMeterRegistry registry,
      Readiness readiness,
      Supplier<List<String>> notes) {
    var task = new FutureTask<HttpEndpoints>(() -> start(host, port, registry, readiness, notes));
    Thread.ofPlatform().name("http-start").start(task);
    return new Starting(task);
  }

  private static HttpEndpoints start(
      String host,
      int port,
      PrometheusMeterRegistry registry,
      Readiness readiness,
      Supplier<List<String>> notes)
      throws IOException {
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
      return new HttpEndpoints(vertx, server);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The HTTP server did not start.", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("The HTTP server did not start.", e);
    }
  }

  public int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    var _ = vertx.close();
  }
}
