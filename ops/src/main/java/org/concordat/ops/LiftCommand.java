package org.concordat.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.ops.lift.Lift;
import org.concordat.ops.lift.LiftOptions;
import org.concordat.ops.lift.LiftPage;
import org.concordat.ops.lift.LiftReport;
import org.concordat.ops.lift.LiftTable;
import org.concordat.rules.RuleSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "lift",
    mixinStandardHelpOptions = true,
    description = "Says what a consortium finds in a labelled history that no bank finds alone.")
final class LiftCommand implements Callable<Integer> {
  private static final int ALERTS_MAX = 1_000_000;
  private static final int DAYS_MAX = 3_650;
  private static final int SAMPLES_MAX = 100_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "DIR", description = "A rule set's folder, or 'network'.")
  private Path given = Path.of("");

  @Option(names = "--history", required = true, paramLabel = "FILE", description = "A CSV file.")
  private Path history = Path.of("");

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      description = "What its columns mean; default: mapping.yaml beside the rules.")
  private Optional<Path> mapping = Optional.empty();

  @Option(
      names = "--pattern",
      defaultValue = "typology",
      paramLabel = "COLUMN",
      description = "The kind of fraud; default typology.")
  private String pattern = "";

  @Option(
      names = "--instance",
      defaultValue = "pattern_id",
      paramLabel = "COLUMN",
      description = "Which attempt of that kind; default pattern_id.")
  private String instance = "";

  @Option(
      names = "--payee-bank",
      defaultValue = "payee_bank",
      paramLabel = "COLUMN",
      description = "The bank that is paid; default payee_bank.")
  private String payeeBank = "";

  @Option(
      names = "--alerts",
      defaultValue = "200",
      description = "Records alerted for each pattern in the scored days; default 200.")
  private int alerts;

  @Option(
      names = "--tune-days",
      defaultValue = "60",
      description = "Days in which rules are chosen; default 60.")
  private int tuneDays;

  @Option(names = "--samples", defaultValue = "1000", description = "Of the bootstrap; 1000.")
  private int samples;

  @Option(names = "--seed", defaultValue = "1", description = "Of the bootstrap; default 1.")
  private long seed;

  @Option(
      names = "--on-shares",
      defaultValue = "0",
      paramLabel = "N",
      description = "Evaluate the first N rows on shares too; fail if a flag differs.")
  private int rowsOnShares;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the table as CSV too.")
  private Optional<Path> csv = Optional.empty();

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots too.")
  private Optional<Path> html = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Inputs.requireRange(spec, "--alerts", alerts, 1, ALERTS_MAX);
    Inputs.requireRange(spec, "--tune-days", tuneDays, 1, DAYS_MAX);
    Inputs.requireRange(spec, "--samples", samples, 1, SAMPLES_MAX);
    if (rowsOnShares < 0) {
      throw new ParameterException(spec.commandLine(), "--on-shares takes a number of rows.");
    }
    Path folder = Inputs.ruleSet(given);
    var err = spec.commandLine().getErr();
    LiftReport report =
        Lift.run(
            RuleSet.load(folder),
            Inputs.mapping(mapping.orElseGet(() -> folder.resolve("mapping.yaml"))),
            Inputs.existingFile(history),
            new LiftOptions(
                pattern, instance, payeeBank, alerts, tuneDays, samples, seed, rowsOnShares),
            step -> {
              err.println(step + " ...");
              err.flush();
            });
    if (csv.isPresent()) {
      Files.writeString(csv.get(), LiftTable.csv(report), StandardCharsets.UTF_8);
    }
    if (html.isPresent()) {
      Files.writeString(html.get(), LiftPage.html(report), StandardCharsets.UTF_8);
    }
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(Inputs.json(report));
    } else {
      out.print(LiftTable.text(report));
    }
    out.flush();
    LiftReport.OnShares onShares = report.onShares();
    return onShares == null || onShares.different() == 0 ? Concordat.DONE : Concordat.FAILED;
  }
}
