package org.concordat.ops.check;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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
  /**
   * Rows that nobody took.
   *
   * @param repeats that say what a row says that somebody took
   * @param lost all others
   */
  record Left(long repeats, long lost) {}

  /** How often the input has a row, and how often nobody took it. */
  private static final class Copies {
    private long left;
    private long all;
  }

  private final RuleSet ruleSet;
  private final List<AgentConfig.Csv> all;
  private final Iterator<AgentConfig.Csv> files;
  private final Map<String, Deque<EncodedRow>> passedOver = new HashMap<>();
  private Reader reader = Reader.nullReader();
  private Iterator<CSVRecord> records = Collections.emptyIterator();
  private @Nullable RowEncoder encoder;
  private long rows;
  private long encoded;
  private long taken;

  /**
   * @param files in the order in which the agent read them
   */
  BankHistory(RuleSet ruleSet, List<AgentConfig.Csv> files) {
    this.ruleSet = ruleSet;
    this.all = List.copyOf(files);
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
      taken++;
      return row;
    }
    while (hasNext()) {
      EncodedRow row = next();
      if (row != null && row.reference().equals(reference)) {
        taken++;
        return row;
      }
      if (row != null) {
        passOver(row);
      }
    }
    return null;
  }

  private void passOver(EncodedRow row) {
    passedOver.computeIfAbsent(row.reference(), r -> new ArrayDeque<>()).add(row);
  }

  /**
   * Reads to the end, and judges what nobody took by the input alone.
   *
   * @param repeatsMax of more rows it doesn't look which say something new: those beyond are lost
   */
  Left left(long repeatsMax) throws IOException {
    while (hasNext()) {
      EncodedRow row = next();
      if (row != null && encoded - taken <= repeatsMax) {
        passOver(row);
      }
    }
    long left = encoded - taken;
    if (left > repeatsMax) {
      return new Left(repeatsMax, left - repeatsMax);
    }
    Map<ByteBuffer, Copies> copies = new HashMap<>();
    passedOver.values().stream()
        .flatMap(Deque::stream)
        .forEach(row -> copies.computeIfAbsent(identity(row), r -> new Copies()).left++);
    if (copies.isEmpty()) {
      return new Left(0, 0);
    }
    try (var again = new BankHistory(ruleSet, all)) {
      again.count(copies);
    }
    long lost = copies.values().stream().filter(row -> row.left == row.all).count();
    return new Left(left - lost, lost);
  }

  private void count(Map<ByteBuffer, Copies> copies) {
    while (hasNext()) {
      EncodedRow row = next();
      Copies of = row == null ? null : copies.get(identity(row));
      if (of != null) {
        of.all++;
      }
    }
  }

  /** What makes a row the same one when it comes again; its history isn't filled in yet. */
  private static ByteBuffer identity(EncodedRow row) {
    byte[][] parts = {row.sourceKey(), row.account(), row.beneficiary()};
    int bytes = Long.BYTES * (1 + row.fields().length);
    for (byte[] part : parts) {
      bytes += Integer.BYTES + part.length;
    }
    ByteBuffer identity = ByteBuffer.allocate(bytes).putLong(row.eventMillis());
    for (byte[] part : parts) {
      identity.putInt(part.length).put(part);
    }
    for (long field : row.fields()) {
      identity.putLong(field);
    }
    return identity.flip();
  }

  /** All rows that were read, those that nobody could encode too. */
  long rows() {
    return rows;
  }

  private @Nullable EncodedRow next() {
    List<String> cells = records.next().toList();
    rows++;
    RowEncoder bound = Objects.requireNonNull(encoder);
    EncodedRow row = bound.encode(new ArrayList<>(cells), Place.of("input"), new Problems());
    if (row != null) {
      encoded++;
    }
    return row;
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
