package org.concordat.rules.feature;

import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** The {@code format} key at the head of every file of a rule set. */
public final class FileFormat {
  /** The one that this release reads. */
  public static final int CURRENT = 1;

  private FileFormat() {}

  /** Whether the file's format is known; if not, the rest of it is not worth reading. */
  public static boolean isKnown(Document document) {
    if (!document.isMapping()) {
      document.add(
          Code.CDT_105, "A mapping with keys is expected here.", "Start with 'format: 1'.");
      return false;
    }
    Document format = document.get("format");
    if (!format.isPresent()) {
      return false;
    }
    if (!format.text().equals(Integer.toString(CURRENT))) {
      format.add(
          Code.CDT_203,
          "The format '" + format.text() + "' is not known here.",
          "Write 'format: " + CURRENT + "', or use a release that knows it.");
      return false;
    }
    return true;
  }
}
