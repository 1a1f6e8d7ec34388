package org.concordat.ops;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "aggregator",
    mixinStandardHelpOptions = true,
    description = "Runs an aggregator until it is told to stop.")
final class AggregatorCommand implements Callable<Integer> {
  @Option(names = "--config", required = true, paramLabel = "FILE", description = "aggregator.yaml")
  private String config = "";

  @Override
  public Integer call() throws InterruptedException {
    return org.concordat.aggregator.Main.run(new String[] {"--config", config});
  }
}
