package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Explanation;

/**
 * The whole way from the banks' files to their alerts, on shares and on plaintext: each first as
 * fast as it goes, then at one and the same rate for the latency.
 */
public final class PipelineBench {
  private static final double RATE_SHARE = 0.5;
  private static final int CHECK_MEGABYTES = 6_144;

  /** Of an aggregator that remembers entities. */
  private static final int LINKED_MEGABYTES = 3_072;

  private final BenchOptions options;
  private final PrintWriter out;

  public PipelineBench(BenchOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Runs it all; true if every alert was the oracle's, and those of a baseline at a rate were the
   * same.
   */
  public boolean run() throws IOException, InterruptedException {
    introduce();
    List<String> banks = ConsortiumFolder.bankNames(BenchOptions.BANKS);
    List<Phase> phases = new ArrayList<>();
    boolean equal;
    Optional<Profile> profile = Optional.ofNullable(options.profile()).map(Profile::new);
    try (var folder = new WorkFolder();
        Consortium consortium = Consortium.create(folder.path(), banks, 1, options.rules())) {
      folder.stopFirst(consortium);
      options.network().configure(folder.path());
      if (options.links()) {
        consortium.aggregatorMegabytes(LINKED_MEGABYTES);
      }
      if (profile.isPresent()) {
        profile.get().environment().forEach(consortium::environment);
      }
      consortium.startBroker();
      equal = shares(consortium, phases);
      if (options.plaintext()) {
        equal &= plaintext(consortium, phases);
      }
      if (equal) {
        folder.done();
      }
    }
    if (profile.isPresent()) {
      say("Where the CPU time goes: %s", profile.get().write(phases));
    }
    result(phases, equal);
    return equal;
  }

  private boolean shares(Consortium consortium, List<Phase> phases)
      throws IOException, InterruptedException {
    try (var pipeline = new SharesRun(consortium, options)) {
      int rate = options.ratePerSecond();
      if (options.phases() != BenchOptions.Phases.RATE) {
        Phase fast = Phase.measure("shares, as fast as they go", pipeline, options, 0);
        tell(fast);
        say("  mean milliseconds of agg-1 in stages, from the start: %s", pipeline.stages());
        phases.add(fast);
        if (rate == 0) {
          rate = Math.max(BenchOptions.BANKS, (int) (RATE_SHARE * fast.perSecond()));
        }
      }
      if (options.phases() != BenchOptions.Phases.FAST) {
        phases.add(Phase.measure("shares, " + rate + " a second due", pipeline, options, rate));
        tell(phases.getLast());
        say("  mean milliseconds of agg-1 in stages, all phases: %s", pipeline.stages());
      }
      return check(consortium);
    }
  }

  private boolean plaintext(Consortium consortium, List<Phase> phases)
      throws IOException, InterruptedException {
    // Idle aggregators would take CPU time from the baseline.
    consortium.stop(Consortium.AGGREGATORS);
    int rate = phases.getLast().ratePerSecond();
    List<Integer> rates =
        switch (options.phases()) {
          case ALL -> List.of(0, rate);
          case FAST -> List.of(0);
          case RATE -> List.of(rate);
        };
    try (var pipeline = new PlainRun(consortium, options.rules())) {
      for (int each : rates) {
        String how = each == 0 ? "as fast as it goes" : each + " a second due";
        phases.add(Phase.measure("plaintext, " + how, pipeline, options, each));
        tell(phases.getLast());
      }
      // As fast as it goes, the files are read again and again.
      return options.phases() == BenchOptions.Phases.FAST || same(consortium, pipeline);
    }
  }

  private boolean check(Consortium consortium) throws IOException, InterruptedException {
    var check = FinalCheck.of(consortium, CHECK_MEGABYTES);
    say("  check: %s", check.printed());
    return check.holds();
  }

  /** Whether the baseline flagged the same rows by the same rules, as far as it came. */
  private boolean same(Consortium consortium, PlainRun pipeline) throws IOException {
    long alerts = 0;
    long different = 0;
    for (String bank : consortium.banks()) {
      List<PlainAlert> plain = pipeline.alerts(bank);
      // Of the last row some rules may be missing.
      long below = plain.isEmpty() ? 0 : UniformRows.number(plain.getLast().reference());
      Set<String> onlyOne = new HashSet<>();
      for (JsonNode alert : SharesRun.alerts(consortium.folder(), bank)) {
        String reference = alert.path("reference").asText();
        if (UniformRows.number(reference) < below) {
          onlyOne.add(reference + "/" + alert.path("rule").asText());
        }
      }
      for (PlainAlert alert : plain) {
        if (UniformRows.number(alert.reference()) < below) {
          alerts++;
          different += onlyOne.remove(alert.reference() + "/" + alert.rule()) ? 0 : 1;
        }
      }
      different += onlyOne.size();
    }
    say("  check: %d alerts of the baseline, %d differ from those on shares", alerts, different);
    return alerts > 0 && different == 0;
  }

  private void introduce() throws IOException {
    Runtime runtime = Runtime.getRuntime();
    say(
        "%s, %d processors; %s %s; Java %s.",
        System.getProperty("os.arch"),
        runtime.availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("java.vm.version"));
    Explanation explanation = Explanation.of(RuleSet.load(options.rules()), Optional.empty());
    if (options.links()) {
      say("%s, %d simulated accounts.", options.rules().getFileName(), NetworkRows.ACCOUNTS);
    } else {
      say("%s", Files.readString(options.rules().resolve("contract.yaml")).strip());
      say("%s", Files.readString(options.rules().resolve("rules.yaml")).strip());
    }
    say(
        "Per transaction %.1f bytes sent by the busiest aggregator, %d AND gates, %d conversions;"
            + " per batch %d rounds.",
        explanation.total().bytesSent(),
        explanation.total().andGates(),
        explanation.total().conversions(),
        explanation.total().rounds());
    say(
        "%d banks, 1 partition; %d s warm-up and %d s measured in each phase; %s.",
        BenchOptions.BANKS, options.warmUpSeconds(), options.seconds(), options.network());
  }

  private void tell(Phase phase) {
    say("%s: %.1f a second committed", phase.title(), phase.perSecond());
    var cpu = new StringBuilder();
    phase
        .cpuSeconds()
        .forEach((name, used) -> cpu.append(String.format(Locale.ROOT, " %s %.1f", name, used)));
    say(
        "  CPU seconds in %.1f s:%s; %.3f for a thousand rows",
        phase.window().seconds(), cpu, phase.cpuSecondsPerThousand());
    if (phase.ratePerSecond() > 0) {
      say("  from scheduled arrival, %d alerts:", phase.latencies().alerts());
      say("    to the delivered alert: %s", phase.latencies().describeDelivered());
      say("    to the committed cut:   %s", phase.latencies().describeCommitted());
    }
  }

  private void result(List<Phase> phases, boolean equal) {
    say(equal ? "Every alert is the oracle's." : "The alerts differ from the oracle's.");
    if (options.phases() != BenchOptions.Phases.ALL) {
      return;
    }
    if (!options.plaintext()) {
      say("%s", BenchResult.sharesJson(phases));
      return;
    }
    BenchResult result = BenchResult.of(phases);
    say("%s", options.json() ? result.json() : result.sentence());
  }

  private void say(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
