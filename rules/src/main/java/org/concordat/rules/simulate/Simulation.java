package org.concordat.rules.simulate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.Canonical;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.oracle.LinkedOracle;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.simulate.SimulationReport.Linked;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Runs a rule set over a CSV history, shadow rules too. Streams: memory doesn't grow with the file,
 * but for what is remembered of each account.
 */
public final class Simulation {
  private static final int MINUTE_MILLIS = 60_000;
  private static final int DAY_MINUTES = 24 * 60;

  /** One wrong date doesn't end an epoch: the clock moves on by so much at most. */
  private static final int AHEAD_DAYS_MAX = (int) HistoryFeatures.AHEAD_MAX.toDays();

  /** Rows that are evaluated together. */
  static final int BATCH_ROWS = 8_192;

  private final RowEncoder encoder;
  private final HistoryFeatures history;
  private final LinkedOracle oracle;
  private final boolean links;
  private final Tally tally;
  private final long[][] columns;
  private final Boolean[] labels = new Boolean[BATCH_ROWS];
  private final LongConsumer progress;
  private final Map<String, Integer> banks = new HashMap<>();
  private final int[] bankOfRow = new int[BATCH_ROWS];
  private final int[] minutes = new int[BATCH_ROWS];
  private final long[] transactions = new long[BATCH_ROWS];
  private int day = Integer.MIN_VALUE;
  private int rows;

  private Simulation(
      RuleSet ruleSet, Map<String, long[]> models, SourceMapping mapping, LongConsumer progress) {
    this.encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    this.history = HistoryFeatures.inMemory(ruleSet.contract());
    this.oracle = new LinkedOracle(ruleSet.plan(), models, Charter.EPOCH_DAYS_DEFAULT);
    this.links = ruleSet.links().isPresent();
    this.tally = new Tally(ruleSet.plan().outputs());
    this.columns = new long[ruleSet.contract().layout().fields().size()][BATCH_ROWS];
    this.progress = progress;
  }

  /** Runs over a file, for a rule set without secret weights; else as below. */
  public static SimulationReport run(
      RuleSet ruleSet, SourceMapping mapping, Path csv, LongConsumer progress) throws IOException {
    return run(ruleSet, Map.of(), mapping, csv, progress);
  }

  /**
   * Runs over a file.
   *
   * @param models the values of the rule set's secret models, by rule
   * @param progress told the rows read so far, about every {@value #BATCH_ROWS}
   * @throws org.concordat.schemas.problem.InvalidInputException the header lacks a mapped column
   */
  public static SimulationReport run(
      RuleSet ruleSet,
      Map<String, long[]> models,
      SourceMapping mapping,
      Path csv,
      LongConsumer progress)
      throws IOException {
    try (InputStream in = Files.newInputStream(csv)) {
      return run(
          ruleSet,
          models,
          mapping,
          new InputStreamReader(in, StandardCharsets.UTF_8),
          csv.toString(),
          progress);
    }
  }

  /** Runs over a reader's text, else as above; for a rule set without secret weights. */
  public static SimulationReport run(
      RuleSet ruleSet, SourceMapping mapping, Reader csv, String source, LongConsumer progress)
      throws IOException {
    return run(ruleSet, Map.of(), mapping, csv, source, progress);
  }

  private static SimulationReport run(
      RuleSet ruleSet,
      Map<String, long[]> models,
      SourceMapping mapping,
      Reader csv,
      String source,
      LongConsumer progress)
      throws IOException {
    return new Simulation(ruleSet, models, mapping, progress).over(new BufferedReader(csv), source);
  }

  private SimulationReport over(BufferedReader reader, String source) throws IOException {
    try (var csv = new CsvRows(source, reader)) {
      CsvRows.Row header = csv.next();
      var problems = new Problems();
      if (header == null || header.problem() != null) {
        problems.add(Problem.of(Code.CDT_305, Place.of(source)));
      } else {
        encoder.bind(withoutMark(header.cells()), problems);
      }
      problems.throwIfAny();
      for (CsvRows.Row row = csv.next(); row != null; row = csv.next()) {
        take(row);
      }
    }
    evaluate();
    return tally.report(
        links ? Optional.of(new Linked(oracle.entities(), oracle.totals())) : Optional.empty());
  }

  /** Spreadsheets start a file with a byte order mark. */
  private static List<String> withoutMark(List<String> header) {
    return header.stream().map(name -> name.replace("\uFEFF", "")).toList();
  }

  private void take(CsvRows.Row row) {
    if (row.problem() != null) {
      tally.refused(row.problem().code());
      return;
    }
    var problems = new Problems();
    EncodedRow encoded = encoder.encode(row.cells(), row.place(), problems);
    if (encoded == null) {
      // A row counts once, by what is wrong with it first.
      tally.refused(problems.list().getFirst().code());
      return;
    }
    // In a file nothing grows old: it is read as if all of it were accepted at once.
    history.take(encoded, 0, true);
    if (links) {
      link(encoded, encoder.bank(row.cells()), row.place());
    }
    add(encoded.fields(), encoded.label());
  }

  /** A row is taken for committed on the day of its event, or of the latest one before it. */
  private void link(EncodedRow row, String bank, Place place) {
    int minute = (int) (row.eventMillis() / MINUTE_MILLIS);
    int of = minute / DAY_MINUTES;
    int reached = day == Integer.MIN_VALUE ? of : Math.min(of, day + AHEAD_DAYS_MAX);
    if (reached > day) {
      evaluate();
      day = reached;
    }
    if (!banks.containsKey(bank) && banks.size() == LinkSpec.BANKS_MAX) {
      throw new InvalidInputException(
          Code.CDT_106,
          place,
          "The history holds rows of more than " + LinkSpec.BANKS_MAX + " banks.",
          "Take the rows of fewer banks.");
    }
    bankOfRow[rows] = banks.computeIfAbsent(bank, unused -> banks.size());
    minutes[rows] = minute;
    byte[] name = bank.getBytes(StandardCharsets.UTF_8);
    transactions[rows] =
        ByteBuffer.wrap(Canonical.sha256("transaction", name, row.sourceKey())).getLong();
  }

  private void add(long[] fields, @Nullable Boolean label) {
    for (int field = 0; field < fields.length; field++) {
      columns[field][rows] = fields[field];
    }
    labels[rows++] = label;
    if (rows == BATCH_ROWS) {
      evaluate();
    }
  }

  private void evaluate() {
    if (rows > 0) {
      Oracle.Result result =
          oracle.evaluate(
              columns,
              Arrays.copyOf(bankOfRow, rows),
              Arrays.copyOf(minutes, rows),
              Arrays.copyOf(transactions, rows),
              day);
      BitSet[] flags = new BitSet[tally.outputs()];
      for (int output = 0; output < flags.length; output++) {
        flags[output] = result.flaggedRows(output);
      }
      tally.add(flags, labels, rows);
      rows = 0;
    }
    progress.accept(tally.rowsRead());
  }
}
