package org.concordat.ops;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.concordat.ops.bench.SoakBench;
import org.concordat.ops.bench.SoakOptions;
import org.concordat.ops.consortium.ShippedRules;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "The processes of 'bench pipeline' for hours at one rate, and then, if asked for, for minutes"
          + " at a rate far beyond what they can do, until rows wait no longer than before and no"
          + " more of them do. Every five seconds it looks at throughput, the oldest row that isn't"
          + " scored, how many aren't, and each process's memory and data folder; as the first and"
          + " the last quarter of the hours begin, each process collects its whole heap.",
      "Exit status 0 only if every alert is the oracle's, no attempt at a batch was abandoned and"
          + " no error logged in the hours, no minute of them went by without a look that every"
          + " process answered, and the last quarter of them has no more lag and memory than the"
          + " first: 1.5 times the median lag and a second, 1.5 times the median of rows that"
          + " aren't scored and those of a second, 1.25 times the least heap in use and 1.1 times"
          + " the median of resident memory, each and 32 MiB; if from start to end, in an overload"
          + " too, no process had more resident than its heap, 320 MiB and, of agents, what their"
          + " store may take (128 MiB), no agent's spool was fuller than its limit and 1 %%, and"
          + " neither broker nor agents had more on the disk than is set for them; if the broker"
          + " had no more there in the last quarter than 1.25 times what it had in the one before"
          + " and 32 MiB, where --retention has deleted by then; and if what an overload left was"
          + " gone in 1.1 times the seconds that it needs at --maximum, and ten more."
    })
final class BenchSoakCommand implements Callable<Integer> {
  private static final int MINUTES_MAX = 7 * 24 * 60;
  private static final int RATE_MAX = 1_000_000;
  private static final Set<String> RULES = Set.of("bench", "network");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rate",
      required = true,
      paramLabel = "N",
      description =
          "Transactions a second over all banks; 60 %% of what 'bench pipeline' measures.")
  private int rate;

  @Option(
      names = "--minutes",
      defaultValue = "120",
      description = "At that rate; default ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--warm-up",
      defaultValue = "5",
      paramLabel = "MINUTES",
      description = "Before those, at the same rate; default ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--overload-rate",
      defaultValue = "0",
      paramLabel = "N",
      description = "Transactions a second afterwards.")
  private int overloadRate;

  @Option(
      names = "--maximum",
      defaultValue = "0",
      paramLabel = "ROWS_PER_SECOND",
      description =
          "What 'bench pipeline' measured as fast as it goes, same build, rule set and machine; has"
              + " to be given with --overload-rate: what an overload left needs its rows divided by"
              + " what this is more than --rate.")
  private int maximum;

  @Option(
      names = "--overload-minutes",
      defaultValue = "5",
      paramLabel = "MINUTES",
      description = "How long, where --overload-rate is given; default ${DEFAULT-VALUE}.")
  private int overloadMinutes;

  @Option(
      names = "--retention",
      defaultValue = "60",
      paramLabel = "MINUTES",
      description =
          "That the broker keeps blocks and votes, which would fill a disk in hours; longer than a"
              + " backlog takes. Default ${DEFAULT-VALUE}.")
  private int retention;

  @Option(
      names = "--rules",
      defaultValue = "bench",
      paramLabel = "NAME",
      description = "bench or network, as of 'bench pipeline'; default ${DEFAULT-VALUE}.")
  private String rules = "";

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots too.")
  private @Nullable Path html;

  @Override
  public Integer call() throws Exception {
    Inputs.requireRange(spec, "--rate", rate, 3, RATE_MAX);
    Inputs.requireRange(spec, "--minutes", minutes, 1, MINUTES_MAX);
    Inputs.requireRange(spec, "--warm-up", warmUp, 0, MINUTES_MAX);
    Inputs.requireRange(spec, "--overload-rate", overloadRate, 0, RATE_MAX);
    Inputs.requireRange(spec, "--overload-minutes", overloadMinutes, 1, MINUTES_MAX);
    Inputs.requireRange(spec, "--retention", retention, 1, MINUTES_MAX);
    Inputs.requireRange(spec, "--maximum", maximum, 0, RATE_MAX);
    requireMaximum();
    if (!RULES.contains(rules)) {
      throw new ParameterException(spec.commandLine(), "--rules takes bench or network.");
    }
    var options =
        new SoakOptions(
            ShippedRules.folder(rules),
            rate,
            warmUp,
            minutes,
            overloadRate,
            overloadRate == 0 ? 0 : overloadMinutes,
            maximum,
            retention,
            Optional.ofNullable(html));
    boolean holds = new SoakBench(options, spec.commandLine().getOut()).run();
    return holds ? Concordat.DONE : Concordat.FAILED;
  }

  /** Without a speed that was measured before, any drain would be as fast as it was. */
  private void requireMaximum() {
    if (overloadRate == 0) {
      return;
    }
    if (maximum == 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--overload-rate needs --maximum, the rows a second that 'bench pipeline' measured.");
    }
    if (maximum <= rate || maximum >= overloadRate) {
      throw new ParameterException(
          spec.commandLine(), "--maximum takes more than --rate and less than --overload-rate.");
    }
  }
}
