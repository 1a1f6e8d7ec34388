package org.concordat.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description = "Runs a bank's agent, or checks what it would read.")
final class AgentCommand implements Callable<Integer> {
  @Option(names = "--config", required = true, paramLabel = "FILE", description = "agent.yaml")
  private String config = "";

  @Option(
      names = "--check",
      description = "Print the first rows as features, and refused rows; publish nothing.")
  private boolean check;

  @Option(names = "--sample", paramLabel = "FILE", description = "With --check: read this file.")
  private String sample = "";

  @Override
  public Integer call() throws InterruptedException {
    List<String> args = new ArrayList<>(List.of("--config", config));
    if (check) {
      args.add("--check");
    }
    if (!sample.isEmpty()) {
      args.addAll(List.of("--sample", sample));
    }
    // The agent's main runs the process until it is told to stop.
    org.concordat.agent.Main.main(args.toArray(String[]::new));
    Thread.currentThread().join();
    return Concordat.DONE;
  }
}
