package org.concordat.ops.check;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.concordat.agent.config.AgentConfig;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * A bank's input, read again from its plaintext by code of this check's own. It is read no farther
 * than rows are asked for, and keeps those that were passed over: an agent scores rows nearly in
 * the order of its files, which may hold more than memory does.
 */
final class BankHistory implements AutoCloseable {
  private final RuleSet ruleSet;
  private final Iterator<AgentConfig.Csv> files;
  private final Map<String, Deque<EncodedRow>> passedOver = new HashMap<>();
  private Reader reader = Reader.nullReader();
  private Iterator<CSVRecord> records = Collections.emptyIterator();
  private @Nullable RowEncoder encoder;
  private long rows;

  /**
   * @param files in the order in which the agent read them
   */
  BankHistory(RuleSet ruleSet, List<AgentConfig.Csv> files) {
    this.ruleSet = ruleSet;
    this.files = files.iterator();
  }

  /**
   * Takes the next row of a reference, without the features of its history; null if the input has
   * no such row.
   */
  @Nullable EncodedRow take(String reference) {
    Deque<EncodedRow> earlier = passedOver.get(reference);
    if (earlier != null) {
      EncodedRow row = earlier.poll();
      if (earlier.isEmpty()) {
        passedOver.remove(reference);
      }
      return row;
    }
    while (hasNext()) {
      EncodedRow row = next();
      if (row != null && row.reference().equals(reference)) {
        return row;
      }
      if (row != null) {
        passedOver.computeIfAbsent(row.reference(), r -> new ArrayDeque<>()).add(row);
      }
    }
    return null;
  }

  /** Reads what is left; all rows that the input has, those that nobody could encode too. */
  long countAll() {
    while (hasNext()) {
      records.next();
      rows++;
    }
    return rows;
  }

  private @Nullable EncodedRow next() {
    List<String> cells = records.next().toList();
    rows++;
    RowEncoder bound = Objects.requireNonNull(encoder);
    return bound.encode(new ArrayList<>(cells), Place.of("input"), new Problems());
  }

  /** Goes on with the next file where one is at its end. */
  private boolean hasNext() {
    while (!records.hasNext() && files.hasNext()) {
      open(files.next());
    }
    return records.hasNext();
  }

  private void open(AgentConfig.Csv file) {
    try {
      reader.close();
      reader = Files.newBufferedReader(file.file(), StandardCharsets.UTF_8);
      records = CSVParser.parse(reader, CSVFormat.RFC4180).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), file.mapping());
    if (records.hasNext()) {
      var problems = new Problems();
      encoder.bind(new ArrayList<>(records.next().toList()), problems);
      problems.throwIfAny();
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
