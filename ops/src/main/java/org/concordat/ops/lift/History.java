package org.concordat.ops.lift;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.simulate.CsvRows;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * A labelled history as the contract has it, in the file's order, which stands for commit order:
 * about 150 bytes a row. Read line by line.
 */
final class History {
  static final int ROWS_MAX = 50_000_000;
  static final int CHUNK_ROWS = 8_192;
  private static final int MINUTE_MILLIS = 60_000;
  private static final int DAY_MINUTES = 24 * 60;
  private static final int NONE = -1;

  /** The payments of one attempt. */
  record Instance(String pattern, List<Integer> rows) {}

  private final List<long[][]> chunks = new ArrayList<>();
  private final Map<String, Integer> bankIndex = new HashMap<>();
  private final List<String> banks = new ArrayList<>();
  private final Map<String, Integer> instanceIndex = new HashMap<>();
  private final List<Instance> instances = new ArrayList<>();
  private final BitSet fraud = new BitSet();
  private int[] minutes = new int[CHUNK_ROWS];
  private byte[] payerBanks = new byte[CHUNK_ROWS];
  private byte[] payeeBanks = new byte[CHUNK_ROWS];
  private int rows;
  private long refused;

  private History() {}

  /** Reads a file; rows that the contract doesn't admit are counted and left out. */
  static History read(RuleSet ruleSet, SourceMapping mapping, LiftOptions options, Path file)
      throws IOException {
    var history = new History();
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    HistoryFeatures own = HistoryFeatures.inMemory(ruleSet.contract());
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        var csv = new CsvRows(file.toString(), reader)) {
      CsvRows.Row header = csv.next();
      if (header == null || header.problem() != null) {
        throw new InvalidInputException(
            List.of(Problem.of(Code.CDT_305, Place.of(file.toString()))));
      }
      var problems = new Problems();
      encoder.bind(header.cells(), problems);
      var labels = new LabelColumns(header, options, problems);
      problems.throwIfAny();
      for (CsvRows.Row row = csv.next(); row != null; row = csv.next()) {
        EncodedRow encoded =
            row.problem() == null ? encoder.encode(row.cells(), row.place(), new Problems()) : null;
        if (encoded == null) {
          history.refused++;
          continue;
        }
        own.take(encoded, 0, true);
        history.add(encoded, row, encoder.bank(row.cells()), labels, mapping);
      }
    }
    return history;
  }

  private void add(
      EncodedRow row, CsvRows.Row source, String bank, LabelColumns labels, SourceMapping mapping) {
    if (rows == ROWS_MAX) {
      throw tooMuch(source.place(), "The history holds more than " + ROWS_MAX + " rows.");
    }
    if (rows == minutes.length) {
      minutes = Arrays.copyOf(minutes, 2 * rows);
      payerBanks = Arrays.copyOf(payerBanks, 2 * rows);
      payeeBanks = Arrays.copyOf(payeeBanks, 2 * rows);
    }
    int at = rows % CHUNK_ROWS;
    if (at == 0) {
      chunks.add(new long[row.fields().length][CHUNK_ROWS]);
    }
    long[][] chunk = chunks.getLast();
    for (int field = 0; field < chunk.length; field++) {
      chunk[field][at] = row.fields()[field];
    }
    minutes[rows] = (int) Math.floorDiv(row.eventMillis(), (long) MINUTE_MILLIS);
    payerBanks[rows] = bank(bank, source.place());
    payeeBanks[rows] = bank(mapping.bankName(labels.payeeBank(source)), source.place());
    fraud.set(rows, Boolean.TRUE.equals(row.label()));
    String pattern = labels.pattern(source);
    if (!pattern.isEmpty()) {
      int index =
          instanceIndex.computeIfAbsent(
              pattern + "/" + labels.instance(source), unused -> instances.size());
      if (index == instances.size()) {
        instances.add(new Instance(pattern, new ArrayList<>()));
      }
      instances.get(index).rows().add(rows);
    }
    rows++;
  }

  private byte bank(String name, Place place) {
    Integer known = bankIndex.get(name);
    if (known == null) {
      if (banks.size() == LinkSpec.BANKS_MAX) {
        throw tooMuch(place, "The history holds more than " + LinkSpec.BANKS_MAX + " banks.");
      }
      known = banks.size();
      bankIndex.put(name, known);
      banks.add(name);
    }
    return known.byteValue();
  }

  private static InvalidInputException tooMuch(Place place, String message) {
    return new InvalidInputException(Code.CDT_106, place, message, "Take a part of it.");
  }

  int rows() {
    return rows;
  }

  long refused() {
    return refused;
  }

  List<String> banks() {
    return List.copyOf(banks);
  }

  List<Instance> instances() {
    return List.copyOf(instances);
  }

  boolean isFraud(int row) {
    return fraud.get(row);
  }

  int frauds() {
    return fraud.cardinality();
  }

  int minute(int row) {
    return minutes[row];
  }

  int payerBank(int row) {
    return payerBanks[row];
  }

  /** Whether a bank is a side of a payment. */
  boolean isSeenBy(int bank, int row) {
    return payerBanks[row] == bank || payeeBanks[row] == bank;
  }

  long field(int field, int row) {
    return chunks.get(row / CHUNK_ROWS)[field][row % CHUNK_ROWS];
  }

  int fields() {
    return chunks.isEmpty() ? 0 : chunks.getFirst().length;
  }

  /** The first row that isn't within some days after the first one; all rows after it are not. */
  int firstAfter(int days) {
    int row = rows;
    int end = rows == 0 ? 0 : Math.floorDiv(minutes[0], DAY_MINUTES) + days;
    while (row > 0 && Math.floorDiv(minutes[row - 1], DAY_MINUTES) >= end) {
      row--;
    }
    return row;
  }

  /** Days from the first row to the last, both counted. */
  int days() {
    return rows == 0
        ? 0
        : Math.floorDiv(minutes[rows - 1], DAY_MINUTES)
            - Math.floorDiv(minutes[0], DAY_MINUTES)
            + 1;
  }

  /** Where labels stand that the mapping doesn't know. */
  private static final class LabelColumns {
    private final int pattern;
    private final int instance;
    private final int payeeBank;

    LabelColumns(CsvRows.Row header, LiftOptions options, Problems problems) {
      this.pattern = find(header, options.patternColumn(), problems);
      this.instance = find(header, options.instanceColumn(), problems);
      this.payeeBank = find(header, options.payeeBankColumn(), problems);
    }

    private static int find(CsvRows.Row header, String name, Problems problems) {
      int index = header.cells().indexOf(name);
      if (index < 0) {
        String near = Problems.closest(name, header.cells());
        problems.add(
            Code.CDT_305,
            header.place(),
            "There is no column '" + name + "'.",
            near.isEmpty() ? "Name the history's own column." : "Did you mean '" + near + "'?");
      }
      return Math.max(index, NONE);
    }

    String pattern(CsvRows.Row row) {
      return row.cells().get(pattern).strip().replace('_', '-');
    }

    String instance(CsvRows.Row row) {
      return row.cells().get(instance);
    }

    String payeeBank(CsvRows.Row row) {
      return row.cells().get(payeeBank);
    }
  }
}
