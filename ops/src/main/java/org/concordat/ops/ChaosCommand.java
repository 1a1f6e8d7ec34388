package org.concordat.ops;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.concordat.ops.chaos.Chaos;
import org.concordat.ops.chaos.ChaosOptions;
import org.concordat.ops.chaos.FaultKind;
import org.concordat.ops.consortium.ShippedRules;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Breaks a whole consortium on this machine while payments come: three brokers, three"
          + " aggregators and three agents as separate processes. From a seed, agents, aggregators"
          + " and brokers are killed (agent-kill, aggregator-kill, broker-kill), stopped and let go"
          + " on (freeze), stopped in order and started (restart), links between aggregators"
          + " (peer-cut) and to the brokers (broker-cut) are dropped, stalled, left half-open and"
          + " corrupted. At the end every alert is held against a plaintext evaluation.",
      "Exit status 0 only if the alerts are the oracle's, every row is accounted for, no process"
          + " ended that wasn't told to, and enough faults fell between prepare and commit of a"
          + " batch. The same seed gives the same faults."
    })
final class ChaosCommand implements Callable<Integer> {
  private static final int MINUTES_MAX = 24 * 60;
  private static final int RATE_MAX = 10_000;
  private static final int FAULTS_MAX = 10_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long payments come, at least; default ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(names = "--seed", defaultValue = "1", description = "Of the faults; default 1.")
  private long seed;

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Payments per second over all banks; default ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--kinds",
      split = ",",
      paramLabel = "KIND",
      description = "Of faults, such as agent-kill,freeze; default: all.")
  private List<String> kinds = List.of();

  @Option(names = "--faults", description = "Default: 200 in an hour.")
  private @Nullable Integer faults;

  @Option(
      names = "--between",
      description =
          "Faults of each kind between prepare and commit of a batch, at least; default: 5 of 200"
              + " faults. More are done where some are missing.")
  private @Nullable Integer between;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Keep everything in this new folder; default: a temporary one, removed if all held.")
  private @Nullable Path folder;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with a timeline too.")
  private @Nullable Path html;

  @Option(names = "--json", description = "Print nothing but the report, as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    int count = faults == null ? ChaosOptions.faultsIn(minutes) : faults;
    Inputs.requireRange(spec, "--minutes", minutes, 1, MINUTES_MAX);
    Inputs.requireRange(spec, "--rate", rate, 3, RATE_MAX);
    Inputs.requireRange(spec, "--faults", count, 1, FAULTS_MAX);
    int least = between == null ? ChaosOptions.betweenOf(count) : between;
    Inputs.requireRange(spec, "--between", least, 0, count);
    var options =
        new ChaosOptions(
            minutes,
            seed,
            rate,
            kinds(),
            count,
            least,
            ShippedRules.folder("payments"),
            Optional.ofNullable(folder).map(Path::toAbsolutePath),
            Optional.ofNullable(html),
            json);
    // Processes that live for a minute don't pay back the second compiler's time.
    System.setProperty("concordat.tier", System.getProperty("concordat.tier", "1"));
    boolean holds = new Chaos(options, spec.commandLine().getOut()).run();
    return holds ? Concordat.DONE : Concordat.FAILED;
  }

  private Set<FaultKind> kinds() {
    Set<FaultKind> wanted = EnumSet.noneOf(FaultKind.class);
    for (String kind : kinds) {
      wanted.add(
          Arrays.stream(FaultKind.values())
              .filter(each -> each.label().equals(kind))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "--kinds doesn't know '" + kind + "': it takes " + labels() + ".")));
    }
    return wanted.isEmpty() ? EnumSet.allOf(FaultKind.class) : wanted;
  }

  private static String labels() {
    return Arrays.stream(FaultKind.values())
        .map(FaultKind::label)
        .collect(Collectors.joining(", "));
  }
}
