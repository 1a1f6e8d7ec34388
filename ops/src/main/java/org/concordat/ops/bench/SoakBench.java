package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.concordat.ops.bench.SoakReport.Backlog;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;

/**
 * The pipeline for hours at one rate, and then for minutes far beyond what it can do: whether
 * memory and lag stay flat, and how long what has piled up takes.
 */
public final class SoakBench {
  private static final String FILE = "payments.csv";
  private static final String BROKER = "broker/broker.yaml";
  private static final int CHECK_MEGABYTES = 6_144;
  private static final int LINKED_MEGABYTES = 3_072;

  /** Few enough that desks are full before what is flat is judged, for a desk is in the heap. */
  private static final int DESK_ITEMS = 2_000;

  private static final Duration FEED = Duration.ofMillis(100);
  private static final Duration SAMPLE = Duration.ofSeconds(5);
  private static final Duration QUIET = Duration.ofSeconds(5);

  /** So that a look is surely in the last quarter. */
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private static final double NANOS = 1e9;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SoakOptions options;
  private final PrintWriter out;
  private final List<SoakSample> samples = new ArrayList<>();
  private int brokerPort;
  private long begin;
  private double due;
  private long fedAt;
  private long sampledAt;

  public SoakBench(SoakOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Runs it all; true if every alert was the oracle's, and lag, memory and disks in bounds. */
  public boolean run() throws IOException, InterruptedException {
    List<String> banks = ConsortiumFolder.bankNames(BenchOptions.BANKS);
    try (var folder = new WorkFolder();
        Consortium consortium = Consortium.create(folder.path(), banks, 1, options.rules())) {
      folder.stopFirst(consortium);
      boolean isLinked = RuleSet.load(options.rules()).plan().link().isPresent();
      if (isLinked) {
        consortium.aggregatorMegabytes(LINKED_MEGABYTES);
      }
      try (BenchRows rows =
          BenchRows.create(consortium, options.rules(), FILE, options.rowsMax())) {
        Map<String, Double> shares = new HashMap<>();
        banks.forEach(bank -> shares.put(bank, rows.share(bank)));
        DiskBounds bounds = DiskBounds.of(options, shares, isLinked);
        start(consortium, bounds);
        SoakReport report = measure(consortium, rows, bounds);
        if (report.holds()) {
          folder.done();
        }
        return report(report);
      }
    }
  }

  private void start(Consortium consortium, DiskBounds bounds)
      throws IOException, InterruptedException {
    // Its metrics tell of its heap; by itself it serves none.
    brokerPort = FreePorts.find(1, consortium.ports().all()).getFirst();
    Path broker = consortium.folder().resolve(BROKER);
    append(broker, "http:\n  port: %d\n".formatted(brokerPort));
    append(broker, limits(bounds.bound(EmbeddedBroker.NAME)));
    consortium.startBroker();
    shortenRetention(consortium.folder());
    consortium.startAggregators();
    Path mapping = options.rules().resolve("mapping.yaml");
    for (String bank : consortium.banks()) {
      consortium.configureAgent(bank, new AgentInput(Path.of(FILE), true, 0, mapping));
      Path agent = consortium.folder().resolve(bank).resolve("agent.yaml");
      limitDesk(agent);
      append(agent, limits(bounds.bound(bank)));
      consortium.startAgent(bank);
    }
  }

  private static void append(Path config, String section) throws IOException {
    Files.writeString(config, section, StandardOpenOption.APPEND);
  }

  private static void limitDesk(Path config) throws IOException {
    String text = Files.readString(config);
    String desk = "alerts:\n  desk:\n    itemsMax: %d\n".formatted(DESK_ITEMS);
    String limited = text.replaceFirst("alerts:\n", desk);
    if (limited.equals(text)) {
      throw new IllegalStateException("The configuration has no section of alerts.");
    }
    Files.writeString(config, limited);
  }

  private static String limits(long diskBytesMax) {
    return "limits:\n  diskBytesMax: %d\n".formatted(diskBytesMax);
  }

  private void shortenRetention(Path folder) throws InterruptedException {
    var problems = new Problems();
    BrokerConfig broker = BrokerConfig.read(folder.resolve(BROKER), problems);
    Charter charter = Charter.read(folder.resolve("charter.yaml"), problems).orElse(null);
    problems.throwIfAny();
    if (charter == null) {
      throw new IllegalStateException("no charter and no problem");
    }
    var topics = charter.topics("");
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (Charter.Aggregator aggregator : charter.aggregators()) {
      changes.put(topic(topics.votes(aggregator.name())), shorter());
      for (Charter.Bank bank : charter.banks()) {
        changes.put(topic(topics.shares(bank.name(), aggregator.name())), shorter());
      }
    }
    try (Admin admin = Admin.create(broker.kafka().properties())) {
      admin.incrementalAlterConfigs(changes).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topics' retention can't be set.", e.getCause());
    }
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }

  private Collection<AlterConfigOp> shorter() {
    long millis = Duration.ofMinutes(options.retentionMinutes()).toMillis();
    return List.of(set("retention.ms", millis), set("segment.ms", millis / SoakOptions.SEGMENTS));
  }

  private static AlterConfigOp set(String name, long value) {
    return new AlterConfigOp(new ConfigEntry(name, Long.toString(value)), AlterConfigOp.OpType.SET);
  }

  private SoakReport measure(Consortium consortium, BenchRows rows, DiskBounds bounds)
      throws IOException, InterruptedException {
    begin = System.nanoTime();
    fedAt = begin;
    feedFor(consortium, rows, Duration.ofMinutes(options.warmUpMinutes()), options.ratePerSecond());
    Path logs = consortium.folder().resolve(Consortium.LOGS);
    long errorsBefore = errors(logs);
    int from = samples.size();
    // A heap that is large enough is never collected whole: what is garbage would look like a leak.
    Duration quarter = Duration.ofMinutes(options.minutes()).dividedBy(4);
    collect(consortium, rows);
    feedFor(consortium, rows, quarter.multipliedBy(3).plus(WITHIN), options.ratePerSecond());
    collect(consortium, rows);
    feedFor(consortium, rows, quarter.minus(WITHIN), options.ratePerSecond());
    List<SoakSample> steady = List.copyOf(samples.subList(from, samples.size()));
    say("%d minutes at %d rows a second are over.", options.minutes(), options.ratePerSecond());
    long errors = errors(logs) - errorsBefore;
    Optional<Backlog> backlog = Optional.empty();
    if (options.overloadMinutes() > 0) {
      backlog = Optional.of(overload(consortium, rows, bounds, steady));
    }
    complete(consortium, rows);
    say("Checking every alert against a plaintext evaluation.");
    consortium.stop(consortium.banks());
    consortium.stop(Consortium.AGGREGATORS);
    // Checking hours takes long: what was measured isn't lost with it.
    page(new SoakReport(options, bounds, steady, samples, backlog, errors, JSON.nullNode(), false));
    var check = FinalCheck.of(consortium, CHECK_MEGABYTES);
    return new SoakReport(
        options, bounds, steady, samples, backlog, errors, check.printed(), check.holds());
  }

  private void collect(Consortium consortium, BenchRows rows)
      throws IOException, InterruptedException {
    for (Role role : consortium.roles()) {
      role.collect();
    }
    sample(consortium, rows);
  }

  private Backlog overload(
      Consortium consortium, BenchRows rows, DiskBounds bounds, List<SoakSample> steady)
      throws IOException, InterruptedException {
    var before =
        new SoakReport(
            options, bounds, steady, samples, Optional.empty(), 0, JSON.nullNode(), true);
    double usualLag = SoakReport.LAG_GROWTH * before.lag().last() + SoakReport.SLACK_SECONDS;
    double usualRows = SoakReport.LAG_GROWTH * before.unscored().last() + options.ratePerSecond();
    feedFor(
        consortium, rows, Duration.ofMinutes(options.overloadMinutes()), options.overloadRate());
    SoakSample end = samples.getLast();
    say("Overload is over: %d rows aren't scored.", end.unscored());
    boolean isGone = false;
    double allowedSeconds = Backlog.allowedSeconds(end.unscored(), options);
    long last = System.nanoTime() + (long) (allowedSeconds * NANOS);
    while (!isGone && System.nanoTime() < last) {
      feedFor(consortium, rows, SAMPLE, options.ratePerSecond());
      SoakSample now = samples.getLast();
      isGone = now.lagSeconds() <= usualLag && now.unscored() <= usualRows;
    }
    SoakSample now = samples.getLast();
    double seconds = now.second() - end.second();
    double scoredPerSecond = (now.scored() - end.scored()) / Math.max(1, seconds);
    return new Backlog(end.unscored(), seconds, scoredPerSecond, isGone);
  }

  /** Feeds for a time, and looks at its end. */
  private void feedFor(Consortium consortium, BenchRows rows, Duration span, int rate)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + span.toNanos();
    fedAt = System.nanoTime();
    while (System.nanoTime() < end) {
      long now = System.nanoTime();
      due += rate * ((now - fedAt) / NANOS);
      fedAt = now;
      rows.writeUpTo((long) due);
      consortium.requireAlive();
      if (now - sampledAt > SAMPLE.toNanos()) {
        sample(consortium, rows);
      }
      Thread.sleep(FEED);
    }
    sample(consortium, rows);
  }

  /** A process that doesn't answer in time is looked at the next time. */
  private void sample(Consortium consortium, BenchRows rows) {
    sampledAt = System.nanoTime();
    SoakSample.take(consortium, brokerPort, (sampledAt - begin) / NANOS, rows.written())
        .ifPresent(samples::add);
  }

  /** Until every row is scored and every alert delivered. */
  private void complete(Consortium consortium, BenchRows rows) throws InterruptedException {
    // Where it doesn't come to rest, the check tells what is missing.
    var _ =
        Progress.awaitRest(
            consortium,
            QUIET,
            () -> {
              consortium.requireAlive();
              sample(consortium, rows);
            },
            now -> now.accepted() >= rows.written() && now.lagSeconds() == 0);
  }

  private static long errors(Path logs) throws IOException {
    long errors = 0;
    try (Stream<Path> files = Files.list(logs)) {
      for (Path file : files.toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          errors += lines.filter(line -> line.contains(" ERROR ")).count();
        }
      }
    }
    return errors;
  }

  private boolean report(SoakReport report) throws IOException {
    say("%s", page(report));
    return report.holds();
  }

  private String page(SoakReport report) throws IOException {
    String summary = JSON.writeValueAsString(report.summary());
    if (options.html().isPresent()) {
      Files.writeString(options.html().get(), SoakPage.html(report, summary));
    }
    return summary;
  }

  private void say(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
