package org.concordat.ops;

import java.io.BufferedWriter;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.ops.simulate.network.NetworkSimulator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "simulate-payments",
    mixinStandardHelpOptions = true,
    description = "Writes simulated payments with fraud labels; the same seed, the same bytes.")
final class SimulatePaymentsCommand implements Callable<Integer> {
  static final long PAYMENTS_MAX = 1_000_000_000L;
  private static final int CHUNK_CHARS = 64 << 10;
  private static final int BANKS = 3;
  private static final int NETWORK_BANKS = 8;
  private static final long PAYMENTS = 20_000;
  private static final long NETWORK_PAYMENTS = 1_200_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--banks",
      description = "1 to 100, default 3; with --network 1 to 64, default 8.")
  private @Nullable Integer banksGiven;

  @Option(names = "--payments", description = "1 to 10^9; default 20000, with --network 1200000.")
  private @Nullable Long paymentsGiven;

  @Option(
      names = "--network",
      description = "Payments over a network of accounts, in which money is laundered.")
  private boolean network;

  @Option(
      names = "--accounts",
      defaultValue = "100000",
      description = "With --network: 500 to 5000000; default 100000.")
  private int accounts;

  @Option(
      names = "--days",
      defaultValue = "150",
      description = "With --network: 30 to 3650; default 150.")
  private int days;

  private int banks;
  private long payments;

  @Option(names = "--seed", defaultValue = "1", description = "Default 1.")
  private long seed;

  @Option(names = "--out", paramLabel = "FILE", description = "One file; '-', the default, prints.")
  private String file = "";

  @Option(names = "--dir", paramLabel = "DIR", description = "One file a bank: DIR/bank-a.csv ...")
  private String folder = "";

  @Override
  public Integer call() throws IOException {
    verify();
    if (!folder.isEmpty()) {
      Path target = Files.createDirectories(Path.of(folder));
      PaymentSimulator.writeFiles(seed, banks, payments, bank -> target.resolve(bank + ".csv"));
    } else if (file.isEmpty() || file.equals("-")) {
      return print() ? Concordat.DONE : Concordat.FAILED;
    } else {
      try (Writer writer = Files.newBufferedWriter(Path.of(file), StandardCharsets.UTF_8)) {
        simulate(writer);
      }
    }
    return Concordat.DONE;
  }

  private void simulate(Writer writer) throws IOException {
    if (network) {
      new NetworkSimulator(seed, banks, accounts, days, payments).write(writer);
    } else {
      new PaymentSimulator(seed, banks).writeAll(payments, writer);
    }
  }

  private void verify() {
    banks = banksGiven != null ? banksGiven : network ? NETWORK_BANKS : BANKS;
    payments = paymentsGiven != null ? paymentsGiven : network ? NETWORK_PAYMENTS : PAYMENTS;
    int banksMax = network ? NetworkSimulator.BANKS_MAX : InitCommand.BANKS_MAX;
    Inputs.requireRange(spec, "--banks", banks, 1, banksMax);
    if (network && !folder.isEmpty()) {
      throw wrong("--network writes one file: give --out.");
    }
    Inputs.requireRange(
        spec, "--accounts", accounts, NetworkSimulator.ACCOUNTS_MIN, NetworkSimulator.ACCOUNTS_MAX);
    Inputs.requireRange(spec, "--days", days, NetworkSimulator.DAYS_MIN, NetworkSimulator.DAYS_MAX);
    Inputs.requireRange(spec, "--payments", payments, 1, PAYMENTS_MAX);
    if (!file.isEmpty() && !folder.isEmpty()) {
      throw wrong("Give --out or --dir, not both.");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Whether the reader took everything; it may have closed the pipe. */
  private boolean print() {
    try {
      Writer writer = new BufferedWriter(new Attentive(spec.commandLine().getOut()), CHUNK_CHARS);
      simulate(writer);
      writer.flush();
      return true;
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** Throws what a print writer keeps to itself, so that a closed pipe ends the writing. */
  private static final class Attentive extends FilterWriter {
    private final PrintWriter target;

    Attentive(PrintWriter target) {
      super(target);
      this.target = target;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      target.write(text, offset, length);
      if (target.checkError()) {
        throw new IOException("The output was closed.");
      }
    }
  }
}
