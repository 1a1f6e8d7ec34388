package org.concordat.ops.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.simulate.PaymentSimulator;

/**
 * Files from which the virtual machine takes what a process would find out at every start: its
 * classes, read, verified and linked (JEP 483 and 514). One for each role.
 *
 * <p>They fit one class path and one virtual machine, which starts without where they don't.
 */
public final class StartCaches {
  private static final String BROKER = "broker";
  private static final String CHECK = "check";
  private static final List<String> COMMANDS = List.of(BROKER, "aggregator", "agent", CHECK);
  private static final String SUFFIX = ".aot";
  private static final String BUILD = "build.txt";

  /** Of the consortium that is recorded. */
  private static final int BANKS = 1;

  private static final int PAYMENTS = 3_000;
  private static final long SEED = 1;
  private static final int COMMAND_MEGABYTES = 1_024;
  private static final Duration SCORED = Duration.ofMinutes(5);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration QUIET = Duration.ofSeconds(1);

  /** A process writes its cache as it ends, which takes seconds of two processors. */
  private static final Duration WRITTEN = Duration.ofMinutes(5);

  private final Path folder;

  public StartCaches(Path folder) {
    this.folder = folder;
  }

  /** Where those of this checkout or release are, or would be. */
  public static StartCaches ofThisBuild() {
    Path home = ShippedRules.home();
    boolean released = Files.isDirectory(home.resolve("rulesets"));
    return new StartCaches(home.resolve(released ? "start" : "ops/target/start"));
  }

  public Path folder() {
    return folder;
  }

  /**
   * What the virtual machine is told for a process to use its cache. That one which doesn't fit is
   * left alone isn't worth a line in every log.
   *
   * @param command the first argument of the concordat command
   */
  List<String> options(String command) {
    Path cache = folder.resolve(command + SUFFIX);
    return Files.isReadable(cache)
        ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off")
        : List.of();
  }

  /** Whether those that are there were made for what this process would start. */
  public boolean fit() throws IOException {
    return fit(Role.classPath());
  }

  boolean fit(String classPath) {
    try {
      return COMMANDS.stream().allMatch(each -> Files.isReadable(folder.resolve(each + SUFFIX)))
          && Files.readString(folder.resolve(BUILD)).equals(build(classPath));
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes those that are there. */
  public void remove() throws IOException {
    Files.deleteIfExists(folder.resolve(BUILD));
    for (String each : COMMANDS) {
      Files.deleteIfExists(folder.resolve(each + SUFFIX));
    }
  }

  /** What the virtual machine compares, for whoever must know without starting one. */
  static String build(String classPath) throws IOException {
    var text = new StringBuilder(Runtime.version().toString());
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path jar = Path.of(entry);
      text.append('\n').append(entry);
      text.append(' ').append(Files.size(jar));
      text.append(' ').append(Files.getLastModifiedTime(jar).toMillis());
    }
    return text.toString();
  }

  /** Makes them with a consortium that runs for half a minute. Others may make them at once. */
  public void make() throws IOException, InterruptedException {
    String build = build(Role.classPath());
    Files.createDirectories(folder);
    Path work = Files.createTempDirectory(folder, "recording-");
    try {
      record(work);
      Files.deleteIfExists(folder.resolve(BUILD));
      for (String each : COMMANDS) {
        move(work.resolve(each + SUFFIX));
      }
      move(Files.writeString(work.resolve(BUILD), build));
    } finally {
      Consortium.delete(work);
    }
  }

  private static void record(Path work) throws IOException, InterruptedException {
    Path rules = ShippedRules.folder("payments");
    List<String> banks = ConsortiumFolder.bankNames(BANKS);
    try (Consortium consortium = Consortium.create(work.resolve("consortium"), banks, 1, rules)) {
      Thread hook =
          new Thread(
              () -> {
                Demo.stopAll(consortium);
                Consortium.delete(work);
              },
              "recording-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        record(consortium, work, rules);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private static void record(Consortium consortium, Path work, Path rules)
      throws IOException, InterruptedException {
    List<String> banks = consortium.banks();
    Path folder = consortium.folder();
    PaymentSimulator.writeFiles(
        SEED, BANKS, PAYMENTS, bank -> folder.resolve(bank).resolve("payments.csv"));
    var input = new AgentInput(Path.of("payments.csv"), false, 0, rules.resolve("mapping.yaml"));
    for (String bank : banks) {
      consortium.configureAgent(bank, input);
    }
    Map<String, String> recorded = Map.of("bank-a", "agent", "agg-1", "aggregator", BROKER, BROKER);
    recorded.forEach((name, role) -> consortium.record(name, work.resolve(role + SUFFIX)));
    consortium.startBroker();
    consortium.startAggregators();
    consortium.startAgents();
    awaitScored(consortium);
    consortium.record(CHECK, work.resolve(CHECK + SUFFIX));
    consortium.start(CHECK, COMMAND_MEGABYTES, List.of("check", "--dir", folder.toString()));
    // A check needs no aggregator, and leaves a processor to write the cache of one.
    Consortium.AGGREGATORS.forEach(name -> consortium.role(name).ask());
    awaitReport(consortium.role(CHECK));
    banks.forEach(bank -> consortium.role(bank).ask());
    awaitSilence(consortium);
    // It writes its cache while the agent writes its own.
    consortium.role(BROKER).ask();
    for (Role role : consortium.roles().reversed()) {
      if (!role.name().equals(CHECK)) {
        consortium.stop(role.name(), WRITTEN);
      }
    }
    awaitChecked(consortium.role(CHECK));
  }

  private static void awaitScored(Consortium consortium) throws IOException, InterruptedException {
    long end = System.nanoTime() + SCORED.toNanos();
    while (!Progress.of(consortium).complete()) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new IOException("The consortium that is recorded scores nothing.");
      }
      Thread.sleep(LOOK);
    }
    // For the alerts of the last rows.
    Thread.sleep(QUIET);
  }

  /** When it has said what it found, a check needs nobody any more. */
  private static void awaitReport(Role check) throws IOException, InterruptedException {
    long end = System.nanoTime() + WRITTEN.toNanos();
    while (check.isAlive()
        && Files.readAllLines(check.log()).stream().noneMatch(line -> line.startsWith("{"))) {
      if (System.nanoTime() > end) {
        throw new IOException("The check that is recorded says nothing.");
      }
      Thread.sleep(LOOK);
    }
  }

  /** Who answers no more has closed all else too, and needs no broker. */
  private static void awaitSilence(Consortium consortium) throws InterruptedException {
    long end = System.nanoTime() + WRITTEN.toNanos();
    while (System.nanoTime() < end && anyAnswers(consortium)) {
      Thread.sleep(LOOK);
    }
  }

  private static boolean anyAnswers(Consortium consortium) {
    return consortium.banks().stream().anyMatch(bank -> consortium.agentMetrics(bank).isPresent())
        || Consortium.AGGREGATORS.stream()
            .anyMatch(name -> consortium.aggregatorMetrics(name).isPresent());
  }

  private static void awaitChecked(Role check) throws IOException, InterruptedException {
    long end = System.nanoTime() + WRITTEN.toNanos();
    while (check.isAlive()) {
      if (System.nanoTime() > end) {
        throw new IOException("The check that is recorded doesn't end.");
      }
      Thread.sleep(LOOK);
    }
    // 1: an alert was still on its way. It has run all the same.
    if (check.exitValue() > 1) {
      throw check.ended();
    }
  }

  /** In one step, so that nobody finds half a file; who reads the earlier one keeps it. */
  private void move(Path made) throws IOException {
    // Whoever made them, processes of other users may start from them: they hold no secret.
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(made, folder.resolve(made.getFileName()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** A class path with each {@code FOLDER/*} replaced by its jars, in the order of their names. */
  static String expanded(String classPath) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      if (!entry.endsWith("/*")) {
        jars.add(entry);
        continue;
      }
      try (Stream<Path> files = Files.list(Path.of(entry).getParent())) {
        files.map(Path::toString).filter(file -> file.endsWith(".jar")).sorted().forEach(jars::add);
      }
    }
    return String.join(File.pathSeparator, jars);
  }
}
