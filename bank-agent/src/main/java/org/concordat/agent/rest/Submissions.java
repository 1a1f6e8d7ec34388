package org.concordat.agent.rest;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.encode.Intake;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.Answer;
import org.concordat.agent.store.Answered;
import org.concordat.agent.store.Id;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one REST source: bounded in number, worked on by a few threads, each answered
 * when all of its records are durable, or refused in time.
 *
 * <p>A refusal for lack of time may come although records become durable later: whoever sends the
 * same again gets the same ids.
 */
public final class Submissions {
  /** Requests that wait for a thread or for being durable; a further one is refused. */
  static final int REQUESTS_MAX = 1024;

  /** So long a request may take until it is refused. */
  static final long DEADLINE_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(Submissions.class);
  private static final int RETRY_SOON_SECONDS = 1;
  private static final int RETRY_LATER_SECONDS = 5;
  private static final long LOOK_MILLIS = 200;
  private static final int KEY_CHARS_MAX = 255;

  private final Supplier<Intake> intakes;
  private final Supplier<RowIds> ids;
  private final IdempotencyKeys keys;
  private final BooleanSupplier full;
  private final LongSupplier millisClock;
  private final long deadlineMillis;
  private final ArrayBlockingQueue<Request> queue = new ArrayBlockingQueue<>(REQUESTS_MAX);
  private final AtomicInteger underway = new AtomicInteger();

  /**
   * @param intakes one for each thread
   * @param ids the same
   * @param full whether nothing more can be stored for now
   */
  public Submissions(
      Supplier<Intake> intakes,
      Supplier<RowIds> ids,
      IdempotencyKeys keys,
      BooleanSupplier full,
      LongSupplier millisClock) {
    this(intakes, ids, keys, full, millisClock, DEADLINE_MILLIS);
  }

  /**
   * @param deadlineMillis so long a request may take until it is refused
   */
  Submissions(
      Supplier<Intake> intakes,
      Supplier<RowIds> ids,
      IdempotencyKeys keys,
      BooleanSupplier full,
      LongSupplier millisClock,
      long deadlineMillis) {
    this.intakes = intakes;
    this.ids = ids;
    this.keys = keys;
    this.full = full;
    this.millisClock = millisClock;
    this.deadlineMillis = deadlineMillis;
  }

  /**
   * Takes a request over; called on its event loop.
   *
   * @throws ApiProblem 400, 429 or 503
   */
  public void submit(RoutingContext context, String operation, BodyFormat format) {
    Optional<String> key = key(context.request().getHeader("idempotency-key"));
    if (full.getAsBoolean()) {
      throw ApiProblem.retry(503, Code.CDT_369, RETRY_LATER_SECONDS);
    }
    if (underway.incrementAndGet() > REQUESTS_MAX) {
      underway.decrementAndGet();
      throw ApiProblem.retry(429, Code.CDT_368, RETRY_SOON_SECONDS);
    }
    Buffer body = context.body().buffer();
    var asker = new Waiting(context);
    var request =
        new Request(
            ApiServer.caller(context).name(),
            operation,
            key,
            format,
            body == null ? new byte[0] : body.getBytes(),
            asker);
    long timer =
        context
            .vertx()
            .setTimer(
                deadlineMillis,
                fired -> request.refuse(ApiProblem.retry(503, Code.CDT_369, RETRY_LATER_SECONDS)));
    context.addEndHandler(
        ended -> {
          context.vertx().cancelTimer(timer);
          underway.decrementAndGet();
        });
    if (!queue.offer(request)) {
      // It is full of requests that were refused and not yet thrown away.
      request.refuse(ApiProblem.retry(503, Code.CDT_369, RETRY_LATER_SECONDS));
    }
  }

  private static Optional<String> key(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    // The draft writes a quoted string; most clients don't.
    String text =
        header.length() >= 2 && header.startsWith("\"") && header.endsWith("\"")
            ? header.substring(1, header.length() - 1)
            : header;
    if (text.isEmpty()
        || text.length() > KEY_CHARS_MAX
        || text.chars().anyMatch(c -> c < '!' || c > '~')) {
      throw ApiProblem.of(400, Code.CDT_372);
    }
    return Optional.of(text);
  }

  /** The work of one thread. */
  public void run(BooleanSupplier stopping) throws InterruptedException {
    Intake intake = intakes.get();
    RowIds own = ids.get();
    while (!stopping.getAsBoolean()) {
      Request request = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      byte[] body = request == null ? null : request.takeBody().orElse(null);
      // Whoever was refused meanwhile is told nothing more, so nothing is done.
      if (request != null && body != null) {
        work(request, body, intake, own);
      }
    }
  }

  private void work(Request request, byte[] body, Intake intake, RowIds own)
      throws InterruptedException {
    try {
      if (request.key().isEmpty()) {
        take(request, read(request, body), intake, () -> {});
        return;
      }
      Id id = own.request(request.caller(), request.operation(), request.key().get());
      Id bodyId = own.body(body);
      Optional<Answer> known = keys.begin(id, bodyId);
      if (known.isPresent()) {
        request.answerWith(known.get());
        return;
      }
      List<SourceRecord> records;
      try {
        records = read(request, body);
      } catch (ApiProblem refusal) {
        keys.end(id);
        throw refusal;
      }
      // With the last record all is decided, and what is durable before it is known again.
      var bookmark =
          new Bookmark(
              "answer/" + id,
              group ->
                  group.answered(
                      id, new Answered(bodyId, request.answer()), millisClock.getAsLong()));
      records.set(records.size() - 1, records.getLast().with(bookmark));
      take(request, records, intake, () -> keys.end(id));
    } catch (ApiProblem refusal) {
      request.refuse(refusal);
    }
  }

  /** A fault that one body brings to light ends its request, not the agent. */
  private static List<SourceRecord> read(Request request, byte[] body) {
    try {
      return request.read(body);
    } catch (ApiProblem refusal) {
      throw refusal;
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(Outline.of(e))
          .addKeyValue("code", Code.CDT_379.label())
          .log("A body can't be read.");
      throw ApiProblem.of(500, Code.CDT_379);
    }
  }

  private void take(Request request, List<SourceRecord> records, Intake intake, Runnable over)
      throws InterruptedException {
    long acceptedMillis = millisClock.getAsLong();
    request.expect(records.size(), over);
    for (SourceRecord record : records) {
      intake.take(record, acceptedMillis, request.acknowledgement());
    }
    // Before the last record is durable, if it can be: not on the thread that stores.
    request.answer();
  }

  /** Answers on the event loop that the request came from. */
  private static final class Waiting implements Request.Asker {
    private final RoutingContext context;
    private final Context loop;

    Waiting(RoutingContext context) {
      this.context = context;
      this.loop = context.vertx().getOrCreateContext();
    }

    @Override
    public void answer(Answer answer) {
      loop.runOnContext(
          now -> {
            if (!context.response().ended() && !context.response().closed()) {
              context
                  .response()
                  .setStatusCode(answer.status())
                  .putHeader("content-type", answer.mediaType())
                  .end(Buffer.buffer(answer.body()));
            }
          });
    }

    @Override
    public void refuse(RuntimeException refusal) {
      loop.runOnContext(now -> context.fail(refusal));
    }
  }

  /** So many requests are being worked on or waited for. */
  public int underway() {
    return underway.get();
  }
}
