package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Path;

/** What the baseline's processes run; each ends with its process. */
public final class PlainRole {
  private PlainRole() {}

  /**
   * A bank of a consortium's folder.
   *
   * @param alerts the file to deliver to
   */
  public static void bank(Path folder, String name, Path alerts) throws IOException {
    PlainBank.run(folder, name, alerts);
  }

  /** The scorer of a consortium's folder. */
  public static void scorer(Path folder) {
    PlainScorer.run(folder);
  }
}
