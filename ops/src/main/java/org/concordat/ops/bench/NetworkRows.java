package org.concordat.ops.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.concordat.ops.simulate.network.NetworkSimulator;

/**
 * Payments among accounts at all banks, for rule sets that link payments. They are simulated before
 * the benchmark begins, and come to the banks in the order in which they were booked: banks differ
 * in size, and no bank's clock runs ahead.
 */
final class NetworkRows implements BenchRows {
  /** Where nobody asks for another number. */
  static final int ACCOUNTS = 100_000;

  private static final int DAYS = 30;
  private static final int SEED = 1;

  /** What is simulated ahead for each second of a phase without a rate. */
  private static final long ROWS_PER_SECOND_MAX = 8_000;

  private static final long EXTRA_SECONDS = 60;
  private static final int CHUNK_ROWS = 1_000;

  /** Of these the first rows tell which part each bank has. */
  private static final int SHARE_ROWS = 100_000;

  private static final int BANK_COLUMN = NetworkSimulator.COLUMNS.indexOf("bank");

  private final BufferedReader simulated;
  private final Map<String, BufferedWriter> files = new LinkedHashMap<>();
  private final Map<String, Long> written = new HashMap<>();
  private final Map<String, Double> shares;
  private long all;

  private NetworkRows(BufferedReader simulated, Map<String, Double> shares) {
    this.simulated = simulated;
    this.shares = shares;
  }

  /** Payments that phases of some seconds don't use up. */
  static long enoughFor(long seconds, int ratePerSecond) {
    return (seconds + EXTRA_SECONDS) * Math.max(ROWS_PER_SECOND_MAX, 2L * ratePerSecond);
  }

  /** Simulates payments and creates each bank's file with its header. */
  static NetworkRows create(
      Path folder, List<String> banks, String file, long payments, int accounts)
      throws IOException {
    Path source = folder.resolve("simulated.csv");
    try (BufferedWriter writer = Files.newBufferedWriter(source)) {
      new NetworkSimulator(SEED, banks.size(), accounts, DAYS, payments).write(writer);
    }
    BufferedReader reader = Files.newBufferedReader(source);
    String header = reader.readLine();
    var rows = new NetworkRows(reader, shares(source));
    for (String bank : banks) {
      BufferedWriter writer =
          Files.newBufferedWriter(folder.resolve(bank).resolve(file), StandardCharsets.US_ASCII);
      writer.append(header).append('\n').flush();
      rows.files.put(bank, writer);
    }
    return rows;
  }

  private static Map<String, Double> shares(Path source) throws IOException {
    Map<String, Double> shares = new HashMap<>();
    List<String> banks;
    try (var lines = Files.lines(source)) {
      banks = lines.skip(1).limit(SHARE_ROWS).map(NetworkRows::bank).toList();
    }
    banks.forEach(bank -> shares.merge(bank, 1.0 / banks.size(), Double::sum));
    return shares;
  }

  private static String bank(String line) {
    return line.split(",", BANK_COLUMN + 2)[BANK_COLUMN];
  }

  @Override
  public void writeUpTo(long rows) throws IOException {
    while (all < rows) {
      String line = simulated.readLine();
      if (line == null) {
        throw new EOFException("all simulated payments are scored; take fewer seconds");
      }
      String bank = bank(line);
      Objects.requireNonNull(files.get(bank)).append(line).append('\n');
      written.merge(bank, 1L, Long::sum);
      all++;
    }
    for (BufferedWriter file : files.values()) {
      file.flush();
    }
  }

  @Override
  public void keepAhead(ToLongFunction<String> scored, int unscored) throws IOException {
    long wanted = (long) unscored * files.size();
    for (String bank : files.keySet()) {
      wanted += scored.applyAsLong(bank);
    }
    while (all < wanted) {
      writeUpTo(all + CHUNK_ROWS);
    }
  }

  @Override
  public long written(String bank) {
    return written.getOrDefault(bank, 0L);
  }

  @Override
  public long written() {
    return all;
  }

  @Override
  public double share(String bank) {
    return shares.getOrDefault(bank, 0.0);
  }

  @Override
  public void close() throws IOException {
    simulated.close();
    for (BufferedWriter file : files.values()) {
      file.close();
    }
  }
}
