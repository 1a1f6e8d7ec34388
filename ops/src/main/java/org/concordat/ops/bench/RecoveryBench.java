package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.demo.BrokerCluster;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/**
 * How long scoring stands still after one process was killed: SIGKILL of an agent, an aggregator or
 * a broker, in turn, each while everything else works undisturbed. A broker of a cluster that was
 * killed before may still catch up where little time is left between two kills.
 */
public final class RecoveryBench {
  private static final String FILE = "payments.csv";
  private static final int CHECK_MEGABYTES = 6_144;
  private static final int LINKED_CHECK_MEGABYTES = 14_336;
  private static final Duration FEED = Duration.ofMillis(50);

  /** Metrics pages take time of the processes that are waited for. */
  private static final Duration LOOK = Duration.ofMillis(200);

  /**
   * Of blocks and cuts: at rates at which two processors have time to spare, the smallest blocks
   * would take all of it, and the measure would be of that.
   */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** Of each aggregator the only one. */
  private static final String WORKER = "w1";

  private static final Duration DOWN = Duration.ofSeconds(1);

  /** Until processes have compiled most of what they run; those of a consortium run for weeks. */
  private static final Duration WARM_UP = Duration.ofMinutes(5);

  /** Beyond which scoring counts as stopped for good. */
  private static final Duration RECOVERED = Duration.ofMinutes(5);

  private static final int UNSCORED_MAX = 12_000;
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  /** Of processes that are killed in turn. */
  private static final int KINDS = 3;

  private final RecoveryOptions options;
  private final PrintWriter out;
  private double due;
  private long fedAt;

  public RecoveryBench(RecoveryOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Runs it all; true if scoring went on in time and every alert was the oracle's. */
  public boolean run() throws IOException, InterruptedException {
    List<String> banks = ConsortiumFolder.bankNames(BenchOptions.BANKS);
    try (var folder = new WorkFolder();
        Consortium consortium = Consortium.create(folder.path(), banks, 1, options.rules())) {
      folder.stopFirst(consortium);
      consortium.aggregatorMegabytes(options.aggregatorMegabytes());
      // Many accounts pay seldom: of twice as many enough are heard of soon.
      int accounts = Math.max(NetworkRows.ACCOUNTS, 2 * options.entities());
      try (BenchRows rows =
          BenchRows.create(consortium, options.rules(), FILE, payments(), accounts)) {
        Optional<BrokerCluster> cluster = start(consortium);
        try {
          remember(consortium, rows);
          Map<String, Histogram> recovered = measure(consortium, rows);
          var report = new RecoveryReport(options, recovered, end(consortium, rows));
          if (report.holds()) {
            folder.done();
          }
          return report(report);
        } finally {
          if (cluster.isPresent()) {
            cluster.get().kill();
          }
        }
      }
    }
  }

  /** As many as may come: some four for each entity, and those of the time after that. */
  private long payments() {
    long kills = KINDS * (long) options.kills();
    long seconds = kills * (options.settleSeconds() + RECOVERED.toSeconds());
    long busySeconds = WARM_UP.toSeconds() + kills * options.busySeconds();
    return 4L * Math.max(NetworkRows.ACCOUNTS, options.entities())
        + NetworkRows.enoughFor(busySeconds, options.ratePerSecond())
        + seconds * options.ratePerSecond();
  }

  private Optional<BrokerCluster> start(Consortium consortium)
      throws IOException, InterruptedException {
    Consortium.setBatchPause(consortium.folder(), PAUSE);
    Path mapping = options.rules().resolve("mapping.yaml");
    for (String bank : consortium.banks()) {
      consortium.configureAgent(bank, new AgentInput(Path.of(FILE), true, 0, mapping));
      Consortium.setBlockPause(consortium.folder(), bank, PAUSE);
    }
    Optional<BrokerCluster> cluster = startBrokers(consortium);
    if (options.asWorkers()) {
      for (String name : Consortium.AGGREGATORS) {
        consortium.startWorker(name, WORKER);
      }
    } else {
      consortium.startAggregators();
    }
    consortium.startAgents();
    return cluster;
  }

  /** The names of their processes. */
  private List<String> aggregators() {
    return options.asWorkers()
        ? Consortium.AGGREGATORS.stream().map(name -> name + "/" + WORKER).toList()
        : Consortium.AGGREGATORS;
  }

  private Optional<BrokerCluster> startBrokers(Consortium consortium)
      throws IOException, InterruptedException {
    if (options.brokers() == 1) {
      consortium.startBroker();
      return Optional.empty();
    }
    Set<Integer> taken = consortium.ports().all();
    BrokerCluster cluster =
        BrokerCluster.create(consortium, FreePorts.find(BrokerCluster.PORTS_MAX, taken).iterator());
    cluster.start();
    return Optional.of(cluster);
  }

  /** Fills every aggregator's memory, as fast as it goes. */
  private void remember(Consortium consortium, BenchRows rows)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (entities(consortium) < options.entities()) {
      keepBusy(consortium, rows);
    }
    if (options.entities() > 0) {
      say(
          "%d entities after %d rows, in %.0f s.",
          entities(consortium), rows.written(), (System.nanoTime() - begin) / NANOS);
    }
    keepBusyFor(consortium, rows, WARM_UP);
  }

  private void keepBusy(Consortium consortium, BenchRows rows)
      throws IOException, InterruptedException {
    rows.keepAhead(bank -> scored(consortium, bank), UNSCORED_MAX);
    consortium.requireAlive();
    Thread.sleep(LOOK);
  }

  /**
   * As fast as it goes, so that a process which is new has compiled what it runs: at a low rate
   * that takes a quarter of an hour, and whoever starts meanwhile waits for its turn.
   */
  private void keepBusyFor(Consortium consortium, BenchRows rows, Duration span)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + span.toNanos();
    while (System.nanoTime() < end) {
      keepBusy(consortium, rows);
    }
    due = rows.written();
    fedAt = System.nanoTime();
  }

  private static long entities(Consortium consortium) {
    return Consortium.AGGREGATORS.stream()
        .mapToLong(
            name ->
                consortium.metricsOf(name).stream()
                    .mapToLong(
                        metrics -> (long) metrics.sum("concordat_aggregator_linkage_entities"))
                    .sum())
        .min()
        .orElse(0);
  }

  private Map<String, Histogram> measure(Consortium consortium, BenchRows rows)
      throws IOException, InterruptedException {
    Map<String, Histogram> recovered = new LinkedHashMap<>();
    for (int i = 0; i < options.kills(); i++) {
      List<String> banks = consortium.banks();
      Map<String, String> turn = new LinkedHashMap<>();
      turn.put("agent", banks.get(i % banks.size()));
      turn.put("aggregator", aggregators().get(i % Consortium.AGGREGATORS.size()));
      turn.put("broker", BrokerCluster.NAMES.get(i % options.brokers()));
      for (Map.Entry<String, String> killed : turn.entrySet()) {
        keepBusyFor(consortium, rows, Duration.ofSeconds(options.busySeconds()));
        awaitScored(consortium, rows, consortium.banks(), written(consortium, rows));
        feedFor(consortium, rows, Duration.ofSeconds(options.settleSeconds()));
        long millis = kill(consortium, rows, killed.getValue());
        recovered
            .computeIfAbsent(killed.getKey(), kind -> new Histogram(RecoveryReport.DIGITS))
            .recordValue(millis);
        say("%s killed: scoring went on after %.1f s", killed.getValue(), millis / MILLIS);
      }
    }
    return recovered;
  }

  /**
   * Kills a process and starts it again.
   *
   * @return milliseconds from then until rows are scored that came only then, of its bank or of all
   */
  private long kill(Consortium consortium, BenchRows rows, String name)
      throws IOException, InterruptedException {
    Role role = consortium.role(name);
    role.kill();
    long up = System.nanoTime() + DOWN.toNanos();
    while (System.nanoTime() < up) {
      feed(rows);
    }
    long begin = System.nanoTime();
    role.restart();
    List<String> banks = consortium.banks().contains(name) ? List.of(name) : consortium.banks();
    awaitScored(consortium, rows, banks, written(consortium, rows));
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }

  private static Map<String, Long> written(Consortium consortium, BenchRows rows) {
    Map<String, Long> written = new LinkedHashMap<>();
    consortium.banks().forEach(bank -> written.put(bank, rows.written(bank)));
    return written;
  }

  /** Feeds until each of some banks has a row scored beyond so many. */
  private void awaitScored(
      Consortium consortium, BenchRows rows, List<String> banks, Map<String, Long> beyond)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + RECOVERED.toNanos();
    while (!banks.stream()
        .allMatch(bank -> scored(consortium, bank) > beyond.getOrDefault(bank, 0L))) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new InvalidInputException(
            Code.CDT_804,
            Place.of(consortium.folder().resolve(Consortium.LOGS).toString()),
            Code.CDT_804.cause(),
            Code.CDT_804.fix());
      }
      long look = System.nanoTime() + LOOK.toNanos();
      while (System.nanoTime() < look) {
        feed(rows);
      }
    }
  }

  private static long scored(Consortium consortium, String bank) {
    return consortium.agentMetrics(bank).map(RecoveryBench::scored).orElse(0L);
  }

  private static long scored(Metrics metrics) {
    return (long) metrics.sum("concordat_agent_rows_scored_total");
  }

  private void feedFor(Consortium consortium, BenchRows rows, Duration span)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + span.toNanos();
    while (System.nanoTime() < end) {
      feed(rows);
      consortium.requireAlive();
    }
  }

  private void feed(BenchRows rows) throws IOException, InterruptedException {
    long now = System.nanoTime();
    due += options.ratePerSecond() * ((now - fedAt) / NANOS);
    fedAt = now;
    rows.writeUpTo((long) due);
    Thread.sleep(FEED);
  }

  /** Checks what was delivered, once all that came is scored. */
  private FinalCheck end(Consortium consortium, BenchRows rows)
      throws IOException, InterruptedException {
    Map<String, Long> last = new LinkedHashMap<>(written(consortium, rows));
    last.replaceAll((bank, written) -> written - 1);
    long end = System.nanoTime() + RECOVERED.toNanos();
    while (System.nanoTime() < end && !isComplete(consortium, last)) {
      consortium.requireAlive();
      Thread.sleep(LOOK);
    }
    consortium.stop(consortium.banks());
    consortium.stop(aggregators());
    return FinalCheck.of(
        consortium, options.entities() > 0 ? LINKED_CHECK_MEGABYTES : CHECK_MEGABYTES);
  }

  /** Whether all rows are scored, and no alert is waited for. */
  private static boolean isComplete(Consortium consortium, Map<String, Long> last) {
    return consortium.banks().stream()
        .allMatch(
            bank ->
                consortium
                    .agentMetrics(bank)
                    .filter(of -> scored(of) > last.getOrDefault(bank, 0L))
                    .filter(of -> of.sum("concordat_agent_alerts_pending") == 0)
                    .isPresent());
  }

  private boolean report(RecoveryReport report) throws IOException {
    say("%s", new ObjectMapper().writeValueAsString(report.summary()));
    return report.holds();
  }

  private void say(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
