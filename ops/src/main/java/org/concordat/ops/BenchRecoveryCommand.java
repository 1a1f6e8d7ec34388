package org.concordat.ops;

import java.util.concurrent.Callable;
import org.concordat.ops.bench.RecoveryBench;
import org.concordat.ops.bench.RecoveryOptions;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.BrokerCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "recovery",
    mixinStandardHelpOptions = true,
    description = {
      "Kills one process of the consortium of 'bench pipeline' after the other while rows come, an"
          + " agent, an aggregator and a broker in turn, and measures how long it takes from its"
          + " restart until rows are scored that came only then: of its own bank, or of all.",
      "Exit status 0 only if that took no longer than --within for 95 of 100 kills of each of the"
          + " three kinds, and every alert is the oracle's."
    })
final class BenchRecoveryCommand implements Callable<Integer> {
  private static final int RATE_MAX = 10_000;
  private static final int KILLS_MAX = 1_000;
  private static final int ENTITIES_MAX = 1_000_000;
  private static final int SECONDS_MAX = 3_600;
  private static final int MEGABYTES_MIN = 256;
  private static final int MEGABYTES_MAX = 1 << 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--kills",
      defaultValue = "20",
      paramLabel = "N",
      description = "Of each of the three kinds; default ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--brokers",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "One, without which all wait, or a cluster of three that each keep every topic; default"
              + " ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(
      names = "--as-workers",
      description =
          "Each aggregator is a worker of a group of its own, with static membership, as if others"
              + " shared its partitions; default: a single process, which has no group.")
  private boolean asWorkers;

  @Option(
      names = "--rate",
      defaultValue = "100",
      paramLabel = "N",
      description = "Transactions a second over all banks; default ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--entities",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "By the rule set 'network': accounts, cards and devices that each aggregator remembers"
              + " before anything is killed; default: by the rule set 'bench', which remembers"
              + " none.")
  private int entities;

  @Option(
      names = "--busy",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description =
          "Before each kill rows come as fast as they are scored, so that processes which were"
              + " started anew have compiled what they run; default ${DEFAULT-VALUE}.")
  private int busy;

  @Option(
      names = "--settle",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description = "Of work at the rate after that; default ${DEFAULT-VALUE}.")
  private int settle;

  @Option(
      names = "--within",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description = "That recovery may take; default ${DEFAULT-VALUE}.")
  private int within;

  @Option(
      names = "--aggregator-heap",
      defaultValue = "1024",
      paramLabel = "MIB",
      description = "The most that an aggregator's heap may take; default ${DEFAULT-VALUE}.")
  private int megabytes;

  @Override
  public Integer call() throws Exception {
    Inputs.requireRange(spec, "--kills", kills, 1, KILLS_MAX);
    if (brokers != 1 && brokers != BrokerCluster.NAMES.size()) {
      throw new ParameterException(
          spec.commandLine(), "--brokers has to be 1 or 3, not " + brokers + ".");
    }
    Inputs.requireRange(spec, "--rate", rate, 3, RATE_MAX);
    Inputs.requireRange(spec, "--entities", entities, 0, ENTITIES_MAX);
    Inputs.requireRange(spec, "--busy", busy, 0, SECONDS_MAX);
    Inputs.requireRange(spec, "--settle", settle, 1, SECONDS_MAX);
    Inputs.requireRange(spec, "--within", within, 1, SECONDS_MAX);
    Inputs.requireRange(spec, "--aggregator-heap", megabytes, MEGABYTES_MIN, MEGABYTES_MAX);
    var options =
        new RecoveryOptions(
            ShippedRules.folder(entities > 0 ? "network" : "bench"),
            brokers,
            asWorkers,
            rate,
            kills,
            entities,
            busy,
            settle,
            within,
            megabytes);
    boolean holds = new RecoveryBench(options, spec.commandLine().getOut()).run();
    return holds ? Concordat.DONE : Concordat.FAILED;
  }
}
