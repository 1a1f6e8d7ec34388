package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.RuleSet;

/** The file that a bank's agent reads; it grows as the benchmark goes on. */
interface BenchRows extends AutoCloseable {
  /**
   * Creates the file of each bank, with its header.
   *
   * @param payments to simulate where the rule set links them; else rows never end
   */
  static Map<String, BenchRows> ofBanks(
      Consortium consortium, Path rules, String file, long payments) throws IOException {
    if (RuleSet.load(rules).plan().link().isPresent()) {
      return NetworkRows.create(consortium.folder(), consortium.banks(), file, payments);
    }
    Map<String, BenchRows> files = new LinkedHashMap<>();
    for (String bank : consortium.banks()) {
      Path path = consortium.folder().resolve(bank).resolve(file);
      files.put(bank, UniformRows.create(path, files.size() + 1));
    }
    return files;
  }

  /** Appends rows, visible to readers when it returns. */
  void write(int count) throws IOException;

  long written();

  @Override
  void close() throws IOException;
}
