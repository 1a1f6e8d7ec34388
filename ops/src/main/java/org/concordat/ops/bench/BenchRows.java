package org.concordat.ops.bench;

import java.io.IOException;

/** The file that a bank's agent reads; it grows as the benchmark goes on. */
interface BenchRows extends AutoCloseable {
  /** Appends rows, visible to readers when it returns. */
  void write(int count) throws IOException;

  long written();

  @Override
  void close() throws IOException;
}
