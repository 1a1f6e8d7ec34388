package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.demo.Consortium;

/**
 * What each role takes of a machine while so many transactions a second are due: CPU time, memory,
 * disk and network.
 */
public final class CapacityBench {
  private static final double MEBIBYTE = 1 << 20;
  private static final String ROW = "| %s | %d | %.3f | %.0f | %.0f | %.0f | %.0f |%n";

  private final BenchOptions options;
  private final List<Integer> rates;
  private final PrintWriter out;

  /**
   * @param rates over all banks, measured one after another
   */
  public CapacityBench(BenchOptions options, List<Integer> rates, PrintWriter out) {
    this.options = options;
    this.rates = List.copyOf(rates);
    this.out = out;
  }

  /** One role at one rate: of several processes the mean. */
  record Need(
      String role,
      int ratePerSecond,
      double cpuSecondsPerThousand,
      double peakBytes,
      double readPerRow,
      double writtenPerRow,
      double storedPerRow) {}

  /** Runs it all; true if every rate was kept. */
  public boolean run() throws IOException, InterruptedException {
    out.printf(
        Locale.ROOT,
        "%d processors; %d banks, rule set '%s'; %d s warm-up and %d s measured for each rate.%n",
        Runtime.getRuntime().availableProcessors(),
        BenchOptions.BANKS,
        options.rules().getFileName(),
        options.warmUpSeconds(),
        options.seconds());
    if (!options.json()) {
      out.println("| role | at/s | CPU s per 1,000 | memory MiB | read B | written B | disk B |");
      out.println("|---|---:|---:|---:|---:|---:|---:|");
    }
    boolean kept = true;
    List<String> banks = ConsortiumFolder.bankNames(BenchOptions.BANKS);
    try (var folder = new WorkFolder();
        Consortium consortium = Consortium.create(folder.path(), banks, 1, options.rules())) {
      folder.stopFirst(consortium);
      consortium.startBroker();
      try (var pipeline = new SharesRun(consortium, options)) {
        for (int rate : rates) {
          Phase phase = Phase.measure(rate + " a second due", pipeline, options, rate);
          needs(phase).forEach(this::tell);
          // A tenth: commits don't begin and end with the window.
          kept &= phase.perSecond() > 0.9 * rate;
        }
      }
      if (kept) {
        folder.done();
      }
    }
    out.println(
        kept ? "Every rate was kept." : "A rate was not kept: its figures are no capacity.");
    out.flush();
    return kept;
  }

  static List<Need> needs(Phase phase) {
    Map<String, List<String>> byRole = new TreeMap<>();
    for (String process : phase.footprints().keySet()) {
      byRole.computeIfAbsent(role(process), r -> new ArrayList<>()).add(process);
    }
    return byRole.entrySet().stream()
        .map(entry -> need(entry.getKey(), entry.getValue(), phase))
        .toList();
  }

  private static String role(String process) {
    return process.startsWith("agg-")
        ? "aggregator"
        : process.startsWith("bank-") ? "agent" : process;
  }

  /** A broker and an aggregator meet every transaction, an agent those of its bank. */
  private static Need need(String role, List<String> processes, Phase phase) {
    double rows = phase.perSecond() * phase.window().seconds();
    double met = role.equals("agent") ? rows / processes.size() : rows;
    int count = processes.size();
    double cpu = 0;
    var sum = new Footprint(0, 0, 0, 0);
    for (String process : processes) {
      cpu += phase.cpuSeconds().getOrDefault(process, 0.0);
      Footprint one = phase.footprints().getOrDefault(process, sum);
      sum =
          new Footprint(
              sum.peakBytes() + one.peakBytes(),
              sum.readBytes() + one.readBytes(),
              sum.writtenBytes() + one.writtenBytes(),
              sum.storedBytes() + one.storedBytes());
    }
    return new Need(
        role,
        phase.ratePerSecond(),
        1_000 * cpu / count / met,
        (double) sum.peakBytes() / count,
        sum.readBytes() / count / met,
        sum.writtenBytes() / count / met,
        sum.storedBytes() / count / met);
  }

  private void tell(Need need) {
    if (options.json()) {
      ObjectNode line = new ObjectMapper().createObjectNode();
      line.put("role", need.role()).put("rate", need.ratePerSecond());
      line.put("cpuSecondsPerThousand", need.cpuSecondsPerThousand());
      line.put("peakBytes", need.peakBytes()).put("readBytesPerRow", need.readPerRow());
      line.put("writtenBytesPerRow", need.writtenPerRow());
      line.put("storedBytesPerRow", need.storedPerRow());
      out.println(line);
    } else {
      out.printf(
          Locale.ROOT,
          ROW,
          need.role(),
          need.ratePerSecond(),
          need.cpuSecondsPerThousand(),
          need.peakBytes() / MEBIBYTE,
          need.readPerRow(),
          need.writtenPerRow(),
          need.storedPerRow());
    }
    out.flush();
  }
}
