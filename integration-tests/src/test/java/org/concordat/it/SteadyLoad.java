package org.concordat.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;

/**
 * A test consortium whose simulated payments come at one rate for as long as a test takes for its
 * steps: load until the last of them, and little to wait for then. Agents follow files that grow at
 * the rate at which they read.
 */
final class SteadyLoad implements AutoCloseable {
  private static final long TURN_MILLIS = 100;
  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

  /** So far files are ahead of agents, which read as evenly as their rate is then. */
  private static final long AHEAD_NANOS = 2 * SECOND_NANOS;

  /** So long nothing has moved when all is complete: as in the demo. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Consortium consortium;
  private final List<Source> sources;
  private CompletableFuture<Long> paid = CompletableFuture.completedFuture(0L);
  private volatile boolean over;

  private SteadyLoad(Consortium consortium, List<Source> sources) {
    this.consortium = consortium;
    this.sources = sources;
  }

  /** One bank's payments: those that have come are in its file, the rest in another. */
  private static final class Source {
    private final Path file;
    private final BufferedReader rest;
    private final long ratePerSecond;
    private long written;

    Source(Path bank, long ratePerSecond) throws IOException {
      this.file = bank.resolve("payments.csv");
      this.ratePerSecond = ratePerSecond;
      Path later = bank.resolve("later.csv");
      Files.move(file, later);
      this.rest = Files.newBufferedReader(later);
      Files.writeString(file, rest.readLine() + "\n");
    }

    /** Lets those come that are due after so long. */
    void write(long nanos) throws IOException {
      long due = ratePerSecond * nanos / SECOND_NANOS;
      var lines = new StringBuilder();
      for (; written < due; written++) {
        String line = rest.readLine();
        if (line == null) {
          throw new AssertionError("The payments were over before the test's last step: " + file);
        }
        lines.append(line).append('\n');
      }
      Files.writeString(file, lines, StandardOpenOption.APPEND);
    }
  }

  /**
   * Starts nothing.
   *
   * @param rate of all banks together, a second; they share it by their payments
   * @param seconds for which there are payments: a test whose steps take longer fails
   */
  static SteadyLoad create(Path folder, int banks, int partitions, int rate, int seconds)
      throws Exception {
    long all = (long) rate * seconds;
    int flags = ConsortiumPlan.FLAGS_PER_BANK_AND_DAY;
    Consortium consortium = Runs.simulated(folder, banks, all, 0, partitions, flags);
    Path mapping = ShippedRules.folder("payments").resolve("mapping.yaml");
    List<Source> sources = new ArrayList<>();
    for (String bank : consortium.banks()) {
      Path own = folder.resolve(bank);
      // The first bank has most of them, and would be the only one after a while at equal rates.
      int ofBank = (int) Math.ceilDiv(rate * Runs.payments(consortium, bank), all);
      Path file = Path.of("payments.csv");
      // What comes while an agent is down it reads at once when it is back: the file has the rate.
      consortium.configureAgent(bank, new AgentInput(file, true, 0, mapping));
      Runs.awaitAllShares(own.resolve("agent.yaml"));
      sources.add(new Source(own, ofBank));
    }
    return new SteadyLoad(consortium, sources);
  }

  Consortium consortium() {
    return consortium;
  }

  /** Starts the agents, to whose banks payments come from now on. */
  void startAgents() throws IOException {
    paid = CompletableFuture.supplyAsync(this::pay, task -> Thread.ofVirtual().start(task));
    consortium.startAgents();
  }

  /** Lets payments come until it is over, and gives how many have come then. */
  private long pay() {
    long begun = System.nanoTime();
    try {
      while (!over) {
        long nanos = AHEAD_NANOS + System.nanoTime() - begun;
        for (Source source : sources) {
          source.write(nanos);
        }
        Thread.sleep(TURN_MILLIS);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return sources.stream().mapToLong(source -> source.written).sum();
  }

  /** Lets no more payments come; for some seconds agents still read those that have. */
  void end() {
    over = true;
  }

  /**
   * Ends, and waits until all that came are scored and no alert is on its way. Gives how many came.
   *
   * @throws LossStays.Loss some aren't scored, and nothing has moved for minutes
   */
  long settle() throws InterruptedException {
    end();
    long all = paid.join();
    Predicate<Progress> complete = now -> isComplete(now, all);
    if (!Progress.awaitRest(consortium, QUIET, consortium::requireAlive, complete)) {
      throw new LossStays.Loss("%d came: %s".formatted(all, Progress.of(consortium)));
    }
    return all;
  }

  private boolean isComplete(Progress now, long all) {
    return now.scored() >= all && now.lagSeconds() == 0 && Progress.alertsPending(consortium) == 0;
  }

  /** Settles, and holds everything that came against the oracle. */
  CheckReport requireOracles() throws Exception {
    long all = settle();
    CheckReport report = Runs.checked(consortium.folder());
    Runs.requireOracles(report, all);
    return report;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    end();
    try {
      // How it ended is told where all payments are waited for.
      paid.exceptionally(failure -> 0L).join();
      for (Source source : sources) {
        source.rest.close();
      }
    } finally {
      consortium.close();
    }
  }
}
