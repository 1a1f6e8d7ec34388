package org.concordat.ops.demo;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/** Splits one file with several banks' payments into a file for each bank. */
final class PaymentFiles {
  private PaymentFiles() {}

  /** The columns of a CSV file. */
  static List<String> header(Path file) throws IOException {
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        var parser = CSVParser.parse(reader, CSVFormat.RFC4180)) {
      for (CSVRecord record : parser) {
        return record.toList();
      }
    }
    throw new InvalidInputException(
        Code.CDT_305, Place.of(file.toString()), Code.CDT_305.cause(), Code.CDT_305.fix());
  }

  /**
   * Refuses a file that lacks columns which the mapping reads, and shows a mapping to start from.
   */
  static void requireColumns(
      Path file, List<String> header, SourceMapping mapping, FeatureContract contract) {
    List<String> missing =
        mapping.columnNames().stream().filter(column -> !header.contains(column)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          Code.CDT_303,
          Place.of(file.toString()),
          "The file has no column " + String.join(", ", missing) + ".",
          "Give --mapping a file of this kind:\n\n" + SourceMapping.template(contract, header));
    }
  }

  /** The names of the banks that a file holds rows of, with their row counts, in order. */
  static Map<String, Long> banks(Path file, SourceMapping mapping, long rowsMax)
      throws IOException {
    Map<String, Long> rows = new TreeMap<>();
    read(file, mapping, rowsMax, (bank, record) -> rows.merge(bank, 1L, Long::sum), header -> {});
    return rows;
  }

  /** Writes each bank's rows, in their order, to its own file. */
  static void split(Path file, SourceMapping mapping, long rowsMax, Map<String, Path> targets)
      throws IOException {
    Map<String, CSVPrinter> printers = new LinkedHashMap<>();
    List<Writer> writers = new ArrayList<>();
    try {
      for (var target : targets.entrySet()) {
        Writer writer = Files.newBufferedWriter(target.getValue(), StandardCharsets.UTF_8);
        writers.add(writer);
        printers.put(target.getKey(), new CSVPrinter(writer, CSVFormat.RFC4180));
      }
      read(
          file,
          mapping,
          rowsMax,
          (bank, record) ->
              java.util.Objects.requireNonNull(printers.get(bank)).printRecord(record),
          header -> {
            for (CSVPrinter printer : printers.values()) {
              printer.printRecord(header);
            }
          });
    } finally {
      for (Writer writer : writers) {
        writer.close();
      }
    }
  }

  private interface RowTaker {
    void take(String bank, CSVRecord record) throws IOException;
  }

  private interface HeaderTaker {
    void take(List<String> header) throws IOException;
  }

  private static void read(
      Path file, SourceMapping mapping, long rowsMax, RowTaker rows, HeaderTaker header)
      throws IOException {
    String column =
        mapping
            .bankColumn()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        Code.CDT_104,
                        Place.of(file.toString()),
                        "The mapping doesn't say which column names the submitting bank.",
                        "Add 'bank: {column: NAME}' to it."));
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        var parser = CSVParser.parse(reader, CSVFormat.RFC4180)) {
      int at = -1;
      long taken = 0;
      for (CSVRecord record : parser) {
        if (at < 0) {
          at = record.toList().indexOf(column);
          header.take(record.toList());
          if (at < 0) {
            throw new InvalidInputException(
                Code.CDT_303,
                Place.of(file.toString()),
                "The file has no column '" + column + "'.",
                "Name the column of the submitting bank in the mapping.");
          }
        } else if (taken++ < rowsMax) {
          if (record.size() <= at) {
            throw new InvalidInputException(
                Code.CDT_303,
                new Place(file.toString(), (int) parser.getCurrentLineNumber(), 0),
                "The row ends before the column '" + column + "'.",
                Code.CDT_303.fix());
          }
          rows.take(mapping.bankName(record.get(at)), record);
        }
      }
    }
  }
}
