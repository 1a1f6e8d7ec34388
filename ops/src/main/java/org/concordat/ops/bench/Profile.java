package org.concordat.ops.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where each process's CPU time goes, by JFR: seconds of each Java thread once a second, and the
 * stacks of threads that are running Java code each few milliseconds. Stacks in native code aren't
 * sampled: that time stands in the threads' seconds alone. What the threads lack of the process's
 * time went to the JIT compiler, the collector and native threads.
 */
final class Profile {
  // jdk.CPUTimeSample would count native code too, but is experimental: it has crashed an agent.
  private static final String SAMPLE = "jdk.ExecutionSample";
  private static final String LOAD = "jdk.ThreadCPULoad";
  private static final int SAMPLE_MILLIS = 10;
  private static final int LOAD_SECONDS = 1;
  private static final int SHOWN = 12;
  private static final String OWN = "org.concordat.";

  /** Of one process in one window. */
  private static final class Samples {
    final Map<String, Double> threadSeconds = new HashMap<>();
    final Map<String, Double> own = new HashMap<>();
    final Map<String, Double> top = new HashMap<>();
    int count;

    void add(RecordedEvent event, String type) {
      if (type.equals(SAMPLE)) {
        addSample(event);
      } else {
        addLoad(event);
      }
    }

    /** The load is a share of all processors, over the period before it. */
    void addLoad(RecordedEvent load) {
      RecordedThread thread = load.getThread("eventThread");
      String name = thread == null ? null : thread.getJavaName();
      double share = load.getFloat("user") + load.getFloat("system");
      threadSeconds.merge(
          name == null ? "(virtual machine)" : name,
          share * Runtime.getRuntime().availableProcessors() * LOAD_SECONDS,
          Double::sum);
    }

    void addSample(RecordedEvent sample) {
      count++;
      RecordedStackTrace trace = sample.getStackTrace();
      List<RecordedFrame> frames = trace == null ? List.of() : trace.getFrames();
      top.merge(frames.isEmpty() ? "(no stack)" : name(frames.getFirst()), 1.0, Double::sum);
      own.merge(
          frames.stream().map(Profile::name).filter(n -> n.startsWith(OWN)).findFirst().orElse("-"),
          1.0,
          Double::sum);
    }
  }

  private final Path folder;

  Profile(Path folder) {
    this.folder = folder;
  }

  /** What processes are started with, in the variable that the {@code java} launcher reads. */
  Map<String, String> environment() throws IOException {
    Files.createDirectories(folder);
    String settings =
        "filename="
            + folder.toAbsolutePath()
            + "/%p.jfr,settings=default,"
            + (SAMPLE + "#enabled=true," + SAMPLE + "#period=" + SAMPLE_MILLIS + "ms,")
            + (LOAD + "#enabled=true," + LOAD + "#period=" + LOAD_SECONDS + "s");
    return Map.of("JDK_JAVA_OPTIONS", "\"-XX:StartFlightRecording:" + settings + "\"");
  }

  /** Writes a summary of what the ended processes have recorded, and names their recordings. */
  Path write(List<Phase> phases) throws IOException {
    Path summary = folder.resolve("profile.txt");
    Map<Long, String> names = new LinkedHashMap<>();
    phases.forEach(phase -> phase.processes().forEach((name, pid) -> names.put(pid, name)));
    Map<Long, Optional<List<Samples>>> byPhase = new HashMap<>();
    names.keySet().forEach(pid -> byPhase.put(pid, read(folder.resolve(pid + ".jfr"), phases)));
    try (var out = new PrintWriter(Files.newBufferedWriter(summary))) {
      for (int i = 0; i < phases.size(); i++) {
        Phase phase = phases.get(i);
        for (var process : phase.processes().entrySet()) {
          double cpu = phase.cpuSeconds().getOrDefault(process.getKey(), 0.0);
          String title = phase.title() + ": " + process.getKey();
          Optional<List<Samples>> all = byPhase.getOrDefault(process.getValue(), Optional.empty());
          if (all.isPresent()) {
            write(out, title, cpu, all.get().get(i));
          } else {
            out.printf(Locale.ROOT, "%s: %.1f CPU seconds; no whole recording%n%n", title, cpu);
          }
        }
      }
    }
    for (var name : names.entrySet()) {
      Path file = folder.resolve(name.getKey() + ".jfr");
      if (Files.exists(file)) {
        Files.move(file, folder.resolve(name.getValue() + "-" + name.getKey() + ".jfr"));
      }
    }
    return summary;
  }

  /** What a process did in each phase; nothing if it has left no whole recording. */
  private static Optional<List<Samples>> read(Path file, List<Phase> phases) {
    List<Samples> samples = phases.stream().map(phase -> new Samples()).toList();
    try (var recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        String type = event.getEventType().getName();
        if (type.equals(SAMPLE) || type.equals(LOAD)) {
          long millis = event.getStartTime().toEpochMilli();
          for (int i = 0; i < phases.size(); i++) {
            if (phases.get(i).window().contains(millis)) {
              samples.get(i).add(event, type);
            }
          }
        }
      }
      return Optional.of(samples);
    } catch (IOException e) {
      // A process doesn't wait for its recording when it is told to end.
      return Optional.empty();
    }
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static void write(PrintWriter out, String title, double cpuSeconds, Samples samples) {
    double inThreads = samples.threadSeconds.values().stream().mapToDouble(each -> each).sum();
    out.printf(
        Locale.ROOT,
        "%s: %.1f CPU seconds, %.1f of them in Java threads; %d stacks%n",
        title,
        cpuSeconds,
        inThreads,
        samples.count);
    table(out, "threads", samples.threadSeconds, inThreads);
    table(out, "innermost own method", samples.own, samples.count);
    table(out, "innermost method", samples.top, samples.count);
    out.println();
  }

  private static void table(
      PrintWriter out, String title, Map<String, Double> amounts, double whole) {
    out.println("  " + title);
    amounts.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(
            each ->
                out.printf(
                    Locale.ROOT,
                    "    %5.1f %%  %s%n",
                    100 * each.getValue() / whole,
                    each.getKey()));
  }
}
