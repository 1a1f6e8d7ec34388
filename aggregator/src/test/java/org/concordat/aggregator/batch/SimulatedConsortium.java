package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/**
 * Three parties under one seeded scheduler in virtual time. Messages, writes and computations take
 * random times; processes crash, alone or all at once, and others recover from what was durable or
 * take over from one that still runs; writes fail, come late or twice; sessions are lost, clocks
 * step, blocks come late, twice, broken, differently or not at all. {@link Invariants} are checked
 * at each vote and commit that becomes durable, at each message, at each computation and after each
 * step.
 */
final class SimulatedConsortium {
  static final List<String> BANKS = List.of("bank-a", "bank-b", "bank-c");
  static final int PARTIES = 3;
  private static final int DELAY_MILLIS = 4;

  private static final long MINUTE = 20_000L * 24 * 60;

  /** A clock is off by no more: two differ by less than a leader's may. */
  private static final int CLOCK_MINUTES = Cutting.CLOCK_MINUTES_MAX / 2;

  private static final int TICKS_PER_CLOCK_STEP = 100;

  /** For so long peers may talk to a process that was replaced. */
  private static final int LINGER_MILLIS = 30;

  /** For so long a process may run before it hears that it was replaced. */
  private static final int REPLACED_MILLIS = 100;

  /** By then all processes have begun again after an outage, and have read all blocks. */
  private static final int OUTAGE_MILLIS = 100;

  private record Scheduled(long millis, long order, Runnable action)
      implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(millis, other.millis);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  final Random random;

  /** The last process of each, which its peers call. */
  final List<SimulatedParty> parties = new ArrayList<>();

  final Map<Code, Integer> alarms = new EnumMap<>(Code.class);

  /** Of what a party has accused another. */
  final Set<Code> accusations = EnumSet.noneOf(Code.class);

  /** Banks of which a party has told that logs show different blocks. */
  final Set<String> told = new HashSet<>();

  /** Processes before those, some of which still run. */
  private final List<SimulatedParty> replaced = new ArrayList<>();

  private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
  private final Map<String, Long> lastDelivery = new HashMap<>();
  final SimulatedComputing computing;
  final SimulatedBanks banks;
  final Invariants invariants = new Invariants(this);
  private final SimulatedRuleSets ruleSets = new SimulatedRuleSets(this);
  private final SimulatedBus bus;
  private final boolean honestOutcomes;
  private final Defect defect;
  Faults faults;

  /** Sees each event that a party is about to take. */
  BiConsumer<SimulatedParty, Event> witness = (party, event) -> {};

  private long now;
  private long order;
  private int session;
  private boolean sessionLive;

  /** No session starts before. */
  private long linkedFrom;

  private int steps;

  SimulatedConsortium(long seed, Mix mix) {
    this(seed, mix, Defect.NONE);
  }

  SimulatedConsortium(long seed, Mix mix, Defect defect) {
    this.random = new Random(seed);
    this.faults = mix.faults;
    this.defect = defect;
    this.honestOutcomes = faults.outcome() == 0;
    this.computing = new SimulatedComputing(this, defect, mix.loads);
    this.bus = new SimulatedBus(this, defect);
    this.banks = new SimulatedBanks(this, defect);
    for (int me = 0; me < PARTIES; me++) {
      var store = new SimulatedStore(Batches.settings(me, BANKS, defect.inFlight(me)));
      parties.add(new SimulatedParty(store, Progress.initial()));
    }
    parties.forEach(this::tickLater);
    banks.begin();
    if (faults.outage() == 0) {
      // A later one would make another cut of the attempt that all have lost.
      ruleSets.publishLater();
    }
    startSessionLater();
  }

  /** Outcomes are {@link SimulatedComputing#outcome}, unless wrong ones are asked for. */
  boolean honestOutcomes() {
    return honestOutcomes;
  }

  int steps() {
    return steps;
  }

  /** Milliseconds of virtual time. */
  long now() {
    return now;
  }

  long batches() {
    return parties.stream().mapToLong(party -> party.store.nextBatch()).min().orElseThrow();
  }

  /** Runs until the machines have taken so many events. */
  void run(int stepCount) {
    while (steps < stepCount) {
      next();
    }
  }

  /** No more faults and no more blocks: everything that was published must be used up. */
  void settle(long millis) {
    faults = Faults.none();
    banks.end();
    ruleSets.end();
    long until = now + millis;
    while (now < until && !settled()) {
      next();
    }
    assertThat(settled()).as("everything is scored or skipped in the end: %s", this).isTrue();
    invariants.settled();
  }

  private boolean settled() {
    return parties.stream()
        .allMatch(
            party ->
                party.alive
                    && ruleSets.settled(party)
                    && BANKS.stream()
                        .allMatch(bank -> party.store.nextSequence(bank) == banks.next(bank)));
  }

  private void next() {
    Scheduled scheduled = queue.remove();
    now = scheduled.millis();
    scheduled.action().run();
  }

  void after(long millis, Runnable action) {
    queue.add(new Scheduled(now + millis, order++, action));
  }

  /** Does something later, unless the process has ended by then. */
  void afterIn(SimulatedParty party, long millis, Runnable action) {
    after(
        millis,
        () -> {
          if (party.alive) {
            action.run();
          }
        });
  }

  int delay() {
    return random.nextInt(DELAY_MILLIS);
  }

  boolean happens(int onceIn) {
    return onceIn > 0 && random.nextInt(onceIn) == 0;
  }

  void step(SimulatedParty party, Event event) {
    steps++;
    witness.accept(party, event);
    List<Effect> effects = party.machine.step(event);
    effects.forEach(effect -> perform(party, effect));
    invariants.stepped(party);
    if (happens(faults.crash())) {
      end(party, pauseMillis());
    } else if (happens(faults.sessionLoss())) {
      endSession(DELAY_MILLIS);
    } else if (happens(faults.move())) {
      bus.takeOver(party.store, delay());
    }
  }

  private void tickLater(SimulatedParty party) {
    afterIn(
        party,
        1 + delay(),
        () -> {
          if (random.nextInt(TICKS_PER_CLOCK_STEP) == 0) {
            party.clockMinutes = random.nextInt(2 * CLOCK_MINUTES + 1) - CLOCK_MINUTES;
          }
          step(party, new Event.Tick(now, MINUTE + party.clockMinutes));
          tickLater(party);
        });
  }

  // Processes.

  private int pauseMillis() {
    return 10 + random.nextInt(60);
  }

  /** All processes end at once. */
  void outage() {
    linkedFrom = now + OUTAGE_MILLIS;
    parties.forEach(party -> end(party, pauseMillis()));
  }

  /** A process ends; unless its party has another by now, one follows after a pause. */
  void end(SimulatedParty party, int pauseMillis) {
    party.stop();
    if (parties.get(party.index) == party) {
      endSession(DELAY_MILLIS);
      bus.takeOver(party.store, pauseMillis);
    }
  }

  /** A process has read where the last one left its party, and told that it has the partition. */
  void begin(SimulatedParty next, Event recovered) {
    SimulatedParty last = parties.set(next.index, next);
    next.clockMinutes = last.clockMinutes;
    replaced.removeIf(process -> !process.alive);
    if (last.alive) {
      replaced.add(last);
      after(random.nextInt(REPLACED_MILLIS), last::stop);
    }
    endSession(last.alive ? LINGER_MILLIS : DELAY_MILLIS);
    ruleSets.look(next);
    if (next.alive) {
      step(next, recovered);
    }
    if (next.alive) {
      tickLater(next);
      banks.readBy(next);
    }
  }

  // Sessions, messages.

  private void startSessionLater() {
    after(
        5 + delay(),
        () -> {
          if (sessionLive) {
            return;
          }
          if (now < linkedFrom || parties.stream().anyMatch(p -> !p.alive || p.session >= 0)) {
            startSessionLater();
            return;
          }
          int started = ++session;
          sessionLive = true;
          parties.forEach(party -> afterIn(party, delay(), () -> sessionUp(party, started)));
        });
  }

  private void sessionUp(SimulatedParty party, int started) {
    if (started != session || !sessionLive) {
      return;
    }
    party.session = started;
    step(party, new Event.SessionUp());
    List<SimulatedParty.Early> early = List.copyOf(party.early);
    party.early.clear();
    early.forEach(e -> receive(party, e.session(), e.from(), e.message()));
  }

  /** Ends the session for all that are in it, though not at once. */
  private void endSession(int withinMillis) {
    if (!sessionLive) {
      return;
    }
    sessionLive = false;
    int ended = session;
    List<SimulatedParty> processes = new ArrayList<>(parties);
    processes.addAll(replaced);
    for (SimulatedParty party : processes) {
      party.early.clear();
      afterIn(
          party,
          random.nextInt(withinMillis),
          () -> {
            if (party.session == ended) {
              party.session = -1;
              party.computing.clear();
              step(party, new Event.SessionDown());
            }
          });
    }
    startSessionLater();
  }

  private void send(SimulatedParty from, int to, PeerMessage message) {
    if (from.session < 0) {
      return;
    }
    int sentIn = from.session;
    String link = sentIn + ":" + from.index + ">" + to;
    long at = Math.max(now + delay(), lastDelivery.getOrDefault(link, 0L));
    lastDelivery.put(link, at);
    after(at - now, () -> receive(inSession(to, sentIn), sentIn, from.index, message));
  }

  /** The process of a party that is in a session; its last one if none is, or not yet. */
  private SimulatedParty inSession(int index, int sentIn) {
    for (SimulatedParty process : replaced) {
      if (process.index == index && process.session == sentIn) {
        return process;
      }
    }
    return parties.get(index);
  }

  private void receive(SimulatedParty receiver, int sentIn, int from, PeerMessage message) {
    if (!receiver.alive) {
      return;
    }
    if (receiver.session == sentIn) {
      if (defect == Defect.COMMIT_WITHOUT_ALL_VOTES
          && message.getContent() instanceof Vote vote
          && vote.getKind() == VoteKind.PREPARED) {
        int other = PARTIES - receiver.index - from;
        step(receiver, new Event.FromPeer(other, Defect.copied(vote, parties.get(other).settings)));
      }
      step(receiver, new Event.FromPeer(from, defect.heard(receiver, message)));
    } else if (receiver.session < 0 && sentIn == session && sessionLive) {
      receiver.early.add(new SimulatedParty.Early(sentIn, from, message));
    }
  }

  // Effects.

  private void perform(SimulatedParty party, Effect effect) {
    switch (effect) {
      case Effect.Broadcast broadcast -> {
        invariants.sent(party, broadcast.message());
        for (int peer = 0; peer < PARTIES; peer++) {
          if (peer != party.index) {
            send(party, peer, broadcast.message());
          }
        }
      }
      case Effect.Send send -> {
        invariants.sent(party, send.message());
        send(party, send.peer(), send.message());
      }
      case Effect.Compute compute -> computing.compute(party, compute.cut());
      case Effect.CancelCompute cancel -> party.computing.remove(cancel.cut());
      case Effect.Forget forget -> party.kept.remove(forget.cut());
      case Effect.PersistVote vote -> bus.persist(party, vote);
      case Effect.Commit commit -> bus.commit(party, commit.cut());
      case Effect.Alarm alarm -> {
        alarms.merge(alarm.code(), 1, Integer::sum);
        if (alarm.peer() != party.index) {
          accusations.add(alarm.code());
        }
        if (alarm.code() == Code.CDT_602) {
          told.add(alarm.fact());
        }
      }
    }
  }

  @Override
  public String toString() {
    var text = new StringBuilder("published " + banks);
    for (SimulatedParty party : parties) {
      text.append("\n  party ")
          .append(party.index)
          .append(party.alive ? "" : " (down)")
          .append(" batch ")
          .append(party.store.nextBatch())
          .append(" waits for ")
          .append(party.machine.waitingFor());
      BANKS.forEach(
          bank -> text.append(' ').append(bank).append('=').append(party.store.nextSequence(bank)));
    }
    return text.append("\n  alarms ").append(alarms).toString();
  }
}
