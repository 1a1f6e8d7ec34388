package org.concordat.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.concordat.ops.bench.BenchOptions;
import org.concordat.ops.bench.CapacityBench;
import org.concordat.ops.bench.PeerNetwork;
import org.concordat.ops.bench.PipelineBench;
import org.concordat.ops.bench.PlainRole;
import org.concordat.ops.consortium.ShippedRules;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures on this machine.",
    subcommands = {
      BenchCommand.Pipeline.class,
      BenchCommand.Capacity.class,
      BenchSoakCommand.class,
      BenchRecoveryCommand.class,
      BenchEngineCommand.class,
      BenchEngineCommand.Party.class,
      BenchCommand.PlainBank.class,
      BenchCommand.PlainScorer.class
    })
final class BenchCommand {
  private static final int SECONDS_MAX = 3_600;
  private static final int RATE_MIN = 30;
  private static final int RATE_MAX = 100_000;
  private static final Set<String> RULES = Set.of("bench", "bench-trees", "network");
  private static final Map<String, BenchOptions.Phases> PHASES =
      Map.of(
          "all", BenchOptions.Phases.ALL,
          "fast", BenchOptions.Phases.FAST,
          "rate", BenchOptions.Phases.RATE);

  private BenchCommand() {}

  @Command(
      name = "pipeline",
      mixinStandardHelpOptions = true,
      description = {
        "Transactions a second and latency from the agents' input to the delivered alert: a broker,"
            + " three aggregators and three banks' agents as processes of their own, through Kafka"
            + " and TLS; then the same on plaintext, with one scorer instead of the aggregators.",
        "Four phases, each with its own warm-up. 1 and 3, shares and plaintext, as fast as they"
            + " go: every bank always has more rows than are taken; counted are rows of committed"
            + " cuts. 2 and 4, shares and plaintext at a fixed rate, open loop: a row is due at its"
            + " time however late those before it are, and latency counts from then, to the"
            + " delivered alert and to the committed cut.",
        "Exit status 0 only if every alert is the oracle's and those of phase 4 are the same."
      },
      footer = {
        "",
        "The last line of --json has perSecond (phase 1), plaintextPerSecond (phase 3),"
            + " priceOfPrivacy (their ratio), p50Millis and p99Millis (phase 2, delivered alert)."
      })
  static final class Pipeline implements Callable<Integer> {
    private static final int DELAY_MAX = 10_000;
    private static final int MEGABITS_MAX = 1_000_000;
    private static final int IN_FLIGHT_MAX = 16;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "End with the figures as one line of JSON.")
    private boolean json;

    @Option(
        names = "--warm-up",
        defaultValue = "20",
        paramLabel = "SECONDS",
        description = "Of each phase; default 20.")
    private int warmUp;

    @Option(
        names = "--seconds",
        defaultValue = "60",
        paramLabel = "SECONDS",
        description = "Measured in each phase; default 60.")
    private int seconds;

    @Option(
        names = "--rate",
        defaultValue = "0",
        description =
            "Transactions a second over all banks of phases 2 and 4; default: half of what phase 1"
                + " measures.")
    private int rate;

    @Option(
        names = "--delay",
        defaultValue = "0",
        paramLabel = "MILLIS",
        description = "Round trip that the aggregators' links simulate; default none.")
    private int delay;

    @Option(
        names = "--bandwidth",
        defaultValue = "0",
        paramLabel = "MBIT",
        description = "Of each link and direction, simulated; default: as fast as it goes.")
    private int bandwidth;

    @Option(
        names = "--in-flight",
        defaultValue = "0",
        paramLabel = "BATCHES",
        description = "That the aggregators have in flight; default 1.")
    private int inFlight;

    @Option(names = "--shares-only", description = "Leave out phases 3 and 4, the baseline.")
    private boolean sharesOnly;

    @Option(
        names = "--profile",
        paramLabel = "DIR",
        description =
            "Record every process with JFR (Linux only) into this folder, and write profile.txt:"
                + " where each process's CPU time goes. Takes some per cent of the speed.")
    private @Nullable Path profile;

    @Option(
        names = "--rules",
        defaultValue = "bench",
        paramLabel = "NAME",
        description =
            "bench, or bench-trees: the same five rules and a model of 100 trees of depth 6 over"
                + " binned features; or, with --shares-only, network: the shipped pack over windows"
                + " and paths, on simulated payments of 100,000 accounts; default"
                + " ${DEFAULT-VALUE}.")
    private String rules = "";

    @Option(
        names = "--phases",
        defaultValue = "all",
        description =
            "all, fast (1 and 3) or rate (2 and 4, at --rate); only all ends with the figures;"
                + " default ${DEFAULT-VALUE}.")
    private String phases = "";

    @Override
    public Integer call() throws Exception {
      if (warmUp < 0 || warmUp > SECONDS_MAX || seconds < 1 || seconds > SECONDS_MAX) {
        throw new ParameterException(
            spec.commandLine(), "--warm-up takes 0 to 3600, --seconds 1 to 3600.");
      }
      if (spec.commandLine().getParseResult().hasMatchedOption("--rate")
          && (rate < RATE_MIN || rate > RATE_MAX)) {
        throw new ParameterException(spec.commandLine(), "--rate takes 30 to 100000.");
      }
      if (!RULES.contains(rules)) {
        throw new ParameterException(
            spec.commandLine(), "--rules takes bench, bench-trees or network.");
      }
      if (rules.equals("network") && !sharesOnly) {
        throw new ParameterException(
            spec.commandLine(), "--rules network has no baseline on plaintext: add --shares-only.");
      }
      BenchOptions.Phases measured = PHASES.get(phases);
      if (measured == null || (measured == BenchOptions.Phases.RATE && rate == 0)) {
        throw new ParameterException(
            spec.commandLine(), "--phases takes all, fast, or rate and a --rate.");
      }
      Inputs.requireRange(spec, "--delay", delay, 0, DELAY_MAX);
      Inputs.requireRange(spec, "--bandwidth", bandwidth, 0, MEGABITS_MAX);
      Inputs.requireRange(spec, "--in-flight", inFlight, 0, IN_FLIGHT_MAX);
      var options =
          new BenchOptions(
              json,
              warmUp,
              seconds,
              rate,
              new PeerNetwork(delay, bandwidth, inFlight),
              !sharesOnly,
              profile,
              ShippedRules.folder(rules),
              measured);
      boolean equal = new PipelineBench(options, spec.commandLine().getOut()).run();
      return equal ? Concordat.DONE : Concordat.FAILED;
    }
  }

  @Command(
      name = "capacity",
      mixinStandardHelpOptions = true,
      description = {
        "What a broker, an aggregator and an agent each take of the machine while transactions are"
            + " due at a rate: CPU seconds per 1,000 transactions that it meets, peak resident"
            + " memory, and bytes per transaction read and written (files and sockets together) and"
            + " written for the disk. Linux only. Prints a table in Markdown.",
        "Exit status 0 only if every rate was kept."
      })
  static final class Capacity implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "A line of JSON for each role and rate instead.")
    private boolean json;

    @Option(
        names = "--warm-up",
        defaultValue = "20",
        paramLabel = "SECONDS",
        description = "Of each rate; default 20.")
    private int warmUp;

    @Option(
        names = "--seconds",
        defaultValue = "60",
        paramLabel = "SECONDS",
        description = "Measured at each rate; default 60.")
    private int seconds;

    @Option(
        names = "--rates",
        split = ",",
        defaultValue = "1000,4000",
        paramLabel = "N",
        description = "Transactions a second over all banks; default ${DEFAULT-VALUE}.")
    private List<Integer> rates = List.of();

    @Override
    public Integer call() throws Exception {
      if (warmUp < 0
          || warmUp > SECONDS_MAX
          || seconds < 1
          || seconds > SECONDS_MAX
          || rates.stream().anyMatch(rate -> rate < RATE_MIN || rate > RATE_MAX)) {
        throw new ParameterException(
            spec.commandLine(),
            "--warm-up takes 0 to 3600, --seconds 1 to 3600, each of --rates 30 to 100000.");
      }
      var options =
          new BenchOptions(
              json,
              warmUp,
              seconds,
              0,
              PeerNetwork.NONE,
              true,
              null,
              ShippedRules.folder("bench"),
              BenchOptions.Phases.ALL);
      boolean kept = new CapacityBench(options, rates, spec.commandLine().getOut()).run();
      return kept ? Concordat.DONE : Concordat.FAILED;
    }
  }

  @Command(name = "plain-bank", hidden = true, description = "The plaintext baseline's sender.")
  static final class PlainBank implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The consortium.")
    private Path folder = Path.of("");

    @Parameters(index = "1", paramLabel = "BANK", description = "The bank's name.")
    private String bank = "";

    @Parameters(index = "2", paramLabel = "FILE", description = "For alerts.")
    private Path alerts = Path.of("");

    @Override
    public Integer call() throws IOException {
      PlainRole.bank(folder, bank, alerts);
      return Concordat.DONE;
    }
  }

  @Command(name = "plain-scorer", hidden = true, description = "The plaintext baseline's scorer.")
  static final class PlainScorer implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The consortium.")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
      PlainRole.scorer(folder);
      return Concordat.DONE;
    }
  }
}
