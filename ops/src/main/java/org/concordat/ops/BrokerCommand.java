package org.concordat.ops;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "broker",
    mixinStandardHelpOptions = true,
    description = "Runs the embedded Kafka broker with the consortium's topics and access rules.")
final class BrokerCommand implements Callable<Integer> {
  @Option(names = "--config", required = true, paramLabel = "FILE", description = "broker.yaml")
  private Path config = Path.of("");

  @Override
  public Integer call() throws Exception {
    var problems = new Problems();
    BrokerConfig read = BrokerConfig.read(config, problems);
    Charter charter = Charter.read(read.charter(), problems).orElse(null);
    problems.throwIfAny();
    Path ready = config.resolveSibling("ready");
    Files.deleteIfExists(ready);
    EmbeddedBroker broker = EmbeddedBroker.start(read);
    var stop = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  broker.close();
                  stop.countDown();
                  // A signal would make the exit status 143.
                  Runtime.getRuntime().halt(Concordat.DONE);
                },
                "stop"));
    try (Admin admin = Admin.create(read.kafka().properties())) {
      new ConsortiumTopics(
              java.util.Objects.requireNonNull(charter),
              charter.topics(read.kafka().topicPrefix()),
              1)
          .apply(admin);
    }
    Files.writeString(ready, read.kafka().bootstrap() + "\n");
    stop.await();
    return Concordat.DONE;
  }
}
