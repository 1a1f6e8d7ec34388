package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.ops.check.CommittedCuts;
import org.concordat.ops.check.CommittedCuts.Commit;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.rules.language.Rule;

/** The pipeline on shares: agents, broker and three aggregators, as in production. */
final class SharesRun implements Pipeline, AutoCloseable {
  /** What a bank may have written that isn't scored: some batches' worth, so that none waits. */
  private static final int BACKLOG_ROWS_PER_BANK = 12_000;

  /** For each second of a phase: in the end all have to be scored, however short it was. */
  private static final int BACKLOG_ROWS_PER_SECOND = 1_000;

  private static final int CHUNK_ROWS = 3_000;
  private static final String FILE = "payments.csv";

  /** Rows are in the file so long before they are due. */
  private static final int AHEAD_SECONDS = 2;

  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final List<String> STAGES =
      List.of("open", "wait", "agree", "evaluate", "order", "vote", "peers", "commit");
  private static final String STAGE = "concordat_aggregator_batch_stage_seconds_";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Consortium consortium;
  private final AgentInput input;
  private final BenchRows rows;
  private final int backlogRows;

  /** Rows of each bank before the phase. */
  private final Map<String, Long> rowsBefore = new LinkedHashMap<>();

  private int rate;
  private long beganNanos;
  private long allBefore;

  SharesRun(Consortium consortium, BenchOptions options) throws IOException {
    this.consortium = consortium;
    Path mapping = options.rules().resolve("mapping.yaml");
    this.input = new AgentInput(Path.of(FILE), true, 0, mapping);
    int phases = options.phases() == BenchOptions.Phases.ALL ? 2 : 1;
    int phaseSeconds = options.warmUpSeconds() + options.seconds();
    this.backlogRows = Math.min(BACKLOG_ROWS_PER_BANK, BACKLOG_ROWS_PER_SECOND * phaseSeconds);
    long seconds = (long) phases * phaseSeconds;
    long payments = NetworkRows.enoughFor(seconds, options.ratePerSecond());
    this.rows = BenchRows.create(consortium, options.rules(), FILE, payments);
  }

  @Override
  public void begin(int ratePerSecond) throws IOException, InterruptedException {
    if (consortium.roles().stream().noneMatch(role -> role.name().equals("agg-1"))) {
      consortium.startAggregators();
    }
    rate = ratePerSecond;
    beganNanos = System.nanoTime();
    for (String bank : consortium.banks()) {
      rowsBefore.put(bank, rows.written(bank));
    }
    allBefore = rows.written();
    rows.writeUpTo(allBefore + CHUNK_ROWS);
    for (String bank : consortium.banks()) {
      int due = (int) Math.ceil(ratePerSecond * rows.share(bank));
      consortium.configureAgent(
          bank, new AgentInput(input.file(), input.follow(), due, input.mapping()));
      consortium.startAgent(bank);
    }
  }

  @Override
  public void feed() throws IOException {
    if (rate == 0) {
      rows.keepAhead(this::scored, backlogRows);
      return;
    }
    long elapsedMillis = (System.nanoTime() - beganNanos) / 1_000_000;
    rows.writeUpTo(allBefore + rate * (elapsedMillis + 1000L * AHEAD_SECONDS) / 1000);
  }

  private long scored(String bank) {
    return consortium
        .agentMetrics(bank)
        .map(metrics -> (long) metrics.sum("concordat_agent_rows_scored_total"))
        .orElse(0L);
  }

  @Override
  public boolean started() {
    // What was written before is all scored.
    return consortium.banks().stream()
        .allMatch(bank -> scored(bank) > rowsBefore.getOrDefault(bank, 0L));
  }

  @Override
  public long batches() {
    return Progress.of(consortium).batches();
  }

  /** Mean milliseconds that the first aggregator has taken for each stage, in all phases. */
  Map<String, Long> stages() {
    Map<String, Long> millis = new LinkedHashMap<>();
    consortium
        .aggregatorMetrics(Consortium.AGGREGATORS.getFirst())
        .ifPresent(metrics -> STAGES.forEach(stage -> millis.put(stage, mean(metrics, stage))));
    return millis;
  }

  private static long mean(Metrics metrics, String stage) {
    String label = "stage=\"" + stage + "\"";
    double count = metrics.sum(STAGE + "count", label);
    return count == 0 ? 0 : Math.round(1000 * metrics.sum(STAGE + "sum", label) / count);
  }

  @Override
  public void end() throws InterruptedException {
    long written = rows.written();
    if (!Progress.awaitRest(
        consortium,
        QUIET,
        consortium::requireAlive,
        now -> now.accepted() >= written && now.lagSeconds() == 0)) {
      throw Phase.stalled(this);
    }
    consortium.stop(consortium.banks());
  }

  @Override
  public List<Role> roles() {
    return consortium.roles();
  }

  @Override
  public List<Commit> commits() {
    return CommittedCuts.read(consortium.folder()).commits();
  }

  @Override
  public Latencies latencies(Window window) throws IOException {
    Map<String, Long> committed = new HashMap<>();
    commits().forEach(commit -> committed.put(commit.cut(), commit.millis()));
    var latencies = new Latencies();
    for (String bank : consortium.banks()) {
      for (JsonNode alert : alerts(consortium.folder(), bank)) {
        if (isEarlier(alert)) {
          continue;
        }
        // Under a rate the agent counts acceptance from when the row was due.
        latencies.add(
            window,
            alert.path("acceptedMillis").asLong(),
            committed.getOrDefault(alert.path("cut").asText(), Long.MAX_VALUE),
            alert.path("deliveredMillis").asLong());
      }
    }
    return latencies;
  }

  /** Whether it is of a payment that waited for no scoring, but for what came after it. */
  static boolean isEarlier(JsonNode alert) {
    return alert.path("reasons").path(0).path("code").asText().equals(Rule.EARLIER);
  }

  /** What a bank's agent has delivered, in all phases. */
  static List<JsonNode> alerts(Path folder, String bank) throws IOException {
    Path file = folder.resolve(bank).resolve("alerts.jsonl");
    List<JsonNode> alerts = new ArrayList<>();
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      alerts.add(JSON.readTree(line));
    }
    return alerts;
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
