package org.concordat.ops;

import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.concordat.ops.simulate.PaymentSimulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "simulate-payments",
    mixinStandardHelpOptions = true,
    description = "Writes simulated payments of several banks, labelled where they are fraud.")
final class SimulatePaymentsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--banks", defaultValue = "3", description = "1 to 100; default 3.")
  private int banks;

  @Option(names = "--payments", defaultValue = "20000", description = "Rows; default 20000.")
  private long payments;

  @Option(names = "--seed", defaultValue = "1", description = "Same seed, same bytes; default 1.")
  private long seed;

  @Option(
      names = "--out",
      defaultValue = "-",
      paramLabel = "FILE",
      description = "One file for all banks; default: standard output.")
  private String out = "-";

  @Override
  public Integer call() throws Exception {
    if (banks < 1 || banks > InitCommand.BANKS_MAX || payments < 0) {
      throw new ParameterException(
          spec.commandLine(), "--banks takes 1 to 100, --payments 0 or more.");
    }
    try (BufferedWriter writer =
        out.equals("-")
            ? new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8))
            : Files.newBufferedWriter(Path.of(out), StandardCharsets.UTF_8)) {
      new PaymentSimulator(seed, banks).writeAll(payments, writer);
    }
    return Concordat.DONE;
  }
}
