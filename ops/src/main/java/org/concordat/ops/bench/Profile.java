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
    try (var out = new PrintWriter(Files.newBufferedWriter(summary))) {
      for (Phase phase : phases) {
        for (var process : phase.processes().entrySet()) {
          names.put(process.getValue(), process.getKey());
          Path file = folder.resolve(process.getValue() + ".jfr");
          double cpu = phase.cpuSeconds().getOrDefault(process.getKey(), 0.0);
          String title = phase.title() + ": " + process.getKey();
          try {
            write(out, title, cpu, read(file, phase.window()));
          } catch (IOException e) {
            // A process doesn't wait for its recording when it is told to end.
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

  private static Samples read(Path file, Window window) throws IOException {
    var samples = new Samples();
    try (var recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        if (window.contains(event.getStartTime().toEpochMilli())) {
          switch (event.getEventType().getName()) {
            case SAMPLE -> samples.addSample(event);
            case LOAD -> samples.addLoad(event);
            default -> {}
          }
        }
      }
    }
    return samples;
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
