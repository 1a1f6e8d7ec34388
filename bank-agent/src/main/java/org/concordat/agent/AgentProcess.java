package org.concordat.agent;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.concordat.agent.alert.AlertReader;
import org.concordat.agent.alert.AlertSinks;
import org.concordat.agent.alert.DeliveryRoutes;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.OpenApiDocument;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.desk.DeskMeters;
import org.concordat.agent.desk.DeskRoutes;
import org.concordat.agent.encode.BlockBuilder;
import org.concordat.agent.encode.BlockFormat;
import org.concordat.agent.encode.BlockRows;
import org.concordat.agent.encode.Intakes;
import org.concordat.agent.encode.KeptHistory;
import org.concordat.agent.encode.KeyDirectory;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.encode.SealingSessions;
import org.concordat.agent.encode.SeenRows;
import org.concordat.agent.encode.Spooler;
import org.concordat.agent.metrics.AgentMetrics;
import org.concordat.agent.metrics.HttpEndpoints;
import org.concordat.agent.metrics.Readiness;
import org.concordat.agent.metrics.StoreRoom;
import org.concordat.agent.publish.BusReader;
import org.concordat.agent.publish.CatchUp;
import org.concordat.agent.publish.CutLedger;
import org.concordat.agent.publish.HeldFlags;
import org.concordat.agent.publish.KafkaClients;
import org.concordat.agent.publish.Publisher;
import org.concordat.agent.publish.ReceiptLog;
import org.concordat.agent.rest.TransactionStatus;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.TakenNotice;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.Rule;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.metrics.ProcessMeters;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running agent: wires the parts and owns their threads. Four kinds do the work: sources (read
 * and encode), spooler (seals and stores), publisher (sends), cuts (learns what was scored).
 */
final class AgentProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentProcess.class);
  private static final String SPOOLER = "spooler";
  private static final String PUBLISHER = "publisher";
  private static final String KEYS = "keys";
  private static final String CUTS = "cuts";
  private static final String ALERTS = "alerts";
  private static final String SINK = "alert-topic";
  private static final String DESK = "desk";
  private static final String EXPIRY = "expiry";
  private static final String RULES = "rule-sets";
  private static final String CERTIFICATE = "certificate";
  private static final long RENEWAL_MILLIS = 60_000;
  private static final long END_MILLIS = 3_000;

  /** Some tens of megabytes. */
  private static final int HISTORY_CACHED_MAX = 32_768;

  private final Setup setup;
  private final AgentConfig config;
  private final SteadyClock clock = SteadyClock.ofSystem();
  private final AgentStore store;
  private final PrometheusMeterRegistry registry;
  private final AgentMetrics metrics;
  private final StoreRoom room;
  private final ProcessMeters processMeters;
  private final Readiness readiness;
  private final Workers workers;
  private final KeptHistory history;
  private final Sources sources;
  private final KeyDirectory directory;
  private final Publisher publisher;
  private final Spooler spooler;
  private final BusReader keyReader;
  private final BusReader cutReader;
  private final AlertSinks alertSinks;
  private final Desk desk;
  private final ExpiryRounds expiry;
  private final RuleSetWatch ruleSets;
  private final AlertReader alertReader;
  private final Optional<ApiServer> api;
  private @Nullable HttpEndpoints http;
  private volatile boolean stopping;

  private AgentProcess(Setup setup, Consumer<Throwable> failed) throws IOException {
    this.setup = setup;
    this.config = setup.config;
    Charter charter = setup.charter;
    var clients = new KafkaClients(config.kafka());
    Supplier<Producer<byte[], byte[]>> producers = clients.producers(PUBLISHER);
    var random = new SecureRandom();
    Files.createDirectories(config.data());
    var box = new AtRestBox(setup.storeKey, random);
    this.store = AgentStore.open(config.data(), box, config.limits(), charter.aggregators().size());
    this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry
        .config()
        .commonTags(List.of(Tag.of("mode", charter.modeName()), Tag.of("bank", config.bank())));
    this.metrics = new AgentMetrics(registry, store, clock::stampMillis);
    this.room = new StoreRoom(store, this::waitsFor);
    this.workers = new Workers(failed);
    var seen = new SeenRows(store);
    FeatureContract contract = setup.ruleSet.contract();
    this.history = new KeptHistory(contract, store, config.history(), HISTORY_CACHED_MAX);
    var builder =
        new BlockBuilder(
            charter.partitions(),
            BlockRows.rowsMax(contract.layout(), config.blocks().rowsMax()),
            config.blocks().linger().toNanos(),
            System::nanoTime);
    this.directory = new KeyDirectory(charter, store, System::currentTimeMillis);
    Topics topics = charter.topics(config.kafka().topicPrefix());
    var catchUp = new CatchUp(store, charter.partitions());
    this.publisher =
        new Publisher(
            store,
            topics,
            config.bank(),
            charter.aggregators().stream().map(Charter.Aggregator::name).toList(),
            charter.partitions(),
            producers,
            catchUp,
            metrics::published);
    var intakes =
        new Intakes(
            setup.ruleSet,
            setup.transactionIdKey.forAlgorithm("HmacSHA256"),
            seen,
            builder,
            history);
    this.sources =
        new Sources(
            setup,
            store,
            intakes,
            builder,
            workers,
            room::isNearlyFull,
            metrics::message,
            clock::stampMillis);
    var sessions =
        new SealingSessions(charter, config.bank(), setup.signingKey, store, directory, random);
    this.spooler =
        new Spooler(
            store,
            new BlockFormat(
                contract.name(), contract.version(), contract.hash(), contract.layout()),
            sessions,
            builder,
            seen,
            new Surroundings(),
            random);
    this.readiness = readiness();
    this.processMeters = ProcessMeters.bind(registry, config.data());
    registerMeters(clients);
    // Keys apart from cuts: a skipped block is sealed again, and sealing may wait for a key.
    this.keyReader =
        new BusReader(
            () -> clients.exactConsumer(KEYS), List.of(new BusFeeds.Keys(topics, directory)));
    var ledger =
        new CutLedger(
            charter,
            config.bank(),
            store,
            spooler,
            catchUp,
            clock::stampMillis,
            AgentMetrics.SCORE_DELAY_MAX,
            new Scores());
    var receipts =
        new ReceiptLog(
            charter,
            config.bank(),
            new HeldFlags(store, charter.partitions(), this::hasRule),
            registry);
    this.cutReader =
        new BusReader(
            () -> clients.exactConsumer(CUTS),
            List.of(
                new BusFeeds.Cuts(topics, ledger, metrics),
                new BusFeeds.Receipts(topics, config.bank(), receipts, store, metrics)));
    this.alertSinks =
        AlertSinks.open(
            config.alerts(),
            topics.prefix() + "bank." + config.bank() + ".",
            () -> clients.producer(SINK),
            store.desk(),
            registry);
    this.desk = new Desk(store.desk(), config.alerts().desk());
    this.expiry = new ExpiryRounds(clock, store, history, desk);
    var deskMeters = DeskMeters.register(registry, desk, System::currentTimeMillis);
    this.ruleSets =
        new RuleSetWatch(
            setup.ruleSets,
            ruleSet -> {
              metrics.expect(
                  ruleSet.plan().outputs().stream().map(RuleOutput::rule).distinct().toList());
              deskMeters.show(ruleSet.rules().stream().filter(Rule::live).map(Rule::name).toList());
            });
    this.alertReader =
        new AlertReader(
            () -> clients.exactConsumer(ALERTS),
            topics.alerts(config.bank()),
            charter,
            config.bank(),
            setup.alertKey,
            ruleSets::find,
            store,
            alertSinks,
            desk,
            registry,
            config.alerts().waitMillis(),
            clock::stampMillis);
    this.api = config.api().map(section -> new ApiServer(section, setup.tokens.orElseThrow()));
    api.ifPresent(this::addRoutes);
  }

  /** Everything that can be called; the paths are described in openapi.yaml. */
  private void addRoutes(ApiServer server) {
    OpenApiDocument.addTo(server);
    sources.addRoutes(server);
    new DeliveryRoutes(alertSinks).addTo(server);
    Function<String, List<TakenNotice>> notices =
        reference -> store.notices(ids().reference(reference));
    new DeskRoutes(desk, notices, System::currentTimeMillis).addTo(server);
    new TransactionStatus(
            reference -> store.standings(ids().reference(reference)),
            notices,
            this::waitsFor,
            clock::stampMillis)
        .addTo(server);
  }

  private boolean hasRule(String name) {
    return ruleSets.hasRule(name);
  }

  private RowIds ids() {
    return new RowIds(setup.transactionIdKey.forAlgorithm("HmacSHA256"));
  }

  /**
   * Starts an agent.
   *
   * @param failed told when it can't go on
   */
  static AgentProcess start(Setup setup, Consumer<Throwable> failed) throws IOException {
    var process = new AgentProcess(setup, failed);
    process.workers.start(DESK, process.desk::load);
    process.workers.start(KEYS, process.keyReader::run);
    process.workers.start(CUTS, process.cutReader::run);
    process.workers.start(PUBLISHER, process.publisher::run);
    process.workers.start(SPOOLER, process::spool);
    process.sources.start();
    process.alertSinks.works().forEach((name, work) -> process.workers.start(name, work::run));
    process.workers.start(ALERTS, process.alertReader::run);
    process.workers.start(EXPIRY, process.expiry::run);
    process.workers.start(RULES, process.ruleSets::run);
    HttpEndpoints http = process.serve();
    if (process.api.isPresent()) {
      ApiServer server = process.api.get();
      server.start(setup.config.data());
      process.processMeters.certificateChain("api", server::certificatePem);
      process.workers.start(CERTIFICATE, () -> renewCertificate(server));
    }
    LOG.atInfo()
        .addKeyValue("bank", setup.config.bank())
        .addKeyValue("mode", setup.charter.modeName())
        .addKeyValue("ruleSet", setup.ruleSet.name())
        .addKeyValue("http", http.port())
        .log("The agent runs.");
    return process;
  }

  /** After the work has begun, which would else wait for as long as the server takes to start. */
  private HttpEndpoints serve() throws IOException {
    HttpEndpoints serving =
        HttpEndpoints.start(
            config.http().host(), config.http().port(), config.data(), registry, readiness);
    http = serving;
    return serving;
  }

  private void registerMeters(KafkaClients clients) {
    processMeters.certificateChain("kafka", config.kafka()::certificatePem);
    config
        .ingest()
        .kafka()
        .ifPresent(
            source ->
                processMeters.certificateChain("ingest", source.connection()::certificatePem));
    processMeters.clock(clock);
    metrics.expect(
        setup.charter.aggregators().stream().map(Charter.Aggregator::name).toList(),
        setup.charter.caps().flagsPerBankAndDay());
    for (String use : List.of(PUBLISHER, KEYS, CUTS, ALERTS)) {
      metrics.connections(use, () -> clients.connections(use));
    }
    for (String use : List.of(KEYS, CUTS, ALERTS)) {
      metrics.lag(use, () -> clients.lag(use));
    }
    sources.register(metrics);
    metrics.gauge(
        "history.fill.ratio",
        "Accounts or beneficiaries that are remembered as a part of their limit, from 0 to 1.",
        Tags.empty(),
        history::fillRatio);
    metrics.gauge(
        "publish.waiting",
        "1 from a failed send, or while old cuts can't be read, until every partition goes on or"
            + " nothing is left to send, else 0.",
        Tags.empty(),
        () -> publisher.failure() == null ? 0 : 1);
    metrics.gauge(
        "publish.throttled.seconds",
        "How long brokers lately made a request to write blocks wait for the bank's quota.",
        Tags.empty(),
        () -> clients.throttledSeconds(PUBLISHER));
    for (Charter.Aggregator aggregator : setup.charter.aggregators()) {
      metrics.gauge(
          "sealing.key.missing",
          "1 while the aggregator has no sealing key in force on the bus: the last one that is"
              + " known is used for seven days more.",
          Tags.of("aggregator", aggregator.name()),
          () -> directory.missing().contains(aggregator.name()) ? 1 : 0);
    }
    metrics.gauge(
        "ready",
        "1 if the agent can take a row and make it durable, else 0; /ready says why not.",
        Tags.empty(),
        () -> readiness.reasons().isEmpty() ? 1 : 0);
  }

  private Readiness readiness() {
    var readiness = new Readiness();
    readiness.add(
        () ->
            directory.unusable().stream()
                .map(name -> new Readiness.Reason(Code.CDT_357, Code.CDT_357.cause(), name))
                .toList());
    readiness.add(room::reasons);
    return readiness;
  }

  /** What blocks wait for that aren't known to be scored. */
  private String waitsFor() {
    return publisher.failure() == null ? "cuts" : "brokers";
  }

  private void spool() throws InterruptedException {
    spooler.run();
    if (!stopping) {
      metrics.sourceFinished();
      LOG.atInfo().log("The sources have been read to their ends.");
    }
  }

  private static void renewCertificate(ApiServer server) throws InterruptedException {
    while (true) {
      server.renewCertificate();
      Thread.sleep(RENEWAL_MILLIS);
    }
  }

  /** Stops reading, makes durable and sends what was read, and closes; what can't be, waits. */
  @Override
  public void close() {
    stopping = true;
    workers.stop();
    store.stopReclaiming();
    desk.close();
    workers.end(DESK, END_MILLIS);
    workers.end(CERTIFICATE, 1);
    closeApi();
    sources.stop(END_MILLIS);
    spooler.stop();
    workers.end(SPOOLER, END_MILLIS);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MILLIS);
    while (!publisher.idle() && publisher.failure() == null && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    publisher.stop();
    workers.end(PUBLISHER, END_MILLIS);
    publisher.close();
    // All at once: each closes when the brokers have answered its last question.
    keyReader.stop();
    cutReader.stop();
    alertReader.stop();
    workers.end(KEYS, END_MILLIS);
    workers.end(CUTS, END_MILLIS);
    workers.end(ALERTS, END_MILLIS);
    alertSinks.stop();
    alertSinks.works().keySet().forEach(name -> workers.end(name, END_MILLIS));
    workers.end(EXPIRY, 1);
    workers.end(RULES, 1);
    HttpEndpoints serving = http;
    if (serving != null) {
      serving.close();
    }
    processMeters.close();
    try {
      alertSinks.close();
      sources.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // A store that a thread still uses is left to the end of the process: it is durable anyway.
    if (workers.allEnded()) {
      store.close();
    }
    LOG.atInfo().addKeyValue("bank", config.bank()).log("The agent has stopped.");
  }

  /** First: whoever calls from now on gets no answer rather than a wrong one. */
  private void closeApi() {
    try {
      if (api.isPresent()) {
        api.get().close();
      }
    } catch (IOException e) {
      LOG.atWarn().log("The API did not stop in time.");
    }
  }

  /** What the spooler needs of the others. */
  private final class Surroundings implements Spooler.Surroundings {
    @Override
    public boolean idle(int partition) {
      return publisher.idle(partition);
    }

    @Override
    public void spooled(BlockPosition position) {
      publisher.spooled(position);
    }

    @Override
    public void counted() {
      metrics.counted();
    }
  }

  /** What cuts came to, for metrics. */
  private final class Scores implements CutLedger.Listener {
    @Override
    public void counted() {
      metrics.counted();
    }

    @Override
    public void scored(int rows, Duration delay) {
      metrics.scored(rows, delay);
    }
  }
}
