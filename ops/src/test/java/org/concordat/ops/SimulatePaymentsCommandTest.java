package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.concordat.ops.simulate.PaymentSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatePaymentsCommandTest {
  @TempDir private Path folder;

  private static Command simulate(Object... more) {
    Object[] args = new Object[more.length + 7];
    List<Object> first = List.of("simulate-payments", "--banks", 2, "--payments", 300, "--seed", 5);
    for (int i = 0; i < args.length; i++) {
      args[i] = i < first.size() ? first.get(i) : more[i - first.size()];
    }
    return Command.run(args);
  }

  @Test
  void theSamePaymentsArePrintedAndWritten() throws IOException {
    Path file = folder.resolve("all.csv");
    Command written = simulate("--out", file);
    assertThat(written.status()).isEqualTo(Concordat.DONE);
    assertThat(written.out()).isEmpty();
    Command printed = simulate("--out", "-");
    assertThat(printed.status()).isEqualTo(Concordat.DONE);
    assertThat(printed.out()).isEqualTo(Files.readString(file)).isEqualTo(simulate().out());
    assertThat(printed.out().lines()).hasSize(301);
  }

  @Test
  void aFolderGetsAFileForEachBank() throws IOException {
    Path target = folder.resolve("new/banks");
    assertThat(simulate("--dir", target).status()).isEqualTo(Concordat.DONE);
    List<String> a = Files.readAllLines(target.resolve("bank-a.csv"));
    List<String> b = Files.readAllLines(target.resolve("bank-b.csv"));
    assertThat(a.size() + b.size()).isEqualTo(302);
    assertThat(a.getFirst())
        .isEqualTo(b.getFirst())
        .isEqualTo(String.join(",", PaymentSimulator.COLUMNS));
  }

  @ParameterizedTest
  @CsvSource({
    "--banks,0",
    "--banks,101",
    "--banks,x",
    "--payments,0",
    "--payments,1000000001",
    "--seed,x"
  })
  void whatIsOutsideItsLimitsIsWrongUse(String option, String value) {
    Command run = Command.run("simulate-payments", option, value, "--out", folder.resolve("x"));
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.err()).contains(option);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void oneTargetAtATime() {
    Command run = simulate("--out", folder.resolve("x"), "--dir", folder);
    assertThat(run.status()).isEqualTo(Concordat.INVALID);
    assertThat(run.err()).contains("not both");
  }

  @Test
  void aClosedPipeEndsTheWriting() {
    var closed =
        new PrintWriter(
            new Writer() {
              @Override
              public void write(char[] text, int offset, int length) throws IOException {
                throw new IOException("closed");
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
    int status = Concordat.run(closed, closed, "simulate-payments", "--payments", "1000000000");
    assertThat(status).isEqualTo(Concordat.FAILED);
  }
}
