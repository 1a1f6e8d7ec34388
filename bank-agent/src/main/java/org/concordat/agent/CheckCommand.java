package org.concordat.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Shows a bank what its agent would make of a file: the first rows as named features with units,
 * and every refused row with place, reason and fix. Publishes nothing and needs no broker. Prints
 * feature values: it is for the bank's own eyes.
 */
final class CheckCommand {
  /** So many rows are shown in full. */
  private static final int ROWS_SHOWN = 5;

  private final FeatureContract contract;
  private final RowEncoder encoder;
  private final HistoryFeatures history;
  private final PrintStream out;
  private long rows;
  private long refused;

  private CheckCommand(FeatureContract contract, RowEncoder encoder, PrintStream out) {
    this.contract = contract;
    this.encoder = encoder;
    this.history = HistoryFeatures.inMemory(contract);
    this.out = out;
  }

  /**
   * Reads a file to its end.
   *
   * @param sample instead of the configured file
   * @return 0 if every row is accepted, else 2
   */
  static int run(AgentConfig config, Optional<Path> sample, Problems problems, PrintStream out) {
    Optional<RuleSet> ruleSet = RuleSet.load(config.rules(), problems);
    problems.throwIfAny();
    RuleSet rules = ruleSet.orElseThrow();
    AgentConfig.Csv csv =
        config
            .ingest()
            .csv()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        Code.CDT_104,
                        Place.of("ingest"),
                        "--check reads a CSV file, and no section 'csv' says how.",
                        "Add it. Over REST each answer says what is wrong."));
    var encoder = new RowEncoder(rules.contract(), rules.rates(), csv.mapping());
    Path file = sample.orElse(csv.file());
    try (var source = CsvSource.open(file, false, () -> false)) {
      encoder.bind(source.header(), problems);
      problems.throwIfAny();
      var command = new CheckCommand(rules.contract(), encoder, out);
      for (var record = source.next(); record != null; record = source.next()) {
        command.check(record);
      }
      return command.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void check(SourceRecord record) {
    rows++;
    var problems = new Problems();
    EncodedRow row = null;
    if (record.refusal() == null) {
      row = encoder.encode(record.cells(), record.place(), problems);
    } else {
      problems.add(record.refusal());
    }
    if (row != null) {
      history.take(row, 0, true);
    }
    if (row == null) {
      refused++;
      for (Problem problem : problems.list()) {
        out.println("refused  " + problem);
      }
    } else if (rows - refused <= ROWS_SHOWN) {
      show(record, row);
    }
  }

  private void show(SourceRecord record, EncodedRow row) {
    out.printf("%n%s  %s  %s%n", record.place(), row.reference(), time(row));
    for (var value : contract.describe(row.fields())) {
      out.printf("  %-32s %s %s%n", value.feature(), value.text(), value.unit());
    }
  }

  private static Instant time(EncodedRow row) {
    return Instant.ofEpochMilli(row.eventMillis());
  }

  private int end() {
    out.printf(
        "%n%d rows: %d would be shared, %d are refused. Nothing was published.%n",
        rows, rows - refused, refused);
    return refused == 0 ? 0 : Main.INVALID;
  }
}
