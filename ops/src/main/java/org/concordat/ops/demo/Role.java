package org.concordat.ops.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/** One process of a consortium, started by the same command as in production. */
public final class Role {
  static final Duration STOP = Duration.ofSeconds(30);
  private static final int LOG_LINES = 20;
  private static final int KIBIBYTE = 1_024;

  /** Those that need little memory outside the heap; a broker's files go through more. */
  private static final Set<String> DIRECT_MEMORY_BOUND = Set.of("agent", "aggregator");

  private static final int DIRECT_MEGABYTES = 256;

  /** Of the virtual machine's levels of compilation. */
  private static final String ALL = "4";

  private static final String TIER_PROPERTY = "concordat.tier";

  /** Jars, or folders of them as {@code FOLDER/*}, that processes run instead of this one's. */
  private static final String JARS_PROPERTY = "concordat.jars";

  /**
   * What the recorded half minute has compiled is no model for hours: starts are no shorter with
   * those profiles, and throughput is a fifth lower for minutes.
   */
  private static final List<String> WITHOUT_PROFILES =
      List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining");

  /** By itself, and as a virtual machine ends that was told to by SIGINT or SIGTERM. */
  private static final Set<Integer> IN_ORDER = Set.of(0, 130, 143);

  private final String name;
  private final int heapMegabytes;
  private final List<String> options;
  private final List<String> args;
  private final Path log;
  private final Map<String, String> environment;
  private final Optional<Path> recorded;
  private String classPath;
  private Process process;

  private Role(
      String name,
      int heapMegabytes,
      List<String> options,
      List<String> args,
      Path log,
      Map<String, String> environment,
      String classPath,
      Optional<Path> recorded)
      throws IOException {
    this.name = name;
    this.heapMegabytes = heapMegabytes;
    this.recorded = recorded;
    this.options = options;
    this.args = args;
    this.log = log;
    this.environment = environment;
    this.classPath = classPath;
    this.process = spawn();
  }

  /**
   * Starts a process of this very program.
   *
   * @param heapMegabytes the most that its heap may take
   * @param args of the concordat command
   */
  public static Role start(String name, int heapMegabytes, Path log, List<String> args)
      throws IOException {
    return start(name, heapMegabytes, log, Map.of(), classPath(), args, Optional.empty());
  }

  /**
   * As above.
   *
   * @param environment variables beside those of this process
   * @param classPath of the build that it runs
   * @param recorded where it writes a start cache as it ends
   */
  static Role start(
      String name,
      int heapMegabytes,
      Path log,
      Map<String, String> environment,
      String classPath,
      List<String> args,
      Optional<Path> recorded)
      throws IOException {
    String tier = System.getProperty(TIER_PROPERTY, ALL);
    List<String> options = new ArrayList<>();
    options.add("-Xmx" + heapMegabytes + "m");
    if (args.getFirst().equals("broker")) {
      // What it does not claim now it claims within the hour, with garbage that nothing collects
      // before the heap is full.
      options.addAll(List.of("-Xms" + heapMegabytes + "m", "-XX:+AlwaysPreTouch"));
    }
    if (DIRECT_MEMORY_BOUND.contains(args.getFirst())) {
      options.add("-XX:MaxDirectMemorySize=" + DIRECT_MEGABYTES + "m");
    }
    options.addAll(
        List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=" + tier,
            // For those that it starts in turn, as demo and bench do.
            "-D" + TIER_PROPERTY + "=" + tier,
            "-D" + FreePorts.PART_PROPERTY + "=" + FreePorts.part(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:ErrorFile="
                + log.toAbsolutePath()
                    .resolveSibling("hs_err_" + name.replace('/', '-') + "_%p.log"),
            "-Dconcordat.home=" + System.getProperty("concordat.home", "")));
    return new Role(name, heapMegabytes, options, args, log, environment, classPath, recorded);
  }

  /** What processes run. A start cache needs jars alone, which a test's class path is not. */
  public static String classPath() throws IOException {
    String jars = System.getProperty(JARS_PROPERTY, "");
    return jars.isEmpty() ? System.getProperty("java.class.path") : StartCaches.expanded(jars);
  }

  private Process spawn() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    if (recorded.isPresent()) {
      command.add("-XX:AOTCacheOutput=" + recorded.get());
      command.addAll(WITHOUT_PROFILES);
    } else {
      command.addAll(StartCaches.ofThisBuild().options(args.getFirst()));
    }
    command.addAll(List.of("-cp", classPath, "org.concordat.ops.Concordat"));
    command.addAll(args);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  public String name() {
    return name;
  }

  public Path log() {
    return log;
  }

  public long pid() {
    return process.pid();
  }

  /** Memory that it has resident, as Linux counts it; 0 elsewhere. */
  public long residentBytes() {
    return bytes(status(), "VmRSS:");
  }

  /** The most that it had resident since its last start, 0 elsewhere, and what it may have. */
  public MemoryUse memoryUse() {
    return new MemoryUse(
        bytes(status(), "VmHWM:"), MemoryUse.bound(heapMegabytes, args.getFirst()));
  }

  private Path status() {
    return Path.of("/proc", "" + pid(), "status");
  }

  /** A field of what Linux says of a process; 0 if it isn't there. */
  static long bytes(Path status, String field) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE;
        }
      }
    } catch (IOException e) {
      // Another system, or a process that has just ended.
      return 0;
    }
    return 0;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public int exitValue() {
    return process.exitValue();
  }

  /**
   * Asks the process to stop and waits; kills it after 30 s. True if it ended in order: not killed
   * and not crashed on its way.
   */
  public boolean stop() throws InterruptedException {
    return stop(STOP);
  }

  /** Asks the process to stop, as {@link #stop()} does, and doesn't wait. */
  void ask() {
    process.destroy();
  }

  /** As {@link #stop()}, with more patience or less. */
  public boolean stop(Duration patience) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return IN_ORDER.contains(process.exitValue());
  }

  /** Waits until it has ended by itself. */
  void awaitEnd() throws InterruptedException {
    process.waitFor();
  }

  /** The last line that it has written; empty where there is none. */
  public String lastLine() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "" : lines.getLast();
  }

  /** What to say of a process that has ended and should not have, or not so: CDT-802. */
  public InvalidInputException ended() {
    List<String> lines;
    try {
      lines = Files.readAllLines(log);
    } catch (IOException e) {
      lines = List.of();
    }
    // A temporary folder's log is gone when this is read.
    List<String> last = lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
    return new InvalidInputException(
        Code.CDT_802,
        Place.of(log.toString()),
        "The process '" + name + "' ended with status " + process.exitValue() + ".",
        Code.CDT_802.fix() + (last.isEmpty() ? "" : " It ends with:\n" + String.join("\n", last)));
  }

  /** Has the process collect its whole heap: what is in use then is alive. */
  public void collect() throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    new ProcessBuilder(jcmd, Long.toString(pid()), "GC.run")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /** Ends the process at once, as a crash would. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Which build it runs from its next start on. */
  public void build(String itsClassPath) {
    this.classPath = itsClassPath;
  }

  /** Starts it again after it has ended. */
  public void restart() throws IOException {
    process = spawn();
  }
}
