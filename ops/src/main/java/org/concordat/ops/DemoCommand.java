package org.concordat.ops;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Demo;
import org.concordat.ops.demo.DemoOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a whole consortium on this machine: a Kafka broker with TLS and access rules, three"
          + " aggregators and the banks' agents as separate processes; payments in, alerts out;"
          + " at the end every alert is held against a plaintext evaluation.",
      "Exit status 0 only if the alerts are the oracle's and every row is accounted for."
    })
final class DemoCommand implements Callable<Integer> {
  private static final long TRANSACTIONS_MAX = 10_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  private static final int WATCHABLE_RATE = 1_000;
  private static final int BANKS_MAX = 20;
  private static final int WORKERS_MAX = 4;

  @Option(
      names = "--banks",
      defaultValue = "3",
      description = "Simulated banks, 1 to 20; default 3.")
  private int banks;

  @Option(
      names = "--transactions",
      description = "Payments to simulate (default 20000), or to read at most from --payments.")
  private long transactions;

  @Option(
      names = "--rate",
      description =
          "Payments per second over all banks, 0 as fast as it goes; default: 1000 for simulated"
              + " payments, so that there is something to watch, else 0.")
  private @Nullable Integer rate;

  @Option(names = "--seed", defaultValue = "1", description = "Of the simulation; default 1.")
  private long seed;

  @Option(names = "--payments", paramLabel = "FILE", description = "A CSV of yours instead.")
  private @Nullable Path payments;

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      description = "How the CSV's columns become features; default: mapping.yaml of the rules.")
  private @Nullable Path mapping;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "A rule set, or the name of a shipped one; default: payments.")
  private String rules = "payments";

  @Option(
      names = "--workers",
      defaultValue = "1",
      description = "Processes of each aggregator, 1 to 4; default 1.")
  private int workers;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Keep everything in this new folder; default: a temporary one, removed.")
  private @Nullable Path folder;

  @Option(names = "--json", description = "Print nothing but the result, as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Inputs.requireRange(spec, "--banks", banks, 1, BANKS_MAX);
    Inputs.requireRange(spec, "--workers", workers, 1, WORKERS_MAX);
    if (transactions < 0 || transactions > TRANSACTIONS_MAX || rate != null && rate < 0) {
      throw new ParameterException(
          spec.commandLine(), "--transactions takes 1 to 10000000, --rate 0 or more.");
    }
    Path ruleSet = rules.matches("[a-z0-9-]+") ? ShippedRules.folder(rules) : Path.of(rules);
    long count = transactions == 0 ? (payments == null ? 20_000 : TRANSACTIONS_MAX) : transactions;
    var options =
        new DemoOptions(
            banks,
            count,
            rate != null ? rate : payments == null ? WATCHABLE_RATE : 0,
            seed,
            Optional.ofNullable(payments),
            ruleSet,
            mapping == null ? ruleSet.resolve("mapping.yaml") : mapping,
            workers,
            Optional.ofNullable(folder).map(Path::toAbsolutePath),
            json);
    int columns = spec.usageMessage().autoWidth(true).width();
    return new Demo(options, spec.commandLine().getOut(), columns).run();
  }
}
