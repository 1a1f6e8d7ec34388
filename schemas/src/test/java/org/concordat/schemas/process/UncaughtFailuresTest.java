package org.concordat.schemas.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process doesn't outlive a thread of its own that has failed, and tells no data of it. */
class UncaughtFailuresTest {
  private static final String SECRET = "amount 4711";

  /** A process one of whose threads fails, while another would wait for ever. */
  static final class Failing {
    private Failing() {}

    public static void main(String[] args) throws InterruptedException {
      UncaughtFailures.endProcess(() -> false);
      Thread.ofVirtual().start(UncaughtFailuresTest::fail);
      new CountDownLatch(1).await();
    }
  }

  private static void fail() {
    throw new IllegalStateException(SECRET, new ArithmeticException(SECRET));
  }

  private static String printed(Throwable failure) {
    var text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static List<Integer> statuses(boolean stopping) throws InterruptedException {
    List<Integer> statuses = new ArrayList<>();
    Thread thread =
        Thread.ofPlatform()
            .uncaughtExceptionHandler(new UncaughtFailures(() -> stopping, statuses::add))
            .start(UncaughtFailuresTest::fail);
    thread.join();
    return statuses;
  }

  @Test
  void theProcessIsHaltedWithAStatusThatIsStartedAgain() throws Exception {
    assertThat(statuses(false)).containsExactly(1);
  }

  @Test
  void aProcessThatStopsIsLeftToIt() throws Exception {
    assertThat(statuses(true)).isEmpty();
  }

  @Test
  void anOutlineHasClassesAndPlacesAndNoMessage() {
    var failure = new IllegalStateException(SECRET, new ArithmeticException(SECRET));
    failure.addSuppressed(new RuntimeException(SECRET));
    assertThat(printed(Outline.of(failure)))
        .contains(
            "java.lang.IllegalStateException",
            "java.lang.ArithmeticException",
            "UncaughtFailuresTest.anOutlineHasClassesAndPlacesAndNoMessage")
        .doesNotContain(SECRET);
  }

  @Test
  void causesInACircleHaveAnEnd() {
    var one = new IllegalStateException();
    var other = new ArithmeticException();
    one.initCause(other);
    other.initCause(one);
    int causes = 0;
    for (Throwable at = Outline.of(one); at.getCause() != null; at = at.getCause()) {
      causes++;
    }
    assertThat(causes).isEqualTo(Outline.CAUSES_MAX);
  }

  @Test
  void aRealProcessEnds(@TempDir Path folder) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Failing.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(UncaughtFailures.STATUS);
    assertThat(Files.readString(output)).doesNotContain(SECRET);
  }
}
