package org.concordat.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends payments to an agent over several connections, each payment again and again until it is
 * answered 202, whatever happens to the agent meanwhile.
 */
final class RestLoad implements AutoCloseable {
  private static final long RETRY_MILLIS = 100;
  private static final long ANSWER_MILLIS = 30_000;
  private static final int CONNECTIONS_MAX = 256;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path portFile;
  private final String token;
  private final List<Map<String, String>> templates;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setKeepAlive(true),
          new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX));

  /** Payments in the order of their numbers; one number is one payment. */
  private final AtomicLong numbers = new AtomicLong();

  /** The ids that were answered. */
  final Set<String> ids = ConcurrentHashMap.newKeySet();

  /** Requests that were answered otherwise or not at all, and sent again, by why. */
  final Map<String, Long> again = new ConcurrentHashMap<>();

  /**
   * @param templates payments whose id is replaced
   */
  RestLoad(Path bank, List<Map<String, String>> templates) throws IOException {
    this.portFile = bank.resolve("data/api.port");
    this.token = Files.readString(bank.resolve("ingest.token"));
    this.templates = templates;
  }

  /** A payment by its number, alike each time. */
  Map<String, String> payment(long number) {
    Map<String, String> payment =
        new java.util.LinkedHashMap<>(templates.get((int) (number % templates.size())));
    payment.put("payment_id", "rest-" + number);
    return payment;
  }

  long payments() {
    return numbers.get();
  }

  /**
   * Sends so many payments and waits until all are answered.
   *
   * @param batch payments of a request; 1 for requests of one payment
   * @param pauseMillis between an answer and the same connection's next request
   * @return payments a second
   */
  double run(int connections, int batch, long payments, long pauseMillis)
      throws InterruptedException {
    long first = numbers.getAndAdd(payments);
    var next = new AtomicLong(first);
    var done = new CountDownLatch(connections);
    long begun = System.nanoTime();
    for (int i = 0; i < connections; i++) {
      vertx.runOnContext(now -> next(next, first + payments, batch, pauseMillis, done));
    }
    if (!done.await(20, TimeUnit.MINUTES)) {
      throw new AssertionError("not answered: " + again);
    }
    return payments * 1e9 / (System.nanoTime() - begun);
  }

  private void next(AtomicLong next, long end, int batch, long pauseMillis, CountDownLatch done) {
    long from = next.getAndAdd(batch);
    if (from >= end) {
      done.countDown();
      return;
    }
    long to = Math.min(end, from + batch);
    send(
        batch == 1 ? "/v1/transactions" : "/v1/transactions:batch",
        body(from, to, batch),
        to - from,
        () -> after(pauseMillis, () -> next(next, end, batch, pauseMillis, done)));
  }

  private Buffer body(long from, long to, int batch) {
    try {
      var body = new StringBuilder(batch == 1 ? "" : "[");
      for (long number = from; number < to; number++) {
        body.append(number == from ? "" : ",").append(MAPPER.writeValueAsString(payment(number)));
      }
      return Buffer.buffer(body.append(batch == 1 ? "" : "]").toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void send(String path, Buffer body, long payments, Runnable answered) {
    request(path)
        .compose(
            request ->
                request
                    .putHeader("authorization", "Bearer " + token)
                    .putHeader("content-type", "application/json")
                    .send(body))
        .compose(response -> response.body().map(text -> failure(response, text, payments)))
        .otherwise(failure -> failure.getClass().getSimpleName())
        .onSuccess(
            failure -> {
              if (failure.isEmpty()) {
                answered.run();
              } else {
                again.merge(failure, 1L, Long::sum);
                after(RETRY_MILLIS, () -> send(path, body, payments, answered));
              }
            });
  }

  private Future<io.vertx.core.http.HttpClientRequest> request(String path) {
    try {
      return client.request(
          new RequestOptions()
              .setMethod(HttpMethod.POST)
              .setHost("127.0.0.1")
              .setPort(Integer.parseInt(Files.readString(portFile).strip()))
              .setURI(path)
              .setIdleTimeout(ANSWER_MILLIS));
    } catch (IOException | NumberFormatException e) {
      return Future.failedFuture(e);
    }
  }

  /** Why a request has to be sent again; empty if not. */
  private String failure(HttpClientResponse response, Buffer text, long payments) {
    int status = response.statusCode();
    if (status != 202) {
      if (status != 429 && status != 503) {
        throw new IllegalStateException(status + " " + text);
      }
      return Integer.toString(status);
    }
    try {
      JsonNode answer = MAPPER.readTree(text.getBytes());
      if (payments == 1 && answer.has("id")) {
        ids.add(answer.get("id").asText());
      } else {
        answer.get("items").forEach(item -> ids.add(item.get("id").asText()));
      }
      return "";
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void after(long millis, Runnable work) {
    if (millis == 0) {
      work.run();
    } else {
      vertx.setTimer(millis, fired -> work.run());
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
