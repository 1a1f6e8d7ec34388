package org.concordat.ops;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.explain.Network;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "rules",
    mixinStandardHelpOptions = true,
    description = "Checks, explains, tries out and signs rule sets.",
    subcommands = {
      RulesCommand.Validate.class,
      RulesCommand.Explain.class,
      RulesCommand.Simulate.class,
      RulesCommand.Sign.class,
      PublishModelCommand.class
    })
final class RulesCommand {
  /** The rule set that a command is about. */
  static final class Target {
    @Parameters(
        paramLabel = "DIR",
        description = "A rule set's folder, or the name of a shipped one: payments, transfers.")
    private Path given = Path.of("");

    Path folder() {
      return Inputs.ruleSet(given);
    }

    RuleSet load() {
      return RuleSet.load(folder());
    }
  }

  @Command(
      name = "validate",
      mixinStandardHelpOptions = true,
      description = "Names all that is wrong with a rule set, where, and what to do.")
  static final class Validate implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Target target = new Target();

    @Option(
        names = "--charter",
        paramLabel = "FILE",
        description = "Hold the rules against this charter's caps as well.")
    private Optional<Path> charter = Optional.empty();

    @Override
    public Integer call() {
      var problems = new Problems();
      Path folder = target.folder();
      Optional<RuleSet> ruleSet = RuleSet.load(folder, problems);
      Path mapping = folder.resolve("mapping.yaml");
      if (Files.exists(mapping)) {
        Document document = Document.read(mapping, problems);
        SourceMapping.read(document);
        document.finish();
      }
      if (charter.isPresent()) {
        Optional<Charter> read = Charter.read(charter.get(), problems);
        if (ruleSet.isPresent() && read.isPresent()) {
          ruleSet.get().verifyCaps(read.get(), problems);
          ruleSet.get().verifyPublishers(read.get(), problems);
        }
      }
      List<Problem> warnings = ruleSet.map(RuleSet::warnings).orElse(List.of());
      var err = spec.commandLine().getErr();
      warnings.forEach(warning -> err.println("warning: " + warning));
      err.flush();
      if (problems.unlisted() > 0) {
        err.println(problems.unlisted() + " more problems are not listed.");
      }
      problems.throwIfAny();
      RuleSet valid = ruleSet.orElseThrow();
      var out = spec.commandLine().getOut();
      out.printf(
          "%s is valid: %d rules, %d warnings%n", valid, valid.rules().size(), warnings.size());
      out.flush();
      return Concordat.DONE;
    }
  }

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      description = "Says what a rule set costs, and what it tells whom.")
  static final class Explain implements Callable<Integer> {
    private static final int MEGABITS_MAX = 1_000_000;

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Target target = new Target();

    @Option(names = "--charter", paramLabel = "FILE", description = "Name this charter's caps.")
    private Optional<Path> charter = Optional.empty();

    @Option(
        names = "--round-trip",
        paramLabel = "MILLIS",
        description = "Between aggregators: say what bounds a batch's latency.")
    private Optional<String> roundTrip = Optional.empty();

    @Option(
        names = "--bandwidth",
        paramLabel = "MBIT",
        description = "Of each link and direction, with --round-trip.")
    private Optional<Integer> bandwidth = Optional.empty();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
      Explanation explanation =
          Explanation.of(target.load(), charter.map(Inputs::charter).map(Charter::caps), network());
      var out = spec.commandLine().getOut();
      if (json) {
        out.println(Inputs.json(explanation));
      } else {
        out.print(explanation.text());
      }
      out.flush();
      return Concordat.DONE;
    }

    private Optional<Network> network() {
      if (bandwidth.isPresent() && roundTrip.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "Name the links' '--round-trip' with '--bandwidth'.");
      }
      if (roundTrip.isPresent() && !roundTrip.get().matches("[0-9]{1,5}([.][0-9]{1,3})?(ms)?")) {
        throw new ParameterException(
            spec.commandLine(), "A round trip is milliseconds, such as 10 or 0.5.");
      }
      if (bandwidth.isPresent() && (bandwidth.get() < 1 || bandwidth.get() > MEGABITS_MAX)) {
        throw new ParameterException(
            spec.commandLine(), "A bandwidth is 1 to " + MEGABITS_MAX + " Mbit/s.");
      }
      long bits = bandwidth.orElse(0) * 1_000_000L;
      return roundTrip.map(
          millis -> new Network(Double.parseDouble(millis.replace("ms", "")), bits));
    }
  }

  @Command(
      name = "simulate",
      mixinStandardHelpOptions = true,
      description = "Counts what a rule set, shadow rules too, would have flagged in a history.")
  static final class Simulate implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Target target = new Target();

    @Mixin private SecretModelOptions models = new SecretModelOptions();

    @Option(names = "--history", required = true, paramLabel = "FILE", description = "A CSV file.")
    private Path history = Path.of("");

    @Option(
        names = "--mapping",
        paramLabel = "FILE",
        description = "What its columns mean; default: mapping.yaml beside the rules.")
    private Optional<Path> mapping = Optional.empty();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      RuleSet ruleSet = target.load();
      Path file = mapping.orElseGet(() -> target.folder().resolve("mapping.yaml"));
      SimulationReport report =
          Simulation.run(
              ruleSet,
              models.of(ruleSet),
              Inputs.mapping(file),
              Inputs.existingFile(history),
              progress());
      var out = spec.commandLine().getOut();
      if (json) {
        out.println(Inputs.json(report));
      } else {
        out.print(report.text());
      }
      out.flush();
      return Concordat.DONE;
    }

    private LongConsumer progress() {
      if (System.console() == null || !System.console().isTerminal()) {
        return rows -> {};
      }
      var err = spec.commandLine().getErr();
      return rows -> {
        err.print("\r" + rows + " rows\u001b[K\r");
        err.flush();
      };
    }
  }

  @Command(
      name = "sign",
      mixinStandardHelpOptions = true,
      description = "Adds a bank's signature over a rule set to its signatures.yaml.")
  static final class Sign implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Target target = new Target();

    @Option(names = "--charter", required = true, paramLabel = "FILE", description = "charter.yaml")
    private Path charterFile = Path.of("");

    @Option(names = "--bank", required = true, paramLabel = "NAME", description = "Who signs.")
    private String bank = "";

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "signing.key")
    private Path keyFile = Path.of("");

    @Override
    public Integer call() throws Exception {
      Charter charter = Inputs.charter(charterFile);
      RuleSet ruleSet = target.load();
      var problems = new Problems();
      ruleSet.verifyCaps(charter, problems);
      ruleSet.verifyPublishers(charter, problems);
      Optional<SigningKey> key = KeyFiles.readSigningKey(keyFile, problems);
      problems.throwIfAny();
      SigningKey signing = key.orElseThrow();
      Inputs.requireOwn(charter.bankKeys(), bank, signing, charterFile, keyFile);
      Path file = ruleSet.directory().resolve("signatures.yaml");
      SignatureFile before = Inputs.signatures(file);
      SignatureFile signatures =
          before.with(bank, signing.sign(RuleSet.SIGNATURE_LABEL, ruleSet.hash()));
      signatures.write(file);
      Set<String> valid =
          signatures.valid(RuleSet.SIGNATURE_LABEL, ruleSet.hash(), charter.bankKeys());
      var out = spec.commandLine().getOut();
      out.printf(
          "%s has signed %s; %d banks have, %d are needed.%n",
          bank, ruleSet, valid.size(), charter.quorum());
      out.flush();
      return Concordat.DONE;
    }
  }
}
