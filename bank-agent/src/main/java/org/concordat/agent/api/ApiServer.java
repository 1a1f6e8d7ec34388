package org.concordat.agent.api;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.StoreFullException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for the bank's own systems and people: finds out who calls, keeps requests within their
 * limits, and hands them to the routes that others added.
 */
public final class ApiServer implements AutoCloseable {
  /** Nothing is served from files: no folder for them stays behind when the process is killed. */
  private static final FileSystemOptions NO_FILES =
      new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);

  /** Connections at a time; a further one is closed at once. */
  static final int CONNECTIONS_MAX = 1024;

  /** The bodies of all requests at a time. */
  static final long BODIES_BYTES_MAX = 32L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final int IDLE_SECONDS = 75;
  private static final int RETRY_SECONDS = 1;
  private static final long WAIT_SECONDS = 60;
  private static final String CALLER = "concordat.caller";
  private static final String BEARER = "Bearer ";

  private final AgentConfig.Api config;
  private final Tokens tokens;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setFileSystemOptions(NO_FILES));
  private final List<Route> routes = new ArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final BodyBudget budget = new BodyBudget(BODIES_BYTES_MAX);
  private volatile @Nullable HttpServer server;
  private volatile @Nullable ApiTlsFiles tls;

  public ApiServer(AgentConfig.Api config, Tokens tokens) {
    this.config = config;
    this.tokens = tokens;
    // What no route's failure handler gets: Vert.x would log it with its message.
    vertx.exceptionHandler(
        failure -> LOG.atError().setCause(Outline.of(failure)).log("The API has failed."));
  }

  /** Adds an operation; only before {@link #start}. */
  public ApiServer add(Route route) {
    routes.add(route);
    return this;
  }

  public List<Route> routes() {
    return List.copyOf(routes);
  }

  /** Who sent a request; for routes that have roles. */
  public static Caller caller(RoutingContext context) {
    return Objects.requireNonNull(context.get(CALLER), "The route has no roles.");
  }

  /** Listens, and writes the port in use to {@code api.port} in the data folder. */
  public void start(Path data) throws IOException {
    Router router = Router.router(vertx);
    routes.forEach(route -> mount(router, route));
    router
        .errorHandler(404, context -> send(context, ApiProblem.of(404, Code.CDT_363)))
        .errorHandler(405, context -> send(context, ApiProblem.of(405, Code.CDT_364)))
        .errorHandler(500, ApiServer::failed);
    Optional<ApiTlsFiles> files = tlsFiles();
    try {
      HttpServer listening =
          vertx
              .createHttpServer(options(files.map(ApiTlsFiles::shown)))
              .connectionHandler(
                  connection -> {
                    if (connections.incrementAndGet() > CONNECTIONS_MAX) {
                      connection.close();
                    }
                    connection.closeHandler(closed -> connections.decrementAndGet());
                  })
              .requestHandler(router)
              .listen(config.port(), config.host())
              .toCompletionStage()
              .toCompletableFuture()
              .get(WAIT_SECONDS, TimeUnit.SECONDS);
      server = listening;
      tls = files.orElse(null);
      Files.writeString(data.resolve("api.port"), listening.actualPort() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The API did not start.", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("The API did not start: is its address in use?", e);
    }
  }

  private Optional<ApiTlsFiles> tlsFiles() throws IOException {
    return config.tls().isPresent()
        ? Optional.of(new ApiTlsFiles(config.tls().get()))
        : Optional.empty();
  }

  /**
   * Takes a renewed certificate and its key, if they are there: connections that begin from now on
   * are shown it, those that are up stay up as they are. To be called from time to time.
   */
  public void renewCertificate() throws InterruptedException {
    HttpServer listening = server;
    ApiTlsFiles files = tls;
    if (listening == null || files == null) {
      return;
    }
    Optional<ApiTlsFiles.Pair> next = files.renewed();
    if (next.isEmpty()) {
      return;
    }
    try {
      listening
          .updateSSLOptions(options(next).getSslOptions())
          .toCompletionStage()
          .toCompletableFuture()
          .get(WAIT_SECONDS, TimeUnit.SECONDS);
      files.taken(next.get());
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      // The last one is of a server that is being closed, or can't use the pair: no reason to end.
      files.refuse(next.get());
    }
  }

  /** The certificates that are shown now, in PEM; empty where there are none. */
  public String certificatePem() {
    ApiTlsFiles files = tls;
    return files == null ? "" : files.certificatePem();
  }

  private static HttpServerOptions options(Optional<ApiTlsFiles.Pair> tls) {
    var options =
        new HttpServerOptions()
            .setIdleTimeout(IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            // A request that asked for an upgrade of clear text to HTTP/2 once got no answer.
            .setHttp2ClearTextEnabled(false)
            .setCompressionSupported(false)
            .setDecompressionSupported(false);
    tls.ifPresent(
        pair ->
            options
                .setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(pair.options()));
    return options;
  }

  private void mount(Router router, Route route) {
    // A router route of its own: bodies are read only for who is admitted.
    router
        .routeWithRegex(route.method(), route.regex())
        .handler(context -> admit(context, route))
        .failureHandler(ApiServer::failed);
    var mounted = router.routeWithRegex(route.method(), route.regex());
    if (route.bodyBytesMax() > 0) {
      mounted.handler(BodyHandler.create(false).setBodyLimit(route.bodyBytesMax()));
    }
    if (route.blocking()) {
      // Not in order: one connection's slow request holds up nobody else's.
      mounted.blockingHandler(route.handler(), false);
    } else {
      mounted.handler(route.handler());
    }
    mounted.failureHandler(ApiServer::failed);
  }

  private void admit(RoutingContext context, Route route) {
    if (!route.roles().isEmpty()) {
      String header = context.request().getHeader("authorization");
      Caller caller =
          header != null && header.startsWith(BEARER)
              ? tokens.caller(header.substring(BEARER.length()).strip()).orElse(null)
              : null;
      if (caller == null) {
        throw ApiProblem.of(401, Code.CDT_361);
      }
      if (!caller.isAny(route.roles())) {
        throw ApiProblem.of(403, Code.CDT_362);
      }
      context.put(CALLER, caller);
    }
    if (route.bodyBytesMax() > 0) {
      budget.reserve(context, route.bodyBytesMax());
    }
    context.next();
  }

  private static void failed(RoutingContext context) {
    send(context, problem(context));
  }

  private static ApiProblem problem(RoutingContext context) {
    Throwable failure = context.failure();
    if (failure instanceof ApiProblem problem) {
      return problem;
    }
    if (failure instanceof StoreFullException) {
      // Whoever called can do nothing: the person who can make room is told which disk it is.
      LOG.atError().addKeyValue("code", Code.CDT_350.label()).log(Code.CDT_350.cause());
      return ApiProblem.of(507, Code.CDT_350);
    }
    int status = failure instanceof HttpException http ? http.getStatusCode() : 500;
    if (status == 413 || context.statusCode() == 413) {
      return ApiProblem.of(413, Code.CDT_366);
    }
    if (status == 400 || context.statusCode() == 400) {
      return ApiProblem.of(400, Code.CDT_367);
    }
    LOG.atError()
        .setCause(failure == null ? null : Outline.of(failure))
        .addKeyValue("code", Code.CDT_379.label())
        .log("A call failed.");
    return ApiProblem.of(500, Code.CDT_379);
  }

  private static void send(RoutingContext context, ApiProblem problem) {
    if (!context.response().ended()) {
      problem.send(context.response());
    }
  }

  /** After how long a caller may try again what was one too many. */
  static ApiProblem tooMany() {
    return ApiProblem.retry(429, Code.CDT_368, RETRY_SECONDS);
  }

  public int port() {
    return Objects.requireNonNull(server, "The API isn't started.").actualPort();
  }

  @Override
  public void close() throws IOException {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("The API did not stop.", e);
    }
  }
}
