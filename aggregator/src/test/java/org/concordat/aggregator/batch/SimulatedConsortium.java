package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/**
 * Three parties under one seeded scheduler in virtual time. Messages, writes and computations take
 * random times; parties crash and recover from what was durable, sessions are lost, clocks step,
 * blocks come late, twice, broken, differently or not at all. {@link Invariants} are checked at
 * each vote and commit that becomes durable, at each message and at each computation.
 */
final class SimulatedConsortium {
  static final List<String> BANKS = List.of("bank-a", "bank-b", "bank-c");
  static final int PARTIES = 3;
  private static final int DELAY_MILLIS = 4;

  /** Below the grace time: what is only late must not be skipped. */
  private static final int BLOCK_DELAY_MILLIS = 15;

  private static final long MINUTE = 20_000L * 24 * 60;

  /** A clock is off by no more: two differ by less than a leader's may. */
  private static final int CLOCK_MINUTES = Cutting.CLOCK_MINUTES_MAX / 2;

  private static final int TICKS_PER_CLOCK_STEP = 100;

  /** By then another process has long taken over. */
  private static final int STALE_MILLIS = 200;

  /** What goes wrong, each once in so many steps of its kind; 0 for never. */
  record Faults(int crash, int sessionLoss, int block, int compute, int outcome) {
    static Faults none() {
      return new Faults(0, 0, 0, 0, 0);
    }
  }

  private record Scheduled(long millis, long order, Runnable action)
      implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(millis, other.millis);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  final Random random;
  final List<SimulatedParty> parties = new ArrayList<>();
  final Map<Code, Integer> alarms = new EnumMap<>(Code.class);
  final Map<String, Long> published = new HashMap<>();

  /** Blocks that somebody had trouble with: only these may be skipped. */
  final Set<Effect.Position> troubled = new HashSet<>();

  /** Blocks that one party's log shows differently. */
  final Set<Effect.Position> differing = new HashSet<>();

  /** Banks of which a party has told that logs show different blocks. */
  final Set<String> told = new HashSet<>();

  private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
  private final Map<String, Long> lastDelivery = new HashMap<>();
  final SimulatedComputing computing;
  final Invariants invariants = new Invariants(this);
  private final SimulatedRuleSets ruleSets = new SimulatedRuleSets(this);
  private final boolean honestOutcomes;
  private final Defect defect;
  Faults faults;

  /** Sees each event that a party is about to take. */
  BiConsumer<SimulatedParty, Event> witness = (party, event) -> {};

  private boolean publishing = true;
  private long now;
  private long order;
  private int session;
  private boolean sessionLive;
  private int steps;

  SimulatedConsortium(long seed, Faults faults) {
    this(seed, faults, Defect.NONE);
  }

  SimulatedConsortium(long seed, Faults faults, Defect defect) {
    this.random = new Random(seed);
    this.faults = faults;
    this.defect = defect;
    this.honestOutcomes = faults.outcome() == 0;
    this.computing = new SimulatedComputing(this, defect);
    for (int me = 0; me < PARTIES; me++) {
      parties.add(new SimulatedParty(Batches.settings(me, BANKS)));
    }
    parties.forEach(party -> tickLater(party, party.incarnation));
    BANKS.forEach(this::publishLater);
    ruleSets.publishLater();
    startSessionLater();
  }

  /** The outcome of a cut is its hash here, unless wrong ones are asked for. */
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
    return parties.stream().mapToLong(SimulatedParty::nextBatch).min().orElseThrow();
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
    publishing = false;
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
                        .allMatch(
                            bank -> party.nextSequence(bank) == published.getOrDefault(bank, 0L)));
  }

  private void next() {
    Scheduled scheduled = queue.remove();
    now = scheduled.millis();
    scheduled.action().run();
  }

  void after(long millis, Runnable action) {
    queue.add(new Scheduled(now + millis, order++, action));
  }

  /** Does something later, unless the party has crashed by then. */
  void afterIn(SimulatedParty party, long millis, Runnable action) {
    int incarnation = party.incarnation;
    after(
        millis,
        () -> {
          if (party.alive && party.incarnation == incarnation) {
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
      crash(party);
    } else if (happens(faults.sessionLoss())) {
      endSession();
    }
  }

  private void tickLater(SimulatedParty party, int incarnation) {
    after(
        1 + delay(),
        () -> {
          if (party.incarnation == incarnation && party.alive) {
            if (random.nextInt(TICKS_PER_CLOCK_STEP) == 0) {
              party.clockMinutes = random.nextInt(2 * CLOCK_MINUTES + 1) - CLOCK_MINUTES;
            }
            step(party, new Event.Tick(now, MINUTE + party.clockMinutes));
            tickLater(party, party.incarnation);
          }
        });
  }

  // Blocks.

  private void publishLater(String bank) {
    after(
        random.nextInt(12),
        () -> {
          if (publishing) {
            publish(bank, published.merge(bank, 1L, Long::sum) - 1);
            publishLater(bank);
          }
        });
  }

  private void publish(String bank, long sequence) {
    int victim = random.nextInt(PARTIES);
    int rows = 1 + random.nextInt(1_024);
    Event good = Batches.block(bank, sequence, rows);
    boolean trouble = happens(faults.block());
    if (trouble) {
      troubled.add(new Effect.Position(bank, sequence));
    }
    for (SimulatedParty party : parties) {
      boolean toldGood = !trouble || party.index != victim;
      if (toldGood) {
        bring(party, good);
        if (random.nextInt(10) == 0) {
          bring(party, good);
        }
      } else {
        bringTrouble(party, bank, sequence, rows, good);
      }
    }
  }

  private void bringTrouble(
      SimulatedParty party, String bank, long sequence, int rows, Event good) {
    switch (random.nextInt(4)) {
      case 0 -> bring(party, new Event.BlockBad(bank, sequence, Code.CDT_409.label()));
      case 1 -> {
        bring(party, new Event.BlockBad(bank, sequence, Code.CDT_407.label()));
        bring(party, good);
      }
      case 2 -> {
        differing.add(new Effect.Position(bank, sequence));
        bring(party, Batches.otherBlock(bank, sequence, rows));
      }
      default -> {
        // Never comes.
      }
    }
  }

  /**
   * @param shown as the party's log has it
   */
  private void bring(SimulatedParty party, Event shown) {
    after(
        random.nextInt(BLOCK_DELAY_MILLIS),
        () -> {
          Event block = shown;
          if (shown instanceof Event.BlockHeld held) {
            var at = new Effect.Position(held.bank(), held.sequence());
            party.brought.putIfAbsent(at, held.header());
            block = defect.taken(held);
          }
          party.topic.add(block);
          if (party.alive) {
            step(party, block);
          }
        });
  }

  // Sessions, messages.

  private void startSessionLater() {
    after(
        5 + delay(),
        () -> {
          if (sessionLive) {
            return;
          }
          if (parties.stream().anyMatch(p -> !p.alive || p.session >= 0)) {
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

  /** Ends the session for all, though not at once. */
  private void endSession() {
    if (!sessionLive) {
      return;
    }
    sessionLive = false;
    int ended = session;
    for (SimulatedParty party : parties) {
      party.early.clear();
      afterIn(
          party,
          delay(),
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

  private void crash(SimulatedParty party) {
    party.crash();
    endSession();
    after(
        10 + random.nextInt(60),
        () -> {
          boolean forgets = defect == Defect.SEQUENCES_RESET_ON_RESTART;
          Event recovered = forgets ? party.restart(Map.of()) : party.restart();
          ruleSets.look(party);
          if (party.alive) {
            step(party, recovered);
          }
          if (party.alive) {
            tickLater(party, party.incarnation);
            List.copyOf(party.topic)
                .forEach(
                    block ->
                        afterIn(
                            party, random.nextInt(BLOCK_DELAY_MILLIS), () -> step(party, block)));
          }
        });
  }

  private void send(SimulatedParty from, int to, PeerMessage message) {
    if (from.session < 0) {
      return;
    }
    int sentIn = from.session;
    String link = sentIn + ":" + from.index + ">" + to;
    long at = Math.max(now + delay(), lastDelivery.getOrDefault(link, 0L));
    lastDelivery.put(link, at);
    SimulatedParty receiver = parties.get(to);
    after(at - now, () -> receive(receiver, sentIn, from.index, message));
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
      case Effect.PersistVote vote -> persist(party, vote);
      case Effect.Commit commit -> commit(party, commit.cut());
      case Effect.Alarm alarm -> {
        alarms.merge(alarm.code(), 1, Integer::sum);
        if (alarm.code() == Code.CDT_602) {
          told.add(alarm.fact());
        }
      }
    }
  }

  private void persist(SimulatedParty party, Effect.PersistVote wanted) {
    Vote vote =
        Batches.vote(
            party.settings,
            wanted.batch(),
            wanted.attempt(),
            wanted.kind(),
            wanted.cut(),
            wanted.outcome());
    CutRecord cut = computing.cut(wanted.cut());
    if (wanted.kind() == VoteKind.PREPARED) {
      invariants.kept(party, wanted.cut());
    }
    afterIn(
        party,
        delay(),
        () -> {
          Vote first = party.write(vote, cut);
          invariants.voted(first);
          CutRecord onIt = party.computed.get(vote.getBatch() + 1);
          if (defect == Defect.COMMIT_ON_ABANDONED
              && vote.getKind() == VoteKind.ABANDONED
              && onIt != null) {
            commitNow(party, onIt);
          }
          assertThat(first.getKind())
              .as("a party votes once on an attempt")
              .isEqualTo(vote.getKind());
          afterIn(party, delay(), () -> step(party, new Event.VotePersisted(first)));
        });
  }

  private void commit(SimulatedParty party, CutRecord cut) {
    invariants.mayCommit(cut);
    invariants.kept(party, cut.getCut());
    int incarnation = party.incarnation;
    after(
        2 * delay(),
        () -> {
          if (party.alive && party.incarnation == incarnation) {
            commitNow(party, cut);
            afterIn(party, delay(), () -> step(party, new Event.Committed(cut.getBatch())));
          } else if (defect == Defect.STALE_EPOCH_ACCEPTED) {
            after(STALE_MILLIS, () -> commitNow(party, cut));
          }
        });
  }

  private void commitNow(SimulatedParty party, CutRecord cut) {
    invariants.committing(party, cut);
    party.commit(cut);
  }

  @Override
  public String toString() {
    var text = new StringBuilder("published " + published);
    for (SimulatedParty party : parties) {
      text.append("\n  party ")
          .append(party.index)
          .append(party.alive ? "" : " (down)")
          .append(" batch ")
          .append(party.nextBatch())
          .append(" waits for ")
          .append(party.machine.waitingFor());
      BANKS.forEach(
          bank -> text.append(' ').append(bank).append('=').append(party.nextSequence(bank)));
    }
    return text.append("\n  alarms ").append(alarms).toString();
  }
}
