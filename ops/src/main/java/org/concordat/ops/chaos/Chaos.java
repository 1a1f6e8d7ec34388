package org.concordat.ops.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.demo.BrokerCluster;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * A consortium of nine processes under load, faults from a seed, and a check of every alert and
 * every row at the end.
 */
public final class Chaos {
  private static final int BANKS = 3;
  private static final int IN_FLIGHT = 4;
  private static final int AGGREGATOR_MEGABYTES = 512;
  private static final int AGENT_MEGABYTES = 256;
  private static final int CHECK_MEGABYTES = 3_072;

  /** Of blocks and cuts: ten processes on a machine have other things to do than the smallest. */
  private static final Duration PAUSE = Duration.ofMillis(300);

  /** Longer than any party is away: an alert that was given up on would rightly be unverified. */
  private static final Duration ALERT_WAIT = Duration.ofMinutes(10);

  /** Payments there are in reserve, should the start or faults take longer than was asked for. */
  private static final long RESERVE = 2;

  private static final long RESERVE_MINUTES = 10;

  private static final Duration UP = Duration.ofMinutes(2);
  private static final Duration END = Duration.ofSeconds(10);
  private static final Duration QUIET = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ChaosOptions options;
  private final PrintWriter out;

  public Chaos(ChaosOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Runs it all; true if everything held. */
  public boolean run() throws Exception {
    boolean keep = options.folder().isPresent();
    Path folder = keep ? options.folder().get() : Files.createTempDirectory("concordat-chaos-");
    boolean holds = false;
    try {
      holds = in(folder);
    } finally {
      if (holds && !keep) {
        Consortium.delete(folder);
      } else if (options.json()) {
        System.err.println("concordat: what it left is in " + folder);
      } else {
        say("What it left is in %s.", folder);
      }
    }
    return holds;
  }

  private boolean in(Path folder) throws Exception {
    List<String> banks = ConsortiumFolder.bankNames(BANKS);
    try (Consortium consortium = Consortium.create(folder, banks, 1, options.rules())) {
      Iterator<Integer> free =
          FreePorts.find(BrokerCluster.PORTS_MAX, consortium.ports().all()).iterator();
      Thread hook = stopping(consortium, Thread.currentThread());
      Runtime.getRuntime().addShutdownHook(hook);
      try (var relays = new Relays(free);
          var signals = new Signals();
          Feeder feeder = feeder(consortium)) {
        relays.betweenPeers(consortium);
        BrokerCluster brokers = BrokerCluster.create(consortium, free, relays::add);
        start(consortium, brokers);
        boolean holds = play(consortium, brokers, relays, signals, feeder);
        Runtime.getRuntime().removeShutdownHook(hook);
        return holds;
      } finally {
        killAll(consortium);
      }
    }
  }

  private Feeder feeder(Consortium consortium) throws IOException {
    long minutes = RESERVE * options.minutes() + RESERVE_MINUTES;
    long payments = 60L * minutes * options.ratePerSecond();
    List<Path> sources = new ArrayList<>();
    List<Path> targets = new ArrayList<>();
    PaymentSimulator.writeFiles(
        options.seed(),
        BANKS,
        payments,
        bank -> consortium.folder().resolve(bank).resolve("all.csv"));
    for (String bank : consortium.banks()) {
      Path own = consortium.folder().resolve(bank);
      sources.add(own.resolve("all.csv"));
      targets.add(own.resolve("payments.csv"));
      consortium.configureAgent(
          bank,
          new AgentInput(
              Path.of("payments.csv"), true, 0, options.rules().resolve("mapping.yaml")));
      Path config = own.resolve("agent.yaml");
      Files.writeString(
          config,
          Files.readString(config)
              .replaceFirst("waitMillis: [0-9]+", "waitMillis: " + ALERT_WAIT.toMillis()));
      Consortium.setBlockPause(consortium.folder(), bank, PAUSE);
    }
    return new Feeder(sources, targets, options.ratePerSecond());
  }

  private void start(Consortium consortium, BrokerCluster brokers)
      throws IOException, InterruptedException {
    say("Starting three brokers, three aggregators and %d agents.", BANKS);
    // Several at once are what recovery has to cope with.
    Consortium.setBatchesInFlight(consortium.folder(), IN_FLIGHT);
    Consortium.setBatchPause(consortium.folder(), PAUSE);
    brokers.start();
    for (String name : Consortium.AGGREGATORS) {
      start(consortium, name, AGGREGATOR_MEGABYTES, "aggregator");
    }
    for (String bank : consortium.banks()) {
      start(consortium, bank, AGENT_MEGABYTES, "agent");
    }
    long end = System.nanoTime() + UP.toNanos();
    while (!isUp(consortium)) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new InvalidInputException(
            Code.CDT_802,
            Place.of(consortium.folder().resolve(Consortium.LOGS).toString()),
            "Not all processes come up.",
            Code.CDT_802.fix());
      }
      Thread.sleep(LOOK);
    }
  }

  private static void start(Consortium consortium, String name, int megabytes, String command)
      throws IOException {
    Path config = consortium.folder().resolve(name).resolve(command + ".yaml");
    consortium.start(name, megabytes, List.of(command, "--config", config.toString()));
  }

  /** The first batch comes late: what the processes run isn't compiled yet. */
  private static void awaitFirst(Consortium consortium, Ledger ledger) throws InterruptedException {
    long end = System.nanoTime() + UP.toNanos();
    while (ledger.scoredAgain(0, 0) == 0) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new InvalidInputException(
            Code.CDT_804,
            Place.of(consortium.folder().resolve(Consortium.LOGS).toString()),
            "Nothing is scored.",
            Code.CDT_804.fix());
      }
      Thread.sleep(LOOK);
    }
  }

  private static boolean isUp(Consortium consortium) {
    return consortium.banks().stream().allMatch(b -> consortium.agentMetrics(b).isPresent())
        && Consortium.AGGREGATORS.stream()
            .allMatch(a -> consortium.aggregatorMetrics(a).isPresent());
  }

  private boolean play(
      Consortium consortium, BrokerCluster brokers, Relays relays, Signals signals, Feeder feeder)
      throws IOException, InterruptedException {
    var problems = new Problems();
    Charter charter =
        Charter.read(consortium.folder().resolve("charter.yaml"), problems).orElse(null);
    problems.throwIfAny();
    List<Outcome> outcomes = new ArrayList<>();
    var ledger = new Ledger(Consortium.AGGREGATORS);
    try (var reader =
            new LedgerReader(Objects.requireNonNull(charter), brokers.connection(), ledger);
        var watch = new Watch(consortium)) {
      feeder.start();
      awaitFirst(consortium, ledger);
      long begin = System.currentTimeMillis();
      faults(
          new Injector(consortium, brokers, relays, feeder, ledger, signals, watch),
          consortium,
          begin,
          watch,
          outcomes);
      feeder.stop();
      say("No more payments come; waiting until all are scored.");
      boolean complete = awaitComplete(consortium, feeder.written(), watch);
      long end = System.currentTimeMillis();
      watch.close();
      JsonNode check = check(consortium);
      return report(
          new ChaosReport(
              options,
              begin,
              end,
              List.copyOf(outcomes),
              watch.ended(),
              ledger.rowsBySecond(),
              watch.lags(),
              watch.memory(),
              check,
              check.path("holds").asBoolean(),
              complete));
    }
  }

  private void faults(
      Injector injector, Consortium consortium, long begin, Watch watch, List<Outcome> outcomes)
      throws IOException, InterruptedException {
    long span = Duration.ofMinutes(options.minutes()).toMillis();
    var schedule =
        new Schedule(
            options.seed(),
            options.kinds(),
            consortium.banks(),
            Consortium.AGGREGATORS,
            BrokerCluster.NAMES,
            span);
    for (Fault fault : schedule.plan(options.faults(), span)) {
      while (System.currentTimeMillis() < begin + fault.dueMillis()) {
        watch.tend();
        Thread.sleep(LOOK);
      }
      tell(begin, injector.run(fault), outcomes);
    }
    for (FaultKind kind : options.kinds()) {
      // As many more as were asked for are tried, no more: what is missing then is reported.
      for (int more = 0;
          more < options.between() && between(outcomes, kind) < options.between();
          more++) {
        tell(begin, injector.run(schedule.another(kind)), outcomes);
      }
    }
    while (System.currentTimeMillis() < begin + span) {
      watch.tend();
      Thread.sleep(LOOK);
    }
  }

  private static long between(List<Outcome> outcomes, FaultKind kind) {
    return outcomes.stream().filter(o -> o.fault().kind() == kind && o.between()).count();
  }

  private void tell(long begin, Outcome outcome, List<Outcome> outcomes) {
    outcomes.add(outcome);
    say(
        "%7.1f s  %3d %-28s for %4.1f s, scoring again after %5.1f s%s",
        (outcome.strikeMillis() - begin) / 1e3,
        outcome.fault().number(),
        outcome.fault().describe(),
        (outcome.undoneMillis() - outcome.strikeMillis()) / 1e3,
        outcome.recoveryMillis() / 1e3,
        outcome.between() ? ", between prepare and commit" : "");
  }

  /** Waits until every row is scored and every alert delivered; false if nothing moves. */
  private static boolean awaitComplete(Consortium consortium, long written, Watch watch)
      throws InterruptedException {
    return Progress.awaitRest(
        consortium,
        QUIET,
        watch::tend,
        now ->
            now.accepted() + now.refused() + now.duplicates() >= written
                && now.lagSeconds() == 0
                && Progress.alertsPending(consortium) == 0);
  }

  private JsonNode check(Consortium consortium) throws IOException, InterruptedException {
    say("Checking every alert against a plaintext evaluation.");
    consortium.stop(consortium.banks());
    Role check = consortium.check(CHECK_MEGABYTES);
    if (!(JSON.readTree(check.lastLine()) instanceof ObjectNode object)) {
      throw check.ended();
    }
    return object.put("holds", check.exitValue() == 0);
  }

  private boolean report(ChaosReport report) throws IOException {
    if (options.html().isPresent()) {
      Files.writeString(options.html().get(), ChaosPage.html(report));
    }
    if (options.json()) {
      out.println(JSON.writeValueAsString(report.summary()));
    } else {
      out.print(ChaosText.text(report));
    }
    out.flush();
    return report.holds();
  }

  /** Whoever ends this process ends those that it started, once it starts no more. */
  private static Thread stopping(Consortium consortium, Thread running) {
    return new Thread(
        () -> {
          running.interrupt();
          try {
            running.join(END.toMillis());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          killAll(consortium);
        },
        "chaos-stop");
  }

  private static void killAll(Consortium consortium) {
    for (Role role : consortium.roles()) {
      try {
        role.kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void say(String format, Object... values) {
    if (!options.json()) {
      out.println(String.format(Locale.ROOT, format, values));
      out.flush();
    }
  }
}
