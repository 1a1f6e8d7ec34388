package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A loss that a test has found stays found. The build tries a test that fails once more, since a
 * dozen processes on two processors are too slow now and then; a row or an alert that is lost in
 * one of two tries would pass as that, and so would a process that ends by itself. So the first try
 * leaves what it found in a file, and the second fails with it at once.
 */
final class LossStays implements BeforeEachCallback, TestExecutionExceptionHandler {
  /** Where no build says which one it is, nothing is tried again by another process. */
  private static final String THIS_PROCESS = Long.toString(ProcessHandle.current().pid());

  private final Path folder;

  LossStays() {
    // What an earlier build found says nothing of this one.
    this(
        Path.of(
            "target/losses",
            System.getProperty("concordat.build", THIS_PROCESS).replaceAll("\\W", "-")));
  }

  LossStays(Path folder) {
    this.folder = folder;
  }

  /** Rows or alerts aren't the oracle's, or it is what {@link ChaosLosses} tells of. */
  static final class Loss extends AssertionError {
    private static final long serialVersionUID = 1L;

    Loss(String found) {
      super(found);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    requireNone(nameOf(context));
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    keep(nameOf(context), thrown);
    throw thrown;
  }

  private static String nameOf(ExtensionContext context) {
    return context.getRequiredTestClass().getSimpleName()
        + "."
        + context.getRequiredTestMethod().getName();
  }

  /**
   * Lets a test begin that has lost nothing yet.
   *
   * @throws Loss what an earlier try found
   */
  void requireNone(String test) throws IOException {
    Path found = folder.resolve(test);
    if (Files.exists(found)) {
      throw new Loss("An earlier try found: " + Files.readString(found));
    }
  }

  /** Leaves what ended a try for the next one, if that is a loss. */
  void keep(String test, Throwable thrown) throws IOException {
    Throwable at = thrown;
    while (at != null && !(at instanceof Loss)) {
      at = at.getCause();
    }
    if (at != null) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(test), at.toString());
    }
  }
}
