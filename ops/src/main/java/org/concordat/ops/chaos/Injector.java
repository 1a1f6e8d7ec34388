package org.concordat.ops.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.concordat.ops.demo.BrokerCluster;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/** Does one fault after another to a running consortium, and sees it recover. */
final class Injector {
  /** Ten processes share the machine's time. */
  private static final Duration STOPPED = Duration.ofMinutes(2);

  private static final Duration PREPARED = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Cuts that may still be under way when a fault begins. */
  private static final int LOOK_BACK = 64;

  /** Beyond which scoring counts as stopped for good. */
  private static final Duration RECOVERED = Duration.ofMinutes(3);

  /** When it was done and undone, and whether what was told to stop did so by itself. */
  private record Done(long struckMillis, long undoneMillis, boolean inOrder) {}

  private final Consortium consortium;
  private final BrokerCluster brokers;
  private final Relays relays;
  private final Feeder feeder;
  private final Ledger ledger;
  private final Signals signals;
  private final Watch watch;

  Injector(
      Consortium consortium,
      BrokerCluster brokers,
      Relays relays,
      Feeder feeder,
      Ledger ledger,
      Signals signals,
      Watch watch) {
    this.consortium = consortium;
    this.brokers = brokers;
    this.relays = relays;
    this.feeder = feeder;
    this.ledger = ledger;
    this.signals = signals;
    this.watch = watch;
  }

  /**
   * Does a fault, undoes it, and waits until scoring goes on.
   *
   * @throws InvalidInputException CDT-804: it doesn't
   */
  Outcome run(Fault fault) throws IOException, InterruptedException {
    awaitInSync(fault);
    int known = ledger.size();
    Set<String> parties = parties(fault);
    if (fault.aimed()) {
      ledger.awaitPrepared(parties, PREPARED);
    }
    long before = System.currentTimeMillis();
    Done done =
        switch (fault.kind()) {
          case AGENT_KILL, AGGREGATOR_KILL, BROKER_KILL -> kill(fault);
          case RESTART -> restart(fault);
          case FREEZE -> freeze(fault);
          case PEER_CUT, BROKER_CUT -> cut(fault);
        };
    long again = awaitScoring(fault, known, done.undoneMillis());
    boolean between =
        ledger.isBetween(Math.max(0, known - LOOK_BACK), parties, before, done.struckMillis());
    return new Outcome(
        fault,
        done.struckMillis(),
        done.undoneMillis(),
        between,
        again - done.undoneMillis(),
        done.inOrder());
  }

  private Done kill(Fault fault) throws IOException, InterruptedException {
    Role role = consortium.role(fault.target());
    watch.expectEnd(role.name());
    role.kill();
    long struck = System.currentTimeMillis();
    Thread.sleep(fault.lastsMillis());
    long undone = System.currentTimeMillis();
    role.restart();
    watch.expectLife(role.name());
    return new Done(struck, undone, true);
  }

  private Done restart(Fault fault) throws IOException, InterruptedException {
    Role role = consortium.role(fault.target());
    watch.expectEnd(role.name());
    long struck = System.currentTimeMillis();
    boolean inOrder = role.stop(STOPPED);
    long undone = System.currentTimeMillis();
    role.restart();
    watch.expectLife(role.name());
    return new Done(struck, undone, inOrder);
  }

  private Done freeze(Fault fault) throws IOException, InterruptedException {
    Role role = consortium.role(fault.target());
    signals.freeze(role);
    try {
      long struck = System.currentTimeMillis();
      Thread.sleep(fault.lastsMillis());
      return new Done(struck, System.currentTimeMillis(), true);
    } finally {
      signals.resume(role);
    }
  }

  private Done cut(Fault fault) throws InterruptedException {
    List<Relay> between = relays.of(fault);
    between.forEach(relay -> relay.cut(fault.mode().orElseThrow()));
    long struck = System.currentTimeMillis();
    Thread.sleep(fault.lastsMillis());
    long undone = System.currentTimeMillis();
    between.forEach(Relay::heal);
    return new Done(struck, undone, true);
  }

  /** The aggregators whose prepared batches it can fall upon. */
  private static Set<String> parties(Fault fault) {
    return switch (fault.kind()) {
      case PEER_CUT -> Set.of(fault.target().split("/"));
      case AGENT_KILL, BROKER_KILL -> Set.copyOf(Consortium.AGGREGATORS);
      case AGGREGATOR_KILL, FREEZE, BROKER_CUT, RESTART ->
          Consortium.AGGREGATORS.contains(fault.party())
              ? Set.of(fault.party())
              : Set.copyOf(Consortium.AGGREGATORS);
    };
  }

  /** A second broker is lost only when the first has caught up: two of three must have a write. */
  private void awaitInSync(Fault fault) throws InterruptedException {
    if (BrokerCluster.NAMES.contains(fault.party())) {
      long end = System.nanoTime() + RECOVERED.toNanos();
      try (Admin admin = Admin.create(brokers.connection())) {
        while (!brokers.isInSync(admin)) {
          watch.tend();
          if (System.nanoTime() > end) {
            throw stopped(fault, "The brokers don't catch up.");
          }
          Thread.sleep(PAUSE.multipliedBy(10));
        }
      }
    }
  }

  private long awaitScoring(Fault fault, int known, long undone) throws InterruptedException {
    int bank = consortium.banks().indexOf(fault.party());
    long rows = bank < 0 ? 0 : feeder.written(bank);
    long end = System.nanoTime() + RECOVERED.toNanos();
    while (true) {
      long again =
          bank < 0
              ? ledger.scoredAgain(known, undone)
              : ledger.scoredAgain(known, undone, fault.party(), rows);
      if (again > 0) {
        return again;
      }
      watch.tend();
      if (System.nanoTime() > end) {
        throw stopped(fault, Code.CDT_804.cause());
      }
      Thread.sleep(PAUSE);
    }
  }

  private InvalidInputException stopped(Fault fault, String reason) {
    return new InvalidInputException(
        Code.CDT_804,
        Place.of(consortium.folder().resolve(Consortium.LOGS).toString()),
        reason + " The last fault was " + fault.number() + ": " + fault.describe() + ".",
        Code.CDT_804.fix());
  }
}
