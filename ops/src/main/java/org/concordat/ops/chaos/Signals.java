package org.concordat.ops.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Stops processes and lets them go on. A shell that waits does it, with its own {@code kill}: to
 * start a program for each signal would take longer than a batch does.
 */
final class Signals implements AutoCloseable {
  private final Process shell;
  private final Writer commands;
  private final BufferedReader answers;

  Signals() throws IOException {
    this.shell = new ProcessBuilder("sh").redirectErrorStream(true).start();
    this.commands = new OutputStreamWriter(shell.getOutputStream(), StandardCharsets.US_ASCII);
    this.answers =
        new BufferedReader(
            new InputStreamReader(shell.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** The process takes no further step. */
  void freeze(long pid) throws IOException {
    send("STOP", pid);
  }

  /** It goes on as if nothing had been. */
  void resume(long pid) throws IOException {
    send("CONT", pid);
  }

  private void send(String signal, long pid) throws IOException {
    commands.write("kill -" + signal + " " + pid + " 2>/dev/null; echo $?\n");
    commands.flush();
    if (answers.readLine() == null) {
      throw new IOException("The shell that sends signals has ended.");
    }
  }

  @Override
  public void close() throws IOException {
    commands.close();
    answers.close();
    shell.destroy();
  }
}
