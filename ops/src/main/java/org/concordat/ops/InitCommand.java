package org.concordat.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumFolder.IsoInput;
import org.concordat.ops.consortium.ConsortiumFolder.RestInput;
import org.concordat.ops.consortium.ConsortiumFolder.TopicInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.ConsortiumPlan.Hosts;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.consortium.OutboxInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.schemas.identity.Charter.Mode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Creates a consortium in a folder: authority, charter, keys, configurations.")
final class InitCommand implements Callable<Integer> {
  static final int BANKS_MAX = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--dir", required = true, paramLabel = "DIR", description = "A new folder.")
  private Path folder = Path.of("");

  @Option(names = "--name", defaultValue = "consortium", description = "Default: ${DEFAULT-VALUE}")
  private String name = "consortium";

  @Option(names = "--banks", defaultValue = "3", description = "1 to 100; default 3.")
  private int banks;

  @Option(names = "--partitions", defaultValue = "1", description = "Of every topic; default 1.")
  private int partitions;

  @Option(
      names = "--flags",
      defaultValue = "" + ConsortiumPlan.FLAGS_PER_BANK_AND_DAY,
      paramLabel = "N",
      description =
          "The charter's cap on flags that a rule opens per bank and UTC day; default"
              + " ${DEFAULT-VALUE}.")
  private int flags;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "An unsigned rule set with its mapping.yaml; default: the shipped 'payments'.")
  private Path rules = ShippedRules.folder("payments");

  @Option(
      names = "--allow-unverified-linkage",
      description =
          "The charter admits rules that link payments: under rep3 a single aggregator that cheats"
              + " could learn the key of pseudonyms.")
  private boolean unverifiedLinkage;

  @Option(
      names = "--hosts",
      defaultValue = "LOOPBACK",
      description =
          "LOOPBACK: all on this machine (the default). NAMED: each party on a host of its own"
              + " name, as in containers.")
  private Hosts hosts = Hosts.LOOPBACK;

  @Option(names = "--test", description = "A test charter, under which checks may open everything.")
  private boolean test;

  @Option(
      names = "--ingest",
      defaultValue = "csv",
      description = "Where agents get payments from: ${COMPLETION-CANDIDATES}; default csv.")
  private Ingest ingest = Ingest.csv;

  /** Sources that a new agent.yaml can name. */
  enum Ingest {
    csv,
    rest,
    iso20022,
    kafka,
    outbox;

    /**
     * Writes a bank's agent.yaml with this source, beside a copy of the rule set's mapping: how its
     * columns become features is the bank's own, and it will change it.
     *
     * @param folder in which the bank's is
     */
    void configure(Path folder, String bank, Path rules, Hosts hosts, String bootstrap)
        throws IOException {
      Path mapping = Path.of(this == iso20022 ? "mapping-iso20022.yaml" : "mapping.yaml");
      Files.copy(rules.resolve(mapping), folder.resolve(bank).resolve(mapping));
      ConsortiumFolder.writeAgentConfig(
          folder,
          bank,
          hosts,
          bootstrap,
          switch (this) {
            case csv -> new AgentInput(Path.of("payments.csv"), true, 0, mapping);
            case rest -> new RestInput(mapping);
            case iso20022 -> new IsoInput(mapping);
            case kafka -> TopicInput.of(folder, bank, bootstrap, mapping);
            case outbox -> OutboxInput.create(folder, bank, mapping);
          });
    }
  }

  @Override
  public Integer call() throws Exception {
    Inputs.requireRange(spec, "--banks", banks, 1, BANKS_MAX);
    if (flags < 1) {
      throw new ParameterException(spec.commandLine(), "--flags takes 1 or more.");
    }
    List<String> names = ConsortiumFolder.bankNames(banks);
    var plan =
        new ConsortiumPlan(
            name,
            test ? Mode.TEST : Mode.PRODUCTION,
            names,
            List.of("agg-1", "agg-2", "agg-3"),
            partitions,
            banks / 2 + 1,
            flags,
            rules,
            hosts,
            hosts == Hosts.LOOPBACK ? FreePorts.forConsortium(3) : FreePorts.standard(3),
            unverifiedLinkage);
    ConsortiumFolder.create(folder, plan);
    for (String bank : names) {
      ingest.configure(folder, bank, rules, hosts, plan.bootstrap());
    }
    var out = spec.commandLine().getOut();
    out.println("A consortium of " + banks + " banks and 3 aggregators is in " + folder + ".");
    out.println("Start in this order, each in a terminal of its own:");
    out.println("  concordat broker --config " + folder.resolve("broker/broker.yaml"));
    for (int i = 1; i <= 3; i++) {
      out.println(
          "  concordat aggregator --config " + folder.resolve("agg-" + i + "/aggregator.yaml"));
    }
    for (String bank : names) {
      out.println("  concordat agent --config " + folder.resolve(bank + "/agent.yaml"));
    }
    out.println(
        switch (ingest) {
          case csv -> "Each agent reads payments.csv in its own folder and follows it as it grows.";
          case rest ->
              "Each agent takes payments at the port that data/api.port in its folder names.";
          case iso20022 ->
              "Each agent takes messages from inbox in its own folder, and at the port that"
                  + " data/api.port there names.";
          case kafka ->
              "Each agent reads the topic that ingest.kafka.topic in its agent.yaml names.";
          case outbox ->
              "Each agent reads the table that ingest.outbox in its agent.yaml names; correct it.";
        });
    out.println("The way to the first alert: docs/connect-" + ingest + ".md.");
    out.flush();
    return Concordat.DONE;
  }
}
