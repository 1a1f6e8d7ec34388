package org.concordat.ops.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.concordat.agent.config.AgentConfig;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** A bank's input, read again from its plaintext by code of this check's own. */
final class BankHistory {
  private final Map<String, Deque<EncodedRow>> byReference = new HashMap<>();
  private long rows;

  private BankHistory() {}

  /** Reads the files in the order in which the agent read them. */
  static BankHistory read(RuleSet ruleSet, List<AgentConfig.Csv> files) throws IOException {
    var history = new BankHistory();
    for (AgentConfig.Csv file : files) {
      history.read(file.file(), ruleSet, file.mapping());
    }
    return history;
  }

  private void read(Path file, RuleSet ruleSet, SourceMapping mapping) throws IOException {
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        var parser = CSVParser.parse(reader, CSVFormat.RFC4180)) {
      boolean header = true;
      for (CSVRecord record : parser) {
        List<String> cells = new ArrayList<>(record.toList());
        if (header) {
          var problems = new Problems();
          encoder.bind(cells, problems);
          problems.throwIfAny();
          header = false;
        } else {
          rows++;
          EncodedRow row = encoder.encode(cells, Place.of("input"), new Problems());
          if (row != null) {
            byReference.computeIfAbsent(row.reference(), r -> new ArrayDeque<>()).add(row);
          }
        }
      }
    }
  }

  long rows() {
    return rows;
  }

  /**
   * Takes the next row of a reference, without the features of its history; null if the input has
   * no such row.
   */
  @org.jspecify.annotations.Nullable
  EncodedRow take(String reference) {
    Deque<EncodedRow> rows = byReference.get(reference);
    return rows == null ? null : rows.poll();
  }
}
