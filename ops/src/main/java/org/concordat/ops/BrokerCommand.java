package org.concordat.ops;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.concordat.ops.broker.BankQuotas;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.ops.broker.BrokerMetrics;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.process.Beside;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "broker",
    mixinStandardHelpOptions = true,
    description =
        "Runs the embedded Kafka broker with the consortium's topics, access rules and quotas.")
final class BrokerCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofMillis(200);

  @Option(names = "--config", required = true, paramLabel = "FILE", description = "broker.yaml")
  private Path config = Path.of("");

  @Override
  public Integer call() throws Exception {
    var problems = new Problems();
    BrokerConfig read = BrokerConfig.read(config, problems);
    var ofCharter = new Problems();
    var reading = Beside.begin("charter", () -> Charter.read(read.charter(), ofCharter));
    Runnable admitted =
        () -> {
          var _ = reading.await();
          problems.add(ofCharter);
          problems.throwIfAny();
        };
    if (!problems.isEmpty()) {
      admitted.run();
    }
    Path ready = config.resolveSibling("ready");
    Files.deleteIfExists(ready);
    EmbeddedBroker broker = EmbeddedBroker.start(read, admitted);
    Charter charter = reading.await().orElseThrow();
    var failed = new AtomicBoolean();
    var stop = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  // Read first: as it closes, what is still being set up fails and isn't to blame.
                  int status = failed.get() ? Concordat.FAILED : Concordat.DONE;
                  broker.close();
                  stop.countDown();
                  // A signal would make the exit status 143.
                  Runtime.getRuntime().halt(status);
                },
                "stop"));
    boolean isUp = false;
    try {
      setUp(read, charter, broker);
      Files.writeString(ready, read.kafka().bootstrap() + "\n");
      isUp = true;
    } finally {
      failed.set(!isUp);
    }
    stop.await();
    return Concordat.DONE;
  }

  private static void setUp(BrokerConfig read, Charter charter, EmbeddedBroker broker)
      throws Exception {
    int replication = read.cluster().replication();
    try (Admin admin = Admin.create(read.kafka().properties())) {
      awaitBrokers(admin, replication);
      new ConsortiumTopics(charter, charter.topics(read.kafka().topicPrefix()), replication)
          .apply(admin);
      new BankQuotas(charter, ConsortiumTopics.PRINCIPALS, read.bankBytesPerSecond()).apply(admin);
    }
    if (read.http().port() != 0) {
      var _ = BrokerMetrics.begin(read, broker.certificatePem()).awaitPort();
    }
  }

  /** Topics can only be made where each of their copies has a broker. */
  private static void awaitBrokers(Admin admin, int brokers) throws InterruptedException {
    int known = 0;
    while (known < brokers) {
      try {
        known = admin.describeCluster().nodes().get().size();
      } catch (ExecutionException e) {
        // The brokers are still electing their controller.
        known = 0;
      }
      if (known < brokers) {
        Thread.sleep(PAUSE);
      }
    }
  }
}
