package org.concordat.ops.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * The demo: a consortium of separate processes, payments in, alerts out, and a check of every alert
 * and every row at the end. Leaves nothing behind.
 */
public final class Demo {
  private static final int CHECK_MEGABYTES = 2_048;
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final Duration REFRESH = Duration.ofMillis(500);
  private static final Duration STALLED = Duration.ofMinutes(3);

  private final DemoOptions options;
  private final PrintWriter out;
  private final LiveView view;

  /**
   * @param columns of the terminal that {@code out} writes to
   */
  public Demo(DemoOptions options, PrintWriter out, int columns) {
    this.options = options;
    this.out = out;
    this.view = new LiveView(out, columns, options.json());
  }

  /** Runs it all; the exit status of the check. */
  public int run() throws IOException, InterruptedException {
    Path lockFile =
        Path.of(System.getProperty("java.io.tmpdir"))
            .resolve("concordat-demo-" + System.getProperty("user.name") + ".lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new InvalidInputException(
            Code.CDT_803, Place.of(lockFile.toString()), Code.CDT_803.cause(), Code.CDT_803.fix());
      }
      try {
        return locked(lockFile);
      } finally {
        Files.deleteIfExists(lockFile);
      }
    }
  }

  private int locked(Path lockFile) throws IOException, InterruptedException {
    Path folder =
        options.folder().isPresent()
            ? options.folder().get()
            : Files.createTempDirectory("concordat-demo-");
    boolean keep = options.folder().isPresent();
    var ended = new AtomicBoolean();
    var running = new AtomicReference<@Nullable Consortium>();
    Thread hook =
        new Thread(
            () -> {
              if (ended.compareAndSet(false, true)) {
                Consortium started = running.get();
                if (started != null) {
                  stopAll(started);
                }
                cleanUp(folder, keep);
                try {
                  Files.deleteIfExists(lockFile);
                } catch (IOException e) {
                  System.err.println("concordat: can't remove " + lockFile);
                }
              }
            },
            "demo-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try (Consortium consortium = prepare(folder)) {
      running.set(consortium);
      return play(consortium);
    } finally {
      if (ended.compareAndSet(false, true)) {
        cleanUp(folder, keep);
      } else {
        // The program is being ended and the hook cleans up: what fails here meanwhile is no news.
        Thread.currentThread().join();
      }
    }
  }

  static void stopAll(Consortium consortium) {
    for (Role role : consortium.roles().reversed()) {
      try {
        role.stop();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private Consortium prepare(Path folder) throws IOException {
    var problems = new Problems();
    RuleSet ruleSet = RuleSet.load(options.rules());
    Document document = Document.read(options.mapping(), problems);
    SourceMapping mapping = SourceMapping.read(document);
    document.finish();
    problems.throwIfAny();
    Path mappingFile = options.mapping().toAbsolutePath();
    if (options.payments().isEmpty()) {
      List<String> banks = ConsortiumFolder.bankNames(options.banks());
      Consortium consortium =
          Consortium.create(folder, banks, options.partitions(), options.rules());
      PaymentSimulator.writeFiles(
          options.seed(),
          banks.size(),
          options.transactions(),
          bank -> folder.resolve(bank).resolve("payments.csv"));
      configure(consortium, mappingFile);
      return consortium;
    }
    Path payments = options.payments().get();
    PaymentFiles.requireColumns(
        payments, PaymentFiles.header(payments), mapping, ruleSet.contract());
    Map<String, Long> rows = PaymentFiles.banks(payments, mapping, options.transactions());
    Consortium consortium =
        Consortium.create(
            folder, List.copyOf(rows.keySet()), options.partitions(), options.rules());
    Map<String, Path> targets = new LinkedHashMap<>();
    consortium
        .banks()
        .forEach(bank -> targets.put(bank, folder.resolve(bank).resolve("payments.csv")));
    PaymentFiles.split(payments, mapping, options.transactions(), targets);
    configure(consortium, mappingFile);
    return consortium;
  }

  private void configure(Consortium consortium, Path mapping) throws IOException {
    int perBank = Math.ceilDiv(options.ratePerSecond(), consortium.banks().size());
    for (String bank : consortium.banks()) {
      consortium.configureAgent(
          bank,
          new AgentInput(
              Path.of("payments.csv"), false, options.ratePerSecond() == 0 ? 0 : perBank, mapping));
    }
  }

  private int play(Consortium consortium) throws IOException, InterruptedException {
    view.say("Starting a broker, three aggregators and " + consortium.banks().size() + " agents.");
    consortium.startBroker();
    consortium.startAggregators(options.workers());
    consortium.startAgents();
    var alerts = new DeliveredAlerts(consortium.folder());
    follow(consortium, alerts);
    view.say("Checking every alert against a plaintext evaluation.");
    consortium.stop(consortium.banks());
    return check(consortium, alerts);
  }

  /** Watches until every row is scored and every alert delivered. */
  private void follow(Consortium consortium, DeliveredAlerts alerts)
      throws IOException, InterruptedException {
    long quietSince = System.nanoTime();
    long changed = System.nanoTime();
    Progress last = Progress.NONE;
    while (true) {
      consortium.requireAlive();
      Progress progress = Progress.of(consortium);
      alerts.read(consortium.banks());
      view.show(progress, alerts.latest());
      long now = System.nanoTime();
      boolean moved = progress.movedSince(last);
      if (moved) {
        changed = now;
      }
      if (moved || !progress.complete()) {
        quietSince = now;
      }
      if (now - quietSince > QUIET.toNanos()) {
        view.done();
        return;
      }
      if (now - changed > STALLED.toNanos()) {
        view.done();
        view.say(
            "Nothing has moved for " + STALLED.toMinutes() + " minutes; checking what is there.");
        return;
      }
      last = progress;
      Thread.sleep(REFRESH);
    }
  }

  private int check(Consortium consortium, DeliveredAlerts alerts)
      throws IOException, InterruptedException {
    Role check = consortium.check(CHECK_MEGABYTES);
    String line = check.lastLine();
    if (options.json()) {
      out.println(line);
    } else {
      alerts.read(consortium.banks());
      view.verdict(line, check.exitValue() == 0, consortium.folder(), alerts.oneOfEachRule());
    }
    out.flush();
    return check.exitValue();
  }

  private static void cleanUp(Path folder, boolean keep) {
    if (!keep) {
      Consortium.delete(folder);
    }
  }
}
