package org.concordat.aggregator;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.FolderAlarm;
import org.concordat.aggregator.bus.KeyPublisher;
import org.concordat.aggregator.bus.ModelReader;
import org.concordat.aggregator.bus.SessionReader;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.aggregator.evaluate.ModelShares;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.keys.ModelFiles;
import org.concordat.aggregator.keys.SealingKeys;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.metrics.HttpEndpoints;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.aggregator.peer.PeerTlsFiles;
import org.concordat.aggregator.worker.PartitionSetup;
import org.concordat.aggregator.worker.Scoring;
import org.concordat.aggregator.worker.Scorings;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.metrics.ProcessMeters;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.process.Beside;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.process.UncaughtFailures;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.BlockOpener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one aggregator until it is told to stop. */
public final class Main {
  private static final long BACKOFF_MILLIS = 50;

  /**
   * How long the JVM believes a name's address, and that a name has none; by default 30 and 10
   * seconds, for which a peer or broker that is back at another address would not be found.
   */
  private static final Map<String, String> NAMES =
      Map.of("networkaddress.cache.ttl", "5", "networkaddress.cache.negative.ttl", "1");

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private final AggregatorConfig config;
  private final Charter charter;
  private final RuleSet ruleSet;
  private final SteadyClock clock = SteadyClock.ofSystem();
  private final SigningKey signingKey;
  private final SealingKeys sealingKeys;
  private final SymmetricKey atRestKey;
  private final PeerTlsFiles tls;
  private final PeerLimits limits = PeerLimits.ofHeap(Runtime.getRuntime().maxMemory());
  private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
  private final Map<String, ModelShares> models = new ConcurrentHashMap<>();
  private final String worker;
  private volatile @Nullable Partitions partitions;
  private volatile @Nullable KeyPublisher keyPublisher;
  private volatile @Nullable SessionReader sessionReader;
  private volatile @Nullable ModelReader modelReader;
  private volatile int exitCode;

  private Main(AggregatorConfig config, Problems problems) {
    this.config = config;
    this.worker = config.worker().map(AggregatorConfig.Worker::name).orElse("");
    RecordCodec.trustRecords();
    var ofRules = new Problems();
    var loading = Beside.begin("rules", () -> RuleSet.load(config.rules(), ofRules));
    Optional<Charter> read = Charter.read(config.charter(), problems);
    Optional<RuleSet> rules = loading.await();
    problems.add(ofRules);
    Optional<SigningKey> signing = KeyFiles.readSigningKey(config.keys().signing(), problems);
    SealingKeys sealing =
        SealingKeys.open(
            config.keys().sealing(),
            config.keys().lives(),
            clock,
            new SecureRandom(),
            worker,
            problems);
    Optional<SymmetricKey> atRest = KeyFiles.readSymmetricKey(config.keys().atRest(), problems);
    Optional<PeerTlsFiles> links =
        PeerTlsFiles.read(
            config.tls().certificate(), config.tls().key(), config.tls().authority(), problems);
    if (read.isPresent() && rules.isPresent() && signing.isPresent()) {
      Admission.verify(config, read.get(), rules.get(), signing.get(), problems);
    }
    problems.throwIfAny();
    this.charter = read.orElseThrow();
    this.ruleSet = rules.orElseThrow();
    this.signingKey = signing.orElseThrow();
    this.sealingKeys = sealing;
    this.atRestKey = atRest.orElseThrow();
    this.tls = links.orElseThrow();
  }

  /**
   * Takes {@code --config FILE}.
   *
   * <p>Exit status: 0 after a stop that was asked for, 1 after a failure, 2 for invalid input.
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args));
  }

  /** As {@link #main}, returning the exit status. */
  public static int run(String[] args) throws InterruptedException {
    if (args.length != 2 || !args[0].equals("--config")) {
      System.err.println("usage: aggregator --config FILE");
      return 2;
    }
    NAMES.forEach(Security::setProperty);
    try {
      var problems = new Problems();
      AggregatorConfig config = AggregatorConfig.read(Path.of(args[1]), problems);
      problems.throwIfAny();
      return new Main(config, problems).serve();
    } catch (InvalidInputException e) {
      System.err.println(e.getMessage());
      return 2;
    } catch (IOException e) {
      LOG.atError().setCause(e).log("The aggregator can't start.");
      return 1;
    } catch (RuntimeException e) {
      // Whoever called would print its message.
      LOG.atError().setCause(Outline.of(e)).log("The aggregator can't start.");
      return 1;
    }
  }

  private int serve() throws IOException, InterruptedException {
    var stop = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    UncaughtFailures.endProcess(() -> stop.getCount() == 0);
    Thread hook =
        new Thread(
            () -> {
              boolean asked = stop.getCount() > 0;
              stop.countDown();
              try {
                stopped.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              if (asked) {
                // A signal would make the exit status 143.
                Runtime.getRuntime().halt(exitCode);
              }
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    Consumer<Throwable> halt =
        cause -> {
          if (cause instanceof InvalidInputException) {
            // As at the start: its words are ours, and somebody has to put it right.
            System.err.println(cause.getMessage());
          }
          LOG.atError()
              .setCause(Outline.of(cause))
              .log("A bug, or a corrupt state of its own: halting.");
          exitCode = 1;
          stop.countDown();
        };
    try {
      start(halt);
      stop.await();
    } finally {
      try {
        close();
      } finally {
        stopped.countDown();
      }
    }
    return exitCode;
  }

  private void start(Consumer<Throwable> halt) throws IOException, InterruptedException {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().commonTags("aggregator", config.aggregator());
    var metrics = metrics(registry);
    var endpoints =
        HttpEndpoints.begin(
            config.http().host(),
            config.http().port(),
            registry,
            this::reasonsNotReady,
            this::notes);
    opened.add(endpoints);
    Topics topics = charter.topics(config.kafka().topicPrefix());
    var clients = new BusClients(config.kafka());
    var random = new SecureRandom();
    var box = new AtRestBox(atRestKey, random);
    if (worker.isEmpty() && sealingKeys.count() == 0) {
      // Where another process has the port, the first key is that one's to make.
      var _ = endpoints.awaitPort();
      // With a key there is, it starts even where its disk is full; the publisher turns it.
      sealingKeys.turn();
    }
    var opener = new BlockOpener(charter, config.aggregator(), sealingKeys::find);
    var evaluator = new PlanEvaluator(ruleSet.plan(), models);
    var scorings = new Scorings(new Scoring(ruleSet.plan(), evaluator));
    int inFlight = inFlight(evaluator);
    var watch = ruleSetWatch(scorings, inFlight, metrics);
    opened.add(watch);
    LOG.atWarn()
        .addKeyValue("suite", charter.suite())
        .log("The suite is semi-honest: a cheating aggregator can falsify flags unnoticed.");
    ruleSet.plan().link().ifPresent(spec -> warnOfLinkage(spec, ruleSet.plan().namesMembers()));
    List<PartitionSetup> setups = new ArrayList<>();
    for (int partition = 0; partition < charter.partitions(); partition++) {
      setups.add(
          new PartitionSetup(
              charter,
              settings(partition, inFlight),
              topics,
              signingKey,
              scorings,
              opener,
              metrics,
              config.limits().bufferedRowsMax(),
              halt));
    }
    var parts =
        new Partitions(
            config,
            charter,
            ruleSet.plan(),
            signingKey,
            tls,
            setups,
            clients,
            topics,
            box,
            metrics);
    partitions = parts;
    var sessions = sessionReader(clients, opener, topics, metrics, parts);
    var keys =
        new KeyPublisher(
            clients,
            topics.keys(),
            charter,
            config.aggregator(),
            signingKey,
            sealingKeys,
            opener::forget,
            parts::turnsKeys,
            new FolderAlarm(code -> metrics.alarm(code.label())));
    sessionReader = sessions;
    // Where another process has the port, this one ends before it takes keys or partitions from it,
    // or tidies up, as the first set-up makes it do, what bears its name among the keys.
    int port = endpoints.awaitPort();
    sessions.start();
    opened.add(sessions);
    keyPublisher = keys;
    keys.start();
    opened.add(keys);
    opened.add(parts);
    parts.start(halt);
    watch.start(parts::ruleSetsChanged, halt);
    startModels(parts, clients, topics, box, metrics, evaluator, halt);
    LOG.atInfo()
        .addKeyValue("aggregator", config.aggregator())
        .addKeyValue("mode", charter.modeName())
        .addKeyValue("ruleSet", ruleSet.name() + "@" + ruleSet.version())
        .addKeyValue("http", port)
        .log("The aggregator runs.");
  }

  private static void warnOfLinkage(LinkSpec spec, boolean namesMembers) {
    LOG.atWarn()
        .addKeyValue("linkageBits", spec.linkageBits())
        .addKeyValue("entitiesMax", spec.entitiesMax())
        .addKeyValue("memoryBytesMax", spec.bytesPerEntity(2, namesMembers) * spec.entitiesMax())
        .log("Pseudonyms are opened unverified: a cheating aggregator can learn more from them.");
  }

  private AggregatorMetrics metrics(PrometheusMeterRegistry registry) {
    ProcessMeters process = ProcessMeters.bind(registry, config.folder());
    opened.add(process);
    process.certificateChain("kafka", config.kafka()::certificatePem);
    process.certificate("peer", tls::expires);
    process.clock(clock);
    var metrics = new AggregatorMetrics(registry, charter.modeName());
    metrics.gauge(
        "suite.verifies",
        "1 if the suite finds a cheating aggregator, 0 if it trusts all to follow the protocol.",
        Tags.of("suite", charter.suite()),
        () -> 0);
    metrics.gauge(
        "linkage.unverified",
        "1 if pseudonyms are opened under a suite that trusts all to follow the protocol, else 0.",
        Tags.of("suite", charter.suite()),
        () -> ruleSet.plan().link().isPresent() ? 1 : 0);
    metrics.gauge(
        "ready",
        "1 if the aggregator can do its work, else 0; /ready says why not.",
        Tags.empty(),
        () -> reasonsNotReady().isEmpty() ? 1 : 0);
    return metrics;
  }

  /** As configured, or fewer where their flights could fill a link's buffer. */
  private int inFlight(PlanEvaluator evaluator) {
    int wanted = config.batch().inFlightMax();
    if (ruleSet.plan().link().isPresent()) {
      // After a restart a batch could be linked only once those before it are committed.
      return 1;
    }
    long words = evaluator.roundWordsMax(Settings.slotsMax(config.batch().rowsMax()));
    int most = limits.attemptsMax(charter.aggregators().size(), words * Long.BYTES);
    int inFlight = Math.clamp(most / charter.partitions(), 1, wanted);
    if (inFlight < wanted) {
      LOG.atWarn()
          .addKeyValue("inFlightMax", wanted)
          .addKeyValue("inFlight", inFlight)
          .log("Fewer batches in flight: this rule set's flights are long for this heap.");
    }
    return inFlight;
  }

  private RuleSetWatch ruleSetWatch(Scorings scorings, int inFlight, AggregatorMetrics metrics) {
    int slotsMax = Settings.slotsMax(config.batch().rowsMax());
    int parties = charter.aggregators().size();
    long room = limits.roundBytesMax(parties, charter.partitions() * inFlight);
    long words = scorings.first().evaluator().roundWordsMax(slotsMax);
    return new RuleSetWatch(
        new LaterRuleSets(config.laterRules(), ruleSet, charter),
        scorings,
        charter.banks().stream().map(Charter.Bank::name).toList(),
        slotsMax,
        Math.max(words, room / Long.BYTES),
        metrics);
  }

  private Settings settings(int partition, int inFlight) {
    return new Settings(
        Charter.PROTOCOL,
        charter.hash(),
        partition,
        charter.aggregatorIndex(config.aggregator()),
        charter.aggregators().stream().map(Charter.Aggregator::name).toList(),
        charter.banks().stream().map(Charter.Bank::name).sorted().toList(),
        new Digest(ruleSet.hash()),
        ruleSet.version(),
        config.batch().rowsMax(),
        inFlight,
        config.batch().intervalMillis(),
        config.batch().aheadMillis(),
        config.batch().graceMillis(),
        config.batch().stallMillis(),
        BACKOFF_MILLIS);
  }

  private SessionReader sessionReader(
      BusClients clients,
      BlockOpener opener,
      Topics topics,
      AggregatorMetrics metrics,
      Partitions parts) {
    return new SessionReader(
        clients::consumer,
        opener,
        config.aggregator(),
        topics,
        charter.banks().stream().map(Charter.Bank::name).toList(),
        new SessionReader.Listener() {
          @Override
          public void accepted(String bank) {
            metrics.record("accepted", AggregatorMetrics.SESSION, bank);
            parts.sessionsChanged();
          }

          @Override
          public void refused(String bank, Code code) {
            metrics.record("refused", code.label(), bank);
          }

          @Override
          public void refusedEarlier(String bank) {
            metrics.record("earlier", AggregatorMetrics.SESSION, bank);
          }
        },
        System::nanoTime);
  }

  /** Peers are linked when no secret model is missing: they compare which ones they have. */
  private void startModels(
      Partitions parts,
      BusClients clients,
      Topics topics,
      AtRestBox box,
      AggregatorMetrics metrics,
      PlanEvaluator evaluator,
      Consumer<Throwable> halt) {
    var reader =
        new ModelReader(
            charter,
            config.aggregator(),
            ruleSet.plan(),
            topics,
            new ModelFiles(config.folder().resolve("models"), box, worker),
            id -> Optional.ofNullable(sealingKeys.find(id)),
            models,
            (publisher, code) -> metrics.record("refused", code.label(), publisher),
            new FolderAlarm(code -> metrics.alarm(code.label())),
            halt);
    modelReader = reader;
    Runnable link =
        () -> {
          parts.link(reader.agreement(), evaluator, limits);
        };
    if (ruleSet.plan().secretModels().isEmpty()) {
      link.run();
    } else {
      reader.start(clients::consumer, link);
      opened.add(reader);
    }
  }

  private List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    Partitions parts = partitions;
    if (parts != null) {
      reasons.addAll(parts.reasonsNotReady());
    }
    ModelReader reader = modelReader;
    if (reader != null) {
      reasons.addAll(reader.reasonsNotReady());
    }
    KeyPublisher keys = keyPublisher;
    if (keys == null || !keys.published()) {
      reasons.add("brokers: the sealing key is not published");
    }
    return reasons;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    Partitions parts = partitions;
    if (parts != null) {
      notes.addAll(parts.notes());
    }
    SessionReader sessions = sessionReader;
    if (sessions != null) {
      notes.addAll(sessions.notes());
    }
    return notes;
  }

  private void close() throws InterruptedException {
    for (AutoCloseable part : opened.reversed()) {
      try {
        part.close();
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | Error e) {
        // Such as a class that isn't found any more: the jar was replaced meanwhile.
        LOG.atWarn().setCause(Outline.of(e)).log("A part didn't close cleanly.");
      }
    }
  }
}
