package org.concordat.ops.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/** A test consortium of separate processes on this machine. */
public final class Consortium implements AutoCloseable {
  public static final List<String> AGGREGATORS = List.of("agg-1", "agg-2", "agg-3");

  /** Of its folder: where each process has its log. */
  public static final String LOGS = "logs";

  private static final String CHECK = "check";
  private static final Pattern IN_FLIGHT = Pattern.compile("inFlightMax: [0-9]+");
  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int BROKER_MEGABYTES = 384;
  private static final int AGGREGATOR_MEGABYTES = 1_024;
  private static final int AGENT_MEGABYTES = 384;

  private final Path folder;
  private final List<String> banks;
  private final ConsortiumPlan.Ports ports;
  private final Map<String, Role> roles = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, Integer> workerPorts = new LinkedHashMap<>();
  private final Map<String, String> builds = new LinkedHashMap<>();
  private int aggregatorMegabytes = AGGREGATOR_MEGABYTES;
  private final Map<String, Path> recorded = new LinkedHashMap<>();

  private Consortium(Path folder, List<String> banks, ConsortiumPlan.Ports ports) {
    this.folder = folder;
    this.banks = banks;
    this.ports = ports;
  }

  /**
   * Creates the folder with keys, charter and configurations; starts nothing.
   *
   * @param folder must not exist, or be empty
   */
  public static Consortium create(Path folder, List<String> banks, int partitions, Path ruleSet)
      throws IOException {
    return create(folder, banks, partitions, ruleSet, ConsortiumPlan.FLAGS_PER_BANK_AND_DAY);
  }

  /**
   * As {@link #create(Path, List, int, Path)}.
   *
   * @param flags the charter's cap on flags of a rule per bank and UTC day
   */
  public static Consortium create(
      Path folder, List<String> banks, int partitions, Path ruleSet, int flags) throws IOException {
    ConsortiumPlan.Ports ports = FreePorts.forConsortium(AGGREGATORS.size());
    ConsortiumFolder.create(
        folder,
        new ConsortiumPlan(
            "demo",
            Mode.TEST,
            banks,
            AGGREGATORS,
            partitions,
            banks.size() / 2 + 1,
            flags,
            ruleSet,
            ConsortiumPlan.Hosts.LOOPBACK,
            ports,
            RuleSet.load(ruleSet).plan().link().isPresent()));
    Files.createDirectories(folder.resolve(LOGS));
    return new Consortium(folder, banks, ports);
  }

  /**
   * Removes a folder and all in it: that of a consortium whose processes have ended, or one for
   * passing work. Says so where that can't be done.
   */
  public static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("concordat: can't remove " + folder);
    }
  }

  public Path folder() {
    return folder;
  }

  public List<String> banks() {
    return banks;
  }

  /** Where its processes listen. */
  public ConsortiumPlan.Ports ports() {
    return ports;
  }

  /** Writes a bank's agent.yaml. */
  public void configureAgent(String bank, ConsortiumFolder.Input input) throws IOException {
    ConsortiumFolder.writeAgentConfig(
        folder, bank, ConsortiumPlan.Hosts.LOOPBACK, "localhost:" + ports.broker(), input);
  }

  /** Sets how many batches each aggregator has in flight, before any of them is started. */
  public static void setBatchesInFlight(Path folder, int batches) throws IOException {
    for (String aggregator : AGGREGATORS) {
      Path file = folder.resolve(aggregator).resolve("aggregator.yaml");
      Matcher inFlight = IN_FLIGHT.matcher(Files.readString(file));
      if (!inFlight.find()) {
        throw new IllegalStateException("The configuration has no number of batches in flight.");
      }
      Files.writeString(file, inFlight.replaceFirst("inFlightMax: " + batches));
    }
  }

  /** Sets how long each aggregator waits for more blocks, before any of them is started. */
  public static void setBatchPause(Path folder, Duration pause) throws IOException {
    for (String aggregator : AGGREGATORS) {
      Path file = folder.resolve(aggregator).resolve("aggregator.yaml");
      String text = Files.readString(file);
      String batch = "batch:\n  intervalMillis: %d\n".formatted(pause.toMillis());
      String paused = text.replaceFirst("batch:\n", batch);
      if (paused.equals(text)) {
        throw new IllegalStateException("The configuration has no section of batches.");
      }
      Files.writeString(file, paused);
    }
  }

  /** Sets how long a bank's agent waits for more rows of a block, once it is configured. */
  public static void setBlockPause(Path folder, String bank, Duration pause) throws IOException {
    Path file = folder.resolve(bank).resolve("agent.yaml");
    String blocks = "blocks:\n  lingerMillis: %d\n".formatted(pause.toMillis());
    Files.writeString(file, Files.readString(file) + blocks);
  }

  /** Sets the heap of the aggregators that are started from now on. */
  public void aggregatorMegabytes(int megabytes) {
    aggregatorMegabytes = megabytes;
  }

  /** Sets an environment variable of the processes that are started from now on. */
  public void environment(String variable, String value) {
    environment.put(variable, value);
  }

  /** Which build a process runs when it is started first: the class path; else this one's. */
  public void build(String name, String classPath) {
    builds.put(name, classPath);
  }

  /** Lets a process that isn't started yet write a start cache as it ends. */
  void record(String name, Path cache) {
    recorded.put(name, cache);
  }

  /** Starts the broker and waits until its topics are there. */
  public void startBroker() throws IOException, InterruptedException {
    start("broker", BROKER_MEGABYTES, "broker", "broker/broker.yaml");
    awaitBroker();
  }

  public void awaitBroker() throws InterruptedException {
    await("broker", () -> Files.exists(folder.resolve("broker/ready")));
  }

  public void startAggregators() throws IOException {
    for (String name : AGGREGATORS) {
      startAggregator(name);
    }
  }

  /**
   * As {@link #startAggregators()}.
   *
   * @param workers of each; 1 is a single process
   */
  public void startAggregators(int workers) throws IOException {
    if (workers == 1) {
      startAggregators();
      return;
    }
    for (String name : AGGREGATORS) {
      for (int i = 1; i <= workers; i++) {
        startWorker(name, "w" + i);
      }
    }
  }

  /** Starts an aggregator's single process. */
  public void startAggregator(String name) throws IOException {
    start(name, aggregatorMegabytes, "aggregator", name + "/aggregator.yaml");
  }

  /**
   * Starts a worker of an aggregator, as a process of the name aggregator/worker; instead of the
   * aggregator's single process, not beside it.
   *
   * @param worker such as w1
   */
  public void startWorker(String aggregator, String worker) throws IOException {
    List<Integer> free = FreePorts.find(2, ports.all());
    Path config =
        ConsortiumFolder.writeWorkerConfig(
            folder, aggregator, worker, free.getFirst(), free.getLast());
    String name = aggregator + "/" + worker;
    workerPorts.put(name, free.getLast());
    start(name, aggregatorMegabytes, "aggregator", folder.relativize(config).toString());
  }

  /** A worker's metrics; nothing while it isn't up. */
  public Optional<Metrics> workerMetrics(String aggregator, String worker) {
    return Metrics.scrape(
        java.util.Objects.requireNonNull(workerPorts.get(aggregator + "/" + worker)));
  }

  public void startAgents() throws IOException {
    for (String bank : banks) {
      startAgent(bank);
    }
  }

  public void startAgent(String bank) throws IOException {
    start(bank, AGENT_MEGABYTES, "agent", bank + "/agent.yaml");
  }

  private void start(String name, int megabytes, String command, String config) throws IOException {
    start(name, megabytes, List.of(command, "--config", folder.resolve(config).toString()));
  }

  /** Starts one more process of this program, which ends with the others. */
  public void start(String name, int megabytes, List<String> args) throws IOException {
    Path log = folder.resolve(LOGS).resolve(name.replace('/', '-') + ".log");
    String build = builds.getOrDefault(name, Role.classPath());
    Optional<Path> cache = Optional.ofNullable(recorded.get(name));
    roles.put(name, Role.start(name, megabytes, log, Map.copyOf(environment), build, args, cache));
  }

  /**
   * Runs {@code concordat check} to its end, as a process of its own: its report is the last line,
   * and its exit status says whether all holds.
   */
  public Role check(int megabytes) throws IOException, InterruptedException {
    List<String> args = List.of(CHECK, "--dir", folder.toString());
    Role check = Role.start(CHECK, megabytes, folder.resolve("check.json"), args);
    // Whoever ends this process meanwhile ends it with the others.
    roles.put(CHECK, check);
    try {
      check.awaitEnd();
    } finally {
      roles.remove(CHECK);
      check.kill();
    }
    return check;
  }

  /**
   * Stops a process and forgets it.
   *
   * @throws InvalidInputException CDT-802: it didn't end in order
   */
  public void stop(String name) throws InterruptedException {
    stop(name, Role.STOP);
  }

  /** As {@link #stop(String)}, killed if it takes longer than so long. */
  void stop(String name, Duration patience) throws InterruptedException {
    Role role = role(name);
    boolean inOrder = role.stop(patience);
    roles.remove(name);
    if (!inOrder) {
      throw role.ended();
    }
  }

  /**
   * Stops processes, all at once, and forgets them.
   *
   * @throws InvalidInputException CDT-802: one of them didn't end in order
   */
  public void stop(List<String> names) throws InterruptedException {
    names.forEach(name -> role(name).ask());
    for (String name : names) {
      stop(name);
    }
  }

  public Role role(String name) {
    return java.util.Objects.requireNonNull(roles.get(name));
  }

  public List<Role> roles() {
    return List.copyOf(roles.values());
  }

  /** A bank's metrics; nothing while its agent isn't up. */
  public Optional<Metrics> agentMetrics(String bank) {
    try {
      return Metrics.scrape(agentPort(bank));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Where a bank's agent serves its metrics, since its last start. */
  public int agentPort(String bank) throws IOException {
    Path file = folder.resolve(bank).resolve("data/http.port");
    return Integer.parseInt(Files.readString(file).trim());
  }

  /** The metrics of an aggregator's processes that are up. */
  public List<Metrics> metricsOf(String aggregator) {
    List<Integer> ports =
        workerPorts.entrySet().stream()
            .filter(worker -> worker.getKey().startsWith(aggregator + "/"))
            .map(Map.Entry::getValue)
            .toList();
    return (ports.isEmpty() ? List.of(aggregatorPort(aggregator)) : ports)
        .stream().flatMap(port -> Metrics.scrape(port).stream()).toList();
  }

  /** An aggregator's metrics; nothing while it isn't up. */
  public Optional<Metrics> aggregatorMetrics(String name) {
    return Metrics.scrape(aggregatorPort(name));
  }

  /** Where an aggregator serves its metrics. */
  public int aggregatorPort(String name) {
    return ports.aggregatorHttp().get(AGGREGATORS.indexOf(name));
  }

  /**
   * @throws InvalidInputException CDT-802: a process that should run has ended
   */
  public void requireAlive() {
    for (Role role : roles.values()) {
      if (!role.isAlive()) {
        throw role.ended();
      }
    }
  }

  private void await(String name, java.util.function.BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    while (!condition.getAsBoolean()) {
      requireAlive();
      if (System.nanoTime() > end) {
        throw new InvalidInputException(
            Code.CDT_802,
            Place.of(role(name).log().toString()),
            "The process '" + name + "' doesn't come up.",
            Code.CDT_802.fix());
      }
      Thread.sleep(PAUSE);
    }
  }

  /**
   * Stops every process: all at once but brokers, which the others need to end in order.
   *
   * @throws InvalidInputException CDT-802: one of those that still ran didn't end in order
   */
  @Override
  public void close() throws InterruptedException {
    Optional<Role> failed = Optional.empty();
    List<Role> running = roles().reversed().stream().filter(Role::isAlive).toList();
    for (Role role : running) {
      if (!role.name().startsWith(EmbeddedBroker.NAME)) {
        role.ask();
      }
    }
    for (Role role : running) {
      if (!role.stop()) {
        failed = Optional.of(role);
      }
    }
    if (failed.isPresent()) {
      throw failed.get().ended();
    }
  }
}
