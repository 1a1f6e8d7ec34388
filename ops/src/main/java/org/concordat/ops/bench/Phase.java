package org.concordat.ops.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/**
 * A warm-up and a window of one pipeline at one rate.
 *
 * @param ratePerSecond that rows were due at; 0 for as fast as they were taken
 * @param perSecond rows committed a second
 * @param cpuSeconds used by each process in the window
 * @param footprints of each process in the window
 * @param processes by name
 */
record Phase(
    String title,
    int ratePerSecond,
    Window window,
    double perSecond,
    Latencies latencies,
    Map<String, Double> cpuSeconds,
    Map<String, Footprint> footprints,
    Map<String, Long> processes) {
  private static final long LOOK_MILLIS = 250;
  private static final Duration STALLED = Duration.ofMinutes(3);

  /** Measures, ends the banks' processes and leaves the others running. */
  static Phase measure(String title, Pipeline pipeline, BenchOptions options, int ratePerSecond)
      throws IOException, InterruptedException {
    pipeline.begin(ratePerSecond);
    await(pipeline, pipeline::started);
    run(pipeline, 1000L * options.warmUpSeconds());
    long begin = System.currentTimeMillis();
    long batchesAtBegin = pipeline.batches();
    Map<String, Double> cpuBefore = CpuClock.seconds(pipeline.roles());
    Map<String, Footprint> before = Footprint.of(pipeline.roles());
    run(pipeline, 1000L * options.seconds());
    var window = new Window(begin, System.currentTimeMillis());
    var cpu = CpuClock.between(cpuBefore, CpuClock.seconds(pipeline.roles()));
    Map<String, Footprint> footprints = Footprint.of(pipeline.roles());
    footprints.replaceAll((name, after) -> after.since(before.getOrDefault(name, after)));
    Map<String, Long> processes = new LinkedHashMap<>();
    for (Role role : pipeline.roles()) {
      processes.put(role.name(), role.pid());
    }
    // Throughput is counted between two commits, the second after the window.
    long batches = Math.max(batchesAtBegin, pipeline.batches()) + 2;
    await(pipeline, () -> pipeline.batches() >= batches);
    pipeline.end();
    double perSecond = Throughput.perSecond(pipeline.commits(), window);
    return new Phase(
        title,
        ratePerSecond,
        window,
        perSecond,
        pipeline.latencies(window),
        cpu,
        footprints,
        processes);
  }

  /** CPU seconds of all processes for a thousand rows. */
  double cpuSecondsPerThousand() {
    double sum = cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
    return 1000 * sum / (perSecond * window.seconds());
  }

  private static void run(Pipeline pipeline, long millis) throws IOException, InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    for (long rest = millis; rest > 0; rest = (end - System.nanoTime()) / 1_000_000) {
      requireAlive(pipeline);
      pipeline.feed();
      Thread.sleep(Math.min(rest, LOOK_MILLIS));
    }
  }

  private static void await(Pipeline pipeline, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + STALLED.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw stalled(pipeline);
      }
      run(pipeline, LOOK_MILLIS);
    }
  }

  private static void requireAlive(Pipeline pipeline) throws IOException {
    for (Role role : pipeline.roles()) {
      if (!role.isAlive()) {
        throw role.ended();
      }
    }
  }

  static InvalidInputException stalled(Pipeline pipeline) {
    List<String> names = new ArrayList<>();
    pipeline.roles().forEach(role -> names.add(role.name()));
    return new InvalidInputException(
        Code.CDT_802,
        Place.of(String.join(", ", names)),
        "What was sent isn't committed and delivered in time.",
        Code.CDT_802.fix());
  }
}
