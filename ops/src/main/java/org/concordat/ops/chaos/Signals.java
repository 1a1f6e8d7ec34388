package org.concordat.ops.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.concordat.ops.demo.Role;

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
  void freeze(Role role) throws IOException {
    send("STOP", role);
  }

  /** It goes on as if nothing had been. */
  void resume(Role role) throws IOException {
    send("CONT", role);
  }

  private void send(String signal, Role role) throws IOException {
    commands.write("kill -" + signal + " " + role.pid() + " 2>/dev/null; echo $?\n");
    commands.flush();
    String status = answers.readLine();
    if (status == null) {
      throw new IOException("The shell that sends signals has ended.");
    }
    // Of one that has just ended by itself the watch tells.
    if (!status.equals("0") && role.isAlive()) {
      throw new IOException("A process can't be sent a signal.");
    }
  }

  @Override
  public void close() throws IOException {
    commands.close();
    answers.close();
    shell.destroy();
  }
}
