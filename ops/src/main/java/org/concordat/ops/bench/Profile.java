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
 * Where each process's CPU time goes: JFR samples a stack for each few milliseconds of CPU time
 * that a Java thread uses. What the samples lack of the process's time went to the JIT compiler and
 * the collector.
 */
final class Profile {
  private static final String SAMPLE = "jdk.CPUTimeSample";
  private static final int EVERY_MILLIS = 10;
  private static final int SHOWN = 12;
  private static final String OWN = "org.concordat.";

  /** Of one process in one window. */
  private static final class Samples {
    final Map<String, Integer> threads = new HashMap<>();
    final Map<String, Integer> own = new HashMap<>();
    final Map<String, Integer> top = new HashMap<>();
    int count;

    void add(RecordedEvent sample) {
      count++;
      RecordedThread thread = sample.getThread("eventThread");
      String name = thread == null ? null : thread.getJavaName();
      threads.merge(name == null ? "(virtual machine)" : name, 1, Integer::sum);
      RecordedStackTrace trace = sample.getStackTrace();
      List<RecordedFrame> frames = trace == null ? List.of() : trace.getFrames();
      top.merge(frames.isEmpty() ? "(no stack)" : name(frames.getFirst()), 1, Integer::sum);
      own.merge(
          frames.stream().map(Profile::name).filter(n -> n.startsWith(OWN)).findFirst().orElse("-"),
          1,
          Integer::sum);
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
            + (SAMPLE + "#enabled=true," + SAMPLE + "#throttle=" + EVERY_MILLIS + "ms");
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
          // A process that had to be killed leaves an empty one.
          if (Files.exists(file) && Files.size(file) > 0) {
            double cpu = phase.cpuSeconds().getOrDefault(process.getKey(), 0.0);
            write(out, phase.title() + ": " + process.getKey(), cpu, read(file, phase.window()));
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
        if (event.getEventType().getName().equals(SAMPLE)
            && window.contains(event.getStartTime().toEpochMilli())) {
          samples.add(event);
        }
      }
    }
    return samples;
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static void write(PrintWriter out, String title, double cpuSeconds, Samples samples) {
    out.printf(
        Locale.ROOT,
        "%s: %.1f CPU seconds, %.1f of them sampled in Java threads%n",
        title,
        cpuSeconds,
        samples.count * EVERY_MILLIS / 1000.0);
    table(out, "threads", samples.threads, samples.count);
    table(out, "innermost own method", samples.own, samples.count);
    table(out, "innermost method", samples.top, samples.count);
    out.println();
  }

  private static void table(
      PrintWriter out, String title, Map<String, Integer> counts, int samples) {
    out.println("  " + title);
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(
            each ->
                out.printf(
                    Locale.ROOT,
                    "    %5.1f %%  %s%n",
                    100.0 * each.getValue() / samples,
                    each.getKey()));
  }
}
