package org.concordat.rules;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** The card payments of the handbook, and a rule with one of its models. */
public final class Handbook {
  private final Path source;
  private final Path folder;

  /**
   * @param source of the rule set without a model
   * @param folder empty, that the rule set is written to
   */
  public Handbook(Path source, Path folder) {
    this.source = source;
    this.folder = folder;
  }

  /** The rule set with a model file. */
  public RuleSet load(Path model, String kind, BigDecimal step) throws IOException {
    String file = Objects.requireNonNull(model.getFileName()).toString();
    Folders.copy(source, folder);
    Files.copy(model, Files.createDirectory(folder.resolve("models")).resolve(file));
    Path rules = folder.resolve("rules.yaml");
    Files.writeString(
        rules,
        Files.readString(rules)
            .replace("model: logistic", "model: " + kind)
            .replace("handbook_lr.json", file)
            .replace("step: 0.000001", "step: " + step.toPlainString()));
    return RuleSet.load(folder);
  }

  /** Every payment. */
  public List<EncodedRow> rows(RuleSet ruleSet) throws IOException {
    return rows(ruleSet, id -> true);
  }

  /** The payments of some ids. */
  List<EncodedRow> rows(RuleSet ruleSet, Predicate<String> wanted) throws IOException {
    List<EncodedRow> rows = new ArrayList<>();
    var problems = new Problems();
    try (BufferedReader csv = open(SharedData.require("cards-handbook/transactions.csv.gz"))) {
      var encoder =
          new RowEncoder(
              ruleSet.contract(), ruleSet.rates(), Folders.mapping(folder.resolve("mapping.yaml")));
      encoder.bind(List.of(csv.readLine().split(",")), problems);
      problems.throwIfAny();
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        List<String> cells = List.of(line.split(",", -1));
        if (wanted.test(cells.getFirst())) {
          EncodedRow row = encoder.encode(cells, Place.of("transactions"), problems);
          rows.add(Objects.requireNonNull(row));
        }
      }
    }
    problems.throwIfAny();
    return rows;
  }

  /** Rows by field of the contract's layout. */
  public static long[][] columns(RuleSet ruleSet, List<EncodedRow> rows) {
    long[][] columns = new long[ruleSet.contract().layout().fields().size()][rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      for (int field = 0; field < columns.length; field++) {
        columns[field][row] = rows.get(row).fields()[field];
      }
    }
    return columns;
  }

  static BufferedReader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }
}
