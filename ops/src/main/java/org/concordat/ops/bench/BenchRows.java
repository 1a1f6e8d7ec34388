package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.RuleSet;

/** The files that the banks' agents read; they grow as the benchmark goes on. */
interface BenchRows extends AutoCloseable {
  /**
   * Creates the file of each bank, with its header.
   *
   * @param payments to simulate where the rule set links them; else rows never end
   */
  static BenchRows create(Consortium consortium, Path rules, String file, long payments)
      throws IOException {
    return create(consortium, rules, file, payments, NetworkRows.ACCOUNTS);
  }

  /**
   * As above.
   *
   * @param accounts among which simulated payments are made
   */
  static BenchRows create(
      Consortium consortium, Path rules, String file, long payments, int accounts)
      throws IOException {
    return RuleSet.load(rules).plan().link().isPresent()
        ? NetworkRows.create(consortium.folder(), consortium.banks(), file, payments, accounts)
        : EqualRows.create(consortium.folder(), consortium.banks(), file);
  }

  /** Appends rows until all files together have so many, visible to readers when it returns. */
  void writeUpTo(long rows) throws IOException;

  /**
   * Appends rows so that no bank waits for them.
   *
   * @param scored by bank
   * @param unscored that a bank has at most
   */
  void keepAhead(ToLongFunction<String> scored, int unscored) throws IOException;

  long written(String bank);

  /** Of all banks. */
  long written();

  /** What part of the rows a bank has. */
  double share(String bank);

  @Override
  void close() throws IOException;
}
