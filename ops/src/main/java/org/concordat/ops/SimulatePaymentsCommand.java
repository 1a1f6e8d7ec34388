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

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--banks", defaultValue = "3", description = "1 to 100; default 3.")
  private int banks;

  @Option(names = "--payments", defaultValue = "20000", description = "1 to 10^9; default 20000.")
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
        new PaymentSimulator(seed, banks).writeAll(payments, writer);
      }
    }
    return Concordat.DONE;
  }

  private void verify() {
    if (banks < 1 || banks > InitCommand.BANKS_MAX) {
      throw wrong("--banks takes 1 to " + InitCommand.BANKS_MAX + ".");
    }
    if (payments < 1 || payments > PAYMENTS_MAX) {
      throw wrong("--payments takes 1 to " + PAYMENTS_MAX + ".");
    }
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
      new PaymentSimulator(seed, banks).writeAll(payments, writer);
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
