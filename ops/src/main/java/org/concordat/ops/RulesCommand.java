package org.concordat.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      RulesCommand.Sign.class
    })
final class RulesCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RulesCommand() {}

  /** A folder, or the name of a shipped rule set. */
  private static Path folder(String given) {
    Path path = Path.of(given);
    Path shipped = ShippedRules.folder(given);
    return java.nio.file.Files.isDirectory(path) || !given.matches("[a-z0-9-]+") ? path : shipped;
  }

  /** Options that all of them take. */
  abstract static class OnRules implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "A rule set's folder, or a shipped one's name.")
    private String given = "";

    Path folder() {
      return RulesCommand.folder(given);
    }

    void print(String text) {
      spec.commandLine().getOut().println(text);
      spec.commandLine().getOut().flush();
    }
  }

  @Command(
      name = "validate",
      mixinStandardHelpOptions = true,
      description = "Prints every mistake with file, line, column and a suggestion.")
  static final class Validate extends OnRules {
    @Override
    public Integer call() {
      RuleSet ruleSet = RuleSet.load(folder());
      ruleSet.warnings().forEach(warning -> print(warning.toString()));
      print(
          ruleSet.name()
              + "@"
              + ruleSet.version()
              + ": "
              + ruleSet.plan().outputs().size()
              + " rules, no mistakes.");
      return Concordat.DONE;
    }
  }

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      description = "Prints what a rule set costs, and who learns what when it runs.")
  static final class Explain extends OnRules {
    @Option(names = "--charter", paramLabel = "FILE", description = "Show its caps as well.")
    private @Nullable Path charter;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      var problems = new Problems();
      Optional<Charter> read = charter == null ? Optional.empty() : Charter.read(charter, problems);
      problems.throwIfAny();
      Explanation explanation = Explanation.of(RuleSet.load(folder()), read.map(Charter::caps));
      print(json ? JSON.writeValueAsString(explanation) : explanation.text());
      return Concordat.DONE;
    }
  }

  @Command(
      name = "simulate",
      mixinStandardHelpOptions = true,
      description = "Prints what a rule set would have flagged in a CSV history.")
  static final class Simulate extends OnRules {
    @Option(names = "--history", required = true, paramLabel = "FILE", description = "A CSV file.")
    private Path history = Path.of("");

    @Option(
        names = "--mapping",
        paramLabel = "FILE",
        description = "Default: mapping.yaml of the rule set.")
    private @Nullable Path mapping;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      var problems = new Problems();
      Path file = mapping == null ? folder().resolve("mapping.yaml") : mapping;
      Document document = Document.read(file, problems);
      SourceMapping read = SourceMapping.read(document);
      document.finish();
      problems.throwIfAny();
      SimulationReport report = Simulation.run(RuleSet.load(folder()), read, history, rows -> {});
      print(json ? JSON.writeValueAsString(report) : report.text());
      return Concordat.DONE;
    }
  }

  @Command(
      name = "sign",
      mixinStandardHelpOptions = true,
      description = "Adds a bank's signature to a rule set. Read 'rules explain' first.")
  static final class Sign extends OnRules {
    @Option(names = "--bank", required = true, paramLabel = "NAME", description = "The bank.")
    private String bank = "";

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "signing.key")
    private Path key = Path.of("");

    @Override
    public Integer call() throws Exception {
      var problems = new Problems();
      SigningKey signing = KeyFiles.readSigningKey(key, problems).orElse(null);
      Path file = folder().resolve("signatures.yaml");
      SignatureFile signatures =
          java.nio.file.Files.exists(file)
              ? SignatureFile.read(file, problems)
              : SignatureFile.empty();
      problems.throwIfAny();
      byte[] hash = RuleSet.load(folder()).hash();
      signatures
          .with(bank, Objects.requireNonNull(signing).sign(RuleSet.SIGNATURE_LABEL, hash))
          .write(file);
      print("Signed for " + bank + ".");
      return Concordat.DONE;
    }
  }
}
