package org.concordat.agent.metrics;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Serves {@code /health}, {@code /ready} and {@code /metrics}. */
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

  /**
   * Starts the server and writes its port to {@code http.port} in the data folder.
   *
   * @param port 0 for any free one
   */
  public static HttpEndpoints start(
      String host, int port, Path data, PrometheusMeterRegistry registry, Readiness readiness)
      throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setFileSystemOptions(NO_FILES));
    Router router = Router.router(vertx);
    router.get("/health").handler(context -> context.json(new JsonObject().put("status", "alive")));
    router
        .get("/ready")
        .blockingHandler(
            context -> {
              JsonObject body = body(readiness);
              context.response().setStatusCode(body.getBoolean("ready") ? 200 : 503);
              context.json(body);
            });
    router
        .get("/metrics")
        .blockingHandler(
            context ->
                context
                    .response()
                    .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                    .end(registry.scrape()));
    boolean started = false;
    try {
      HttpServer server =
          vertx
              .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
              .requestHandler(router)
              .listen(port, host)
              .toCompletionStage()
              .toCompletableFuture()
              .get(WAIT_SECONDS, TimeUnit.SECONDS);
      Files.writeString(data.resolve("http.port"), server.actualPort() + "\n");
      started = true;
      return new HttpEndpoints(vertx, server);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The HTTP server did not start.", e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IOException("The HTTP server did not start.", e);
    } finally {
      if (!started) {
        // Its threads would go on.
        var _ = vertx.close();
      }
    }
  }

  private static JsonObject body(Readiness readiness) {
    var reasons = new JsonArray();
    for (var reason : readiness.reasons()) {
      reasons.add(
          new JsonObject()
              .put("code", reason.code().label())
              .put("reason", reason.text())
              .put("waitsFor", reason.waitsFor()));
    }
    return new JsonObject().put("ready", reasons.isEmpty()).put("reasons", reasons);
  }

  public int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new UncheckedIOException(new IOException("The HTTP server did not stop.", e));
    }
  }
}
