package org.concordat.ops.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.ops.simulate.network.NetworkSimulator;

/**
 * The payments of one bank among those of {@link #ACCOUNTS} accounts at all banks, for rule sets
 * that link payments. All are simulated before the benchmark begins.
 */
final class NetworkRows implements BenchRows {
  static final int ACCOUNTS = 100_000;

  private static final int DAYS = 150;
  private static final int SEED = 1;

  /** What is simulated ahead for each second of a phase without a rate. */
  private static final long ROWS_PER_SECOND_MAX = 8_000;

  private static final long EXTRA_SECONDS = 60;
  private static final int BANK_COLUMN = NetworkSimulator.COLUMNS.indexOf("bank");

  private final BufferedReader simulated;
  private final BufferedWriter out;
  private long written;

  private NetworkRows(BufferedReader simulated, BufferedWriter out) throws IOException {
    this.simulated = simulated;
    this.out = out;
    out.append(String.join(",", NetworkSimulator.COLUMNS)).append('\n').flush();
  }

  /** Payments that phases of some seconds can't use up. */
  static long enoughFor(long seconds, int ratePerSecond) {
    return (seconds + EXTRA_SECONDS) * Math.max(ROWS_PER_SECOND_MAX, 2L * ratePerSecond);
  }

  /** Simulates payments and creates each bank's file with its header. */
  static Map<String, BenchRows> create(Path folder, List<String> banks, String file, long payments)
      throws IOException {
    Map<String, BufferedWriter> writers = new LinkedHashMap<>();
    for (String bank : banks) {
      writers.put(bank, Files.newBufferedWriter(simulated(folder, bank)));
    }
    new NetworkSimulator(SEED, banks.size(), ACCOUNTS, DAYS, payments).write(new ByBank(writers));
    Map<String, BenchRows> rows = new LinkedHashMap<>();
    for (Map.Entry<String, BufferedWriter> writer : writers.entrySet()) {
      String bank = writer.getKey();
      writer.getValue().close();
      BufferedReader reader = Files.newBufferedReader(simulated(folder, bank));
      Path target = folder.resolve(bank).resolve(file);
      rows.put(
          bank,
          new NetworkRows(reader, Files.newBufferedWriter(target, StandardCharsets.US_ASCII)));
    }
    return rows;
  }

  private static Path simulated(Path folder, String bank) {
    return folder.resolve(bank).resolve("simulated.csv");
  }

  /** Gives each line to its bank; the simulator appends whole lines, in pieces. */
  private static final class ByBank implements Appendable {
    private final Map<String, BufferedWriter> writers;
    private final StringBuilder line = new StringBuilder();

    ByBank(Map<String, BufferedWriter> writers) {
      this.writers = writers;
    }

    @Override
    public Appendable append(CharSequence text) throws IOException {
      return append(text, 0, text.length());
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      for (int i = start; i < end; i++) {
        append(text.charAt(i));
      }
      return this;
    }

    @Override
    public Appendable append(char c) throws IOException {
      line.append(c);
      if (c == '\n') {
        BufferedWriter writer = writers.get(line.toString().split(",", -1)[BANK_COLUMN]);
        // The columns' names are nobody's.
        if (writer != null) {
          writer.append(line);
        }
        line.setLength(0);
      }
      return this;
    }
  }

  @Override
  public void write(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String line = simulated.readLine();
      if (line == null) {
        throw new EOFException("all simulated payments of a bank are scored; take fewer seconds");
      }
      out.append(line).append('\n');
      written++;
    }
    out.flush();
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public void close() throws IOException {
    simulated.close();
    out.close();
  }
}
