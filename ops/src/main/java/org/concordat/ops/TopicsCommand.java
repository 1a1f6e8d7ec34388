package org.concordat.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.concordat.ops.broker.BankQuotas;
import org.concordat.ops.broker.BrokerDisk;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.ops.broker.TopicsDifference;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = {
      "Holds a Kafka cluster's topics, access rules and quotas against a charter; deletes no topic",
      "and no rule.",
      "check: prints what differs. apply: creates what is missing, sets what is set otherwise.",
      "A retention that is longer than needed is printed too, and stays.",
      "Exit status: 0 nothing differs (any more), 1 something does, 2 invalid input."
    })
final class TopicsCommand implements Callable<Integer> {
  /** What to do. */
  enum Action {
    check,
    apply
  }

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final long POLL_MILLIS = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "check|apply", description = "What to do.")
  private Action action = Action.check;

  @Option(names = "--charter", required = true, paramLabel = "FILE", description = "charter.yaml")
  private Path charter = Path.of("");

  @Option(
      names = "--admin",
      required = true,
      paramLabel = "FILE",
      description = {
        "Kafka's own client settings of an administrator, as a properties file that only its",
        "owner can read: mutual TLS, SASL/SCRAM or OAuth, as the cluster wants it."
      })
  private Path admin = Path.of("");

  @Option(
      names = "--replication",
      defaultValue = "3",
      description = "Replicas of each partition; default 3.")
  private int replication;

  @Option(names = "--topic-prefix", defaultValue = "", description = "As in the configurations.")
  private String topicPrefix = "";

  @Option(
      names = "--principals",
      defaultValue = ConsortiumTopics.PRINCIPALS,
      description = {
        "A party's principal on the brokers; default ${DEFAULT-VALUE}.",
        "Without a mapping rule for certificates it is User:CN={name}."
      })
  private String principals = ConsortiumTopics.PRINCIPALS;

  @Option(
      names = "--bank-bytes-per-second",
      paramLabel = "BYTES",
      description = "What each bank may write to each broker; default ${DEFAULT-VALUE}.")
  private long bankBytesPerSecond = BankQuotas.BYTES_PER_SECOND;

  @Option(
      names = "--shorten",
      description = {
        "Has a retention that is longer than needed differ too: apply shortens it, and brokers",
        "delete what is older."
      })
  private boolean shorten;

  @Option(
      names = "--disk",
      description = {
        "Also prints what the banks' quotas allow of each broker's disk, and what aggregators'",
        "topics take of it."
      })
  private boolean disk;

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    if (!principals.contains(ConsortiumTopics.NAME)) {
      throw new ParameterException(
          spec.commandLine(), "--principals has to hold " + ConsortiumTopics.NAME + ".");
    }
    if (bankBytesPerSecond < BankQuotas.BYTES_PER_SECOND_MIN
        || bankBytesPerSecond > BankQuotas.BYTES_PER_SECOND_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          "--bank-bytes-per-second has to be from %d to %d."
              .formatted(BankQuotas.BYTES_PER_SECOND_MIN, BankQuotas.BYTES_PER_SECOND_MAX));
    }
    Charter read = Inputs.charter(charter);
    Topics topics = read.topics(topicPrefix);
    var wanted = new ConsortiumTopics(read, topics, replication, principals);
    var quotas = new BankQuotas(read, principals, bankBytesPerSecond);
    try (Admin client = Admin.create(settings())) {
      TopicsDifference difference = difference(client, wanted, quotas, topics);
      print(difference);
      if (disk) {
        var allowed =
            new BrokerDisk(
                read.banks().size(),
                bankBytesPerSecond,
                ConsortiumTopics.blocksKept(),
                replication);
        allowed.lines(BrokerDisk.spaces(client, wanted.ofAggregators())).forEach(this::say);
      }
      if (action == Action.check || difference.lines().isEmpty()) {
        return difference.lines().isEmpty() ? Concordat.DONE : Concordat.FAILED;
      }
      difference.apply(client);
      return applied(client, wanted, quotas, topics);
    } catch (ExecutionException e) {
      String cause = e.getCause() == null ? "" : e.getCause().getClass().getSimpleName();
      spec.commandLine().getErr().println("The brokers can't be asked: " + cause + ".");
      spec.commandLine().getErr().flush();
      return Concordat.FAILED;
    }
  }

  private TopicsDifference difference(
      Admin client, ConsortiumTopics wanted, BankQuotas quotas, Topics topics)
      throws ExecutionException, InterruptedException {
    return TopicsDifference.of(
        client, wanted.topics(), wanted.rules(), quotas, topics.prefix(), shorten);
  }

  /** Brokers learn of a change a moment after their controller has stored it. */
  private int applied(Admin client, ConsortiumTopics wanted, BankQuotas quotas, Topics topics)
      throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
    while (true) {
      List<TopicsDifference.Line> left = difference(client, wanted, quotas, topics).lines();
      boolean settled = left.stream().noneMatch(TopicsDifference.Line::fixable);
      if (settled || System.nanoTime() > end) {
        say(
            left.isEmpty()
                ? "Done."
                : settled ? "Done, but for the lines with '!'." : "Not all of it is there yet.");
        return left.isEmpty() ? Concordat.DONE : Concordat.FAILED;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private Properties settings() throws IOException {
    var problems = new Problems();
    var settings = new Properties();
    if (KeyFiles.isPrivate(admin, problems)) {
      try (var reader = Files.newBufferedReader(admin, StandardCharsets.UTF_8)) {
        settings.load(reader);
      } catch (IllegalArgumentException e) {
        problems.add(Problem.of(Code.CDT_108, Place.of(admin.toString())));
      }
    }
    if (problems.isEmpty() && !settings.containsKey("bootstrap.servers")) {
      throw new InvalidInputException(
          Code.CDT_104,
          Place.of(admin.toString()),
          "The setting 'bootstrap.servers' is missing.",
          "Add it.");
    }
    problems.throwIfAny();
    settings.putIfAbsent("default.api.timeout.ms", Integer.toString(TIMEOUT_MILLIS));
    settings.putIfAbsent("request.timeout.ms", Integer.toString(TIMEOUT_MILLIS / 2));
    return settings;
  }

  private void print(TopicsDifference difference) {
    difference.kept().forEach(this::say);
    difference.lines().forEach(line -> say(line.line()));
    if (difference.lines().isEmpty()) {
      say(difference.kept().isEmpty() ? "Nothing differs." : "Nothing else differs.");
    }
  }

  private void say(String text) {
    var out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
