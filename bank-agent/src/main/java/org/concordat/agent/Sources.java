package org.concordat.agent;

import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Uuid;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.BlockBuilder;
import org.concordat.agent.encode.Intake;
import org.concordat.agent.encode.Intakes;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.agent.ingest.Pacer;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.metrics.AgentMetrics;
import org.concordat.agent.outbox.OutboxSource;
import org.concordat.agent.publish.KafkaClients;
import org.concordat.agent.rest.IdempotencyKeys;
import org.concordat.agent.rest.Submissions;
import org.concordat.agent.rest.TransactionFormats;
import org.concordat.agent.rest.TransactionRoutes;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.topic.TopicSource;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.record.RecordKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's sources, side by side: each reads on threads of its own, all hand their records to
 * the same blocks. When the last one has ended, so have the blocks.
 */
final class Sources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

  /** One encodes while another's rows wait for room; more would only take turns. */
  private static final int REST_THREADS = 2;

  private static final long DURABLE_LOOK_MILLIS = 50;
  private static final String BACKFILL = "backfill";
  private static final String KAFKA = "ingest-kafka";

  private final AgentConfig.Ingest config;
  private final AgentStore store;
  private final Intakes intakes;
  private final BlockBuilder builder;
  private final RowIds tailIds;
  private final Workers workers;
  private final LongSupplier millisClock;
  private final Optional<Submissions> submissions;
  private final Optional<MessageSource> messages;
  private boolean served;
  private final List<String> names = new CopyOnWriteArrayList<>();
  private final AtomicInteger running = new AtomicInteger(1);
  private volatile boolean stopping;

  /** Whether a followed file was replaced, and the agent ends once all of it is durable. */
  private volatile boolean replaced;

  /** Whether more than history is read: until then no source waits for anybody else. */
  private volatile boolean live;

  private volatile @Nullable CsvSource backfill;
  private volatile @Nullable CsvSource csv;
  private final Optional<KafkaClients> topicClients;
  private final Optional<TopicSource> topic;
  private final Optional<OutboxSource> outbox;

  /**
   * @param full whether nothing more can be stored for now
   * @param counts told of every message, with its refusal if it was refused
   * @param millisClock says when a record is accepted
   */
  Sources(
      Setup setup,
      AgentStore store,
      Intakes intakes,
      BlockBuilder builder,
      Workers workers,
      BooleanSupplier full,
      java.util.function.Consumer<Optional<Code>> counts,
      LongSupplier millisClock) {
    this.config = setup.config.ingest();
    this.store = store;
    this.intakes = intakes;
    this.builder = builder;
    this.tailIds = new RowIds(setup.transactionIdKey.forAlgorithm("HmacSHA256"));
    this.workers = workers;
    this.millisClock = millisClock;
    this.topicClients = config.kafka().map(section -> new KafkaClients(section.connection()));
    this.topic = config.kafka().map(section -> topic(section, topicClients.orElseThrow(), full));
    this.outbox =
        config.outbox().map(section -> new OutboxSource(section, store, full, () -> stopping));
    SecretKey key = setup.transactionIdKey.forAlgorithm("HmacSHA256");
    this.submissions =
        config
            .rest()
            .map(rest -> submissions(key, () -> intakes.open(rest.mapping(), columns(rest)), full));
    this.messages =
        config
            .iso20022()
            .map(
                iso ->
                    new MessageSource(
                        iso,
                        intakes,
                        store,
                        opened -> submissions(key, opened, full),
                        counts,
                        millisClock));
  }

  private Submissions submissions(SecretKey key, Supplier<Intake> opened, BooleanSupplier full) {
    return new Submissions(
        opened, () -> new RowIds(key), new IdempotencyKeys(store), full, millisClock);
  }

  private static List<String> columns(AgentConfig.Rest rest) {
    return List.copyOf(rest.mapping().columnNames());
  }

  /** Adds the routes of the sources that are called rather than read. */
  void addRoutes(ApiServer api) {
    served = true;
    messages.ifPresent(source -> source.addRoutes(api));
    submissions.ifPresent(
        rest -> {
          AgentConfig.Rest section = config.rest().orElseThrow();
          new TransactionRoutes(rest, new TransactionFormats("rest", columns(section))).addTo(api);
        });
  }

  private void startMessages(MessageSource source) {
    if (served) {
      for (int i = 0; i < REST_THREADS; i++) {
        start("messages-" + i, () -> source.takeRequests(() -> stopping));
      }
    }
    if (source.hasFolder()) {
      start("iso20022", () -> source.takeFiles(this::tailId, () -> stopping));
    }
  }

  /** Starts every source that the configuration names; history goes before all others. */
  void start() {
    if (config.backfill().isPresent()) {
      AgentConfig.Csv section = config.backfill().get();
      start(
          BACKFILL,
          () -> {
            readCsv(section, RecordKind.HISTORY);
            if (!stopping) {
              startLive();
            }
          });
    } else {
      startLive();
    }
    ended();
  }

  private void startLive() {
    live = true;
    config.csv().ifPresent(section -> start("csv", () -> readCsv(section, RecordKind.LIVE)));
    topic.ifPresent(source -> start(KAFKA, () -> readTopic(config.kafka().orElseThrow(), source)));
    outbox.ifPresent(
        source -> start("outbox", () -> readOutbox(config.outbox().orElseThrow(), source)));
    messages.ifPresent(this::startMessages);
    if (submissions.isPresent()) {
      for (int i = 0; i < REST_THREADS; i++) {
        start("rest-" + i, () -> submissions.get().run(() -> stopping));
      }
    }
  }

  private TopicSource topic(AgentConfig.Topic section, KafkaClients clients, BooleanSupplier full) {
    return new TopicSource(
        new TopicSource.Brokers() {
          @Override
          public Consumer<byte[], byte[]> consumer() {
            return clients.sourceConsumer(KAFKA, section.groupId());
          }

          @Override
          public Uuid topicId() {
            return clients.topicId(section.name());
          }
        },
        section.name(),
        section.groupId(),
        section.fromEnd(),
        section.format(),
        store,
        full,
        () -> stopping);
  }

  private void readTopic(AgentConfig.Topic section, TopicSource source)
      throws InterruptedException {
    Intake intake = intakes.open(section.mapping(), section.format().columns());
    source.run(record -> intake.take(record, millisClock.getAsLong()));
  }

  private void readOutbox(AgentConfig.Outbox section, OutboxSource source)
      throws InterruptedException {
    Intake intake = intakes.open(section.mapping(), section.format().columns());
    source.run(
        (record, acknowledgement) -> intake.take(record, millisClock.getAsLong(), acknowledgement));
  }

  /** Shows how the sources fare that others can hold up. */
  void register(AgentMetrics metrics) {
    topicClients.ifPresent(
        clients -> {
          metrics.connections(KAFKA, () -> clients.connections(KAFKA));
          metrics.lag(KAFKA, () -> clients.lag(KAFKA));
        });
    waiting(metrics, "csv", () -> replaced);
    waiting(metrics, "kafka", () -> topic.isPresent() && topic.get().waiting());
    waiting(metrics, "outbox", () -> outbox.isPresent() && outbox.get().waiting());
    waiting(metrics, "iso20022", () -> messages.isPresent() && messages.get().waiting());
  }

  private void waiting(AgentMetrics metrics, String source, BooleanSupplier waiting) {
    metrics.gauge(
        "source.waiting",
        "1 while a source can't be read and the agent waits to try again, or to end.",
        Tags.of("source", source),
        () -> live && waiting.getAsBoolean() ? 1 : 0);
  }

  private void start(String name, Workers.Work work) {
    running.incrementAndGet();
    names.add(name);
    workers.start(
        name,
        () -> {
          try {
            work.run();
          } finally {
            ended();
          }
        });
  }

  private void ended() {
    if (running.decrementAndGet() == 0) {
      builder.end();
    }
  }

  private void readCsv(AgentConfig.Csv section, RecordKind kind) throws InterruptedException {
    CsvSource opened = CsvSource.open(section.file(), section.follow(), () -> stopping);
    if (kind == RecordKind.HISTORY) {
      backfill = opened;
    } else {
      csv = opened;
    }
    var intake = intakes.open(section.mapping(), opened.header(), kind);
    opened.resume(store.source(opened.positionName()), this::tailId);
    var pacer = new Pacer(section.ratePerSecond(), millisClock, () -> stopping);
    while (!stopping) {
      var record = next(opened);
      if (record == null) {
        break;
      }
      if (opened.waited()) {
        pacer.moveOn();
      }
      intake.take(record, pacer.awaitMillis());
    }
  }

  /**
   * The next record.
   *
   * @throws InvalidInputException the file is another, and all that was read of it is durable: it
   *     can't be read again
   */
  private @Nullable SourceRecord next(CsvSource source) throws InterruptedException {
    try {
      return source.next();
    } catch (InvalidInputException e) {
      replaced = true;
      Problem problem = e.problems().getFirst();
      LOG.atWarn()
          .addKeyValue("code", problem.code().label())
          .addKeyValue("path", source.positionName())
          .addKeyValue("cause", problem.reason())
          .log("A followed file is another; the agent ends once what was read of it is durable.");
      while (!stopping && store.source(source.positionName()).offsetBytes() < source.endBytes()) {
        TimeUnit.MILLISECONDS.sleep(DURABLE_LOOK_MILLIS);
      }
      throw e;
    }
  }

  /** Asked when a file is opened, and for every position that is stored. */
  private synchronized String tailId(byte[] tail) {
    return tailIds.tail(tail);
  }

  /** Stops reading; what was read goes on its way. */
  void stop(long millis) {
    stopping = true;
    names.forEach(name -> workers.end(name, millis));
  }

  /** After everything that was read is stored, or given up: positions are told until then. */
  @Override
  public void close() throws IOException {
    CsvSource history = backfill;
    if (history != null) {
      history.close();
    }
    CsvSource opened = csv;
    if (opened != null) {
      opened.close();
    }
  }
}
