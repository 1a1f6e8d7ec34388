package org.concordat.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.concordat.ops.bench.engine.EngineBench;
import org.concordat.ops.bench.engine.EngineOp;
import org.concordat.ops.bench.engine.EngineOptions;
import org.concordat.ops.bench.engine.EngineParty;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    description = {
      "Whole protocols of the MPC engine: three parties, each a process, over the aggregators' TLS"
          + " links on loopback, semi-honest rep3. Each op is warmed up, then run --runs times on"
          + " all of its rows; the median counts. Inputs are there as shares and results stay"
          + " shares, but for score32-single, which ends with the opened flag.",
    },
    footer = {
      "",
      "A line for each op: rows of a run; perSecond (median; perSecondMin and perSecondMax are the"
          + " slowest and the fastest run); bytesPerRow, of all parties together, sealed frames"
          + " before TLS; loopbackBytesPerRow, what the kernel counted on the loopback interface"
          + " meanwhile, TLS and packet heads included (Linux); allocatedBytesPerRow, what one"
          + " party takes from its Java heap; cpuNanosPerRow, processor time of all parties"
          + " together, the kernel's for them included; rounds and ands (binary products a row) of"
          + " the circuit; checksum, the SHA-256 of the opened results, which --seed decides.",
    })
final class BenchEngineCommand implements Callable<Integer> {
  private static final int ROWS_MAX = 1 << 30;
  private static final int RUNS_MAX = 1_001;
  private static final int SECONDS_MAX = 3_600;
  private static final int LANES_MAX = 64;
  private static final int DELAY_MAX = 10_000;
  private static final int MEGABITS_MAX = 1_000_000;

  /** Options of both commands. */
  private static final class Settings {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--op",
        split = ",",
        paramLabel = "OP",
        completionCandidates = Ops.class,
        description = "Which; default all: ${COMPLETION-CANDIDATES}.")
    private List<String> ops = new ArrayList<>();

    @Option(names = "--seed", defaultValue = "1", description = "Of inputs and shares; default 1.")
    private long seed;

    @Option(
        names = "--rows",
        defaultValue = "0",
        description = "Of a run of every op but a single one; default: each op's own.")
    private int rows;

    @Option(
        names = "--runs",
        defaultValue = "5",
        description =
            "Measured; default 5. Of single records 400 for each, 10 with --delay, up to 5 times.")
    private int runs;

    @Option(
        names = "--warm-up",
        defaultValue = "8",
        paramLabel = "SECONDS",
        description = "Of each op, at least; default 8.")
    private int warmUp;

    @Option(
        names = "--lanes",
        defaultValue = "3",
        description = "Chunks of rows in flight at a party; default ${DEFAULT-VALUE}.")
    private int lanes;

    @Option(
        names = "--delay",
        defaultValue = "0",
        paramLabel = "MILLIS",
        description = "Round trip that the links simulate; default none.")
    private int delay;

    @Option(
        names = "--bandwidth",
        defaultValue = "0",
        paramLabel = "MBIT",
        description = "Of each link and direction, simulated; default: as fast as it goes.")
    private int bandwidth;

    EngineOptions options() {
      Inputs.requireRange(spec, "--rows", rows, 0, ROWS_MAX);
      Inputs.requireRange(spec, "--runs", runs, 1, RUNS_MAX);
      Inputs.requireRange(spec, "--warm-up", warmUp, 0, SECONDS_MAX);
      Inputs.requireRange(spec, "--lanes", lanes, 1, LANES_MAX);
      Inputs.requireRange(spec, "--delay", delay, 0, DELAY_MAX);
      Inputs.requireRange(spec, "--bandwidth", bandwidth, 0, MEGABITS_MAX);
      return new EngineOptions(
          chosen(),
          seed,
          rows,
          runs,
          warmUp,
          lanes,
          Duration.ofMillis(delay),
          bandwidth == 0 ? Long.MAX_VALUE : bandwidth * 1_000_000L);
    }

    private List<EngineOp> chosen() {
      List<EngineOp> all = List.of(EngineOp.values());
      List<String> labels = all.stream().map(EngineOp::label).toList();
      for (String op : ops) {
        if (!labels.contains(op)) {
          throw new ParameterException(
              spec.commandLine(), "There is no op '" + op + "', but " + String.join(", ", labels));
        }
      }
      return ops.isEmpty() ? all : all.stream().filter(op -> ops.contains(op.label())).toList();
    }
  }

  private static final class Ops extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Ops() {
      super(Arrays.stream(EngineOp.values()).map(EngineOp::label).toList());
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Settings settings = new Settings();

  @Option(names = "--json", description = "A line of JSON for each op instead of a table.")
  private boolean json;

  @Option(names = "--describe", description = "Say what each op measures, and measure nothing.")
  private boolean describe;

  @Override
  public Integer call() throws Exception {
    if (describe) {
      spec.commandLine()
          .getOut()
          .println(
              Arrays.stream(EngineOp.values())
                  .map(op -> String.format("%-15s %s", op.label(), op.description()))
                  .collect(Collectors.joining("\n")));
      return Concordat.DONE;
    }
    new EngineBench(settings.options(), json, spec.commandLine().getOut()).run();
    return Concordat.DONE;
  }

  @Command(name = "engine-party", hidden = true, description = "One of the measured parties.")
  static final class Party implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "Certificates.")
    private Path folder = Path.of("");

    @Parameters(index = "1", paramLabel = "PARTY", description = "0, 1 or 2.")
    private int party;

    @Option(names = "--ports", split = ",", description = "Of the parties.")
    private List<Integer> ports = new ArrayList<>();

    @Mixin private Settings settings = new Settings();

    @Override
    public Integer call() throws IOException, InterruptedException {
      EngineParty.run(folder, party, ports, settings.options());
      return Concordat.DONE;
    }
  }
}
