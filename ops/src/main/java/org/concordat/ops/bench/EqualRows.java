package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** {@link UniformRows} for every bank, which come as often at each. */
final class EqualRows implements BenchRows {
  private static final int CHUNK_ROWS = 1_000;

  private final Map<String, UniformRows> files;

  private EqualRows(Map<String, UniformRows> files) {
    this.files = files;
  }

  static EqualRows create(Path folder, List<String> banks, String file) throws IOException {
    Map<String, UniformRows> files = new LinkedHashMap<>();
    for (String bank : banks) {
      files.put(bank, UniformRows.create(folder.resolve(bank).resolve(file), files.size() + 1));
    }
    return new EqualRows(files);
  }

  @Override
  public void writeUpTo(long rows) throws IOException {
    // Not as many in each: a bank that was kept ahead of others would wait for them.
    long each = Math.ceilDiv(Math.max(0, rows - written()), files.size());
    for (UniformRows file : files.values()) {
      file.write((int) each);
    }
  }

  @Override
  public void keepAhead(ToLongFunction<String> scored, int unscored) throws IOException {
    for (Map.Entry<String, UniformRows> file : files.entrySet()) {
      long wanted = scored.applyAsLong(file.getKey()) + unscored;
      while (file.getValue().written() < wanted) {
        file.getValue().write(CHUNK_ROWS);
      }
    }
  }

  @Override
  public long written(String bank) {
    return Objects.requireNonNull(files.get(bank)).written();
  }

  @Override
  public long written() {
    return files.values().stream().mapToLong(UniformRows::written).sum();
  }

  @Override
  public double share(String bank) {
    return 1.0 / files.size();
  }

  @Override
  public void close() throws IOException {
    for (UniformRows file : files.values()) {
      file.close();
    }
  }
}
