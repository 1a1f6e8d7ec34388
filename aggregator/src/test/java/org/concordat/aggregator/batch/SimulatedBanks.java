package org.concordat.aggregator.batch;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.ScoredSpans.Span;
import org.concordat.schemas.record.Skip;

/**
 * The banks of a {@link SimulatedConsortium}: what they publish, and what of it each party's log
 * shows.
 */
final class SimulatedBanks {
  /** Below the grace time: what is only late must not be skipped. */
  static final int DELAY_MILLIS = 15;

  /** By how many sequences a bank jumps, at most: as a power of two. */
  private static final int JUMP_BITS = 49;

  /** A sequence that no bank reaches, however often it jumps. */
  private static final long STRAY = 1L << 60;

  /** Blocks that one party's log shows differently. */
  final Set<Effect.Position> differing = new HashSet<>();

  /** Blocks that somebody had trouble with: only these may be skipped, and what was jumped. */
  private final Set<Effect.Position> troubled = new HashSet<>();

  private final Map<String, Long> published = new HashMap<>();

  /** By bank, where it jumped: where to. */
  private final Map<String, NavigableMap<Long, Long>> jumps = new HashMap<>();

  /** By bank that jumps: whose log alone shows a block of it that is far ahead of all others. */
  private final Map<String, Integer> strays = new HashMap<>();

  private final SimulatedConsortium consortium;
  private final Defect defect;
  private boolean publishing = true;

  SimulatedBanks(SimulatedConsortium consortium, Defect defect) {
    this.consortium = consortium;
    this.defect = defect;
    SimulatedConsortium.BANKS.forEach(bank -> jumps.put(bank, new TreeMap<>()));
  }

  /** A bank's next sequence. */
  long next(String bank) {
    return published.getOrDefault(bank, 0L);
  }

  /** Blocks that a bank has published from a sequence on. */
  long blocksFrom(String bank, long sequence) {
    long blocks = next(bank) - sequence;
    for (Map.Entry<Long, Long> jump : jumps(bank).entrySet()) {
      blocks -= Math.max(0, jump.getValue() - Math.max(jump.getKey(), sequence));
    }
    return blocks;
  }

  /** Blocks that a party's log alone shows, far ahead of all others. */
  int strays(SimulatedParty party) {
    return Collections.frequency(strays.values(), party.index);
  }

  /** No party can use a block, though all hold it. */
  void tooLarge(Span block) {
    troubled.add(new Effect.Position(block.bank(), block.first()));
  }

  /** Whether somebody had trouble with each block of a skip, or its sequence was never used. */
  boolean mayBeSkipped(Skip skip) {
    long sequence = skip.getSequence();
    while (sequence < skip.getNextSequence()) {
      Map.Entry<Long, Long> jump = jumps(skip.getBank()).floorEntry(sequence);
      if (jump != null && sequence < jump.getValue()) {
        sequence = jump.getValue();
      } else if (troubled.contains(new Effect.Position(skip.getBank(), sequence))) {
        sequence++;
      } else {
        return false;
      }
    }
    return true;
  }

  private NavigableMap<Long, Long> jumps(String bank) {
    return Objects.requireNonNull(jumps.get(bank));
  }

  /** How far the banks have jumped together. */
  long jumped() {
    return jumps.values().stream()
        .flatMap(ofBank -> ofBank.entrySet().stream())
        .mapToLong(jump -> jump.getValue() - jump.getKey())
        .sum();
  }

  void begin() {
    SimulatedConsortium.BANKS.forEach(this::publishLater);
    if (consortium.faults.jump() > 0) {
      for (String bank : SimulatedConsortium.BANKS) {
        int party = strays.size() % SimulatedConsortium.PARTIES;
        strays.put(bank, party);
        bring(party, Batches.block(bank, STRAY, 1));
      }
    }
  }

  void end() {
    publishing = false;
  }

  private void publishLater(String bank) {
    consortium.after(
        consortium.random.nextInt(12),
        () -> {
          if (publishing) {
            if (consortium.happens(consortium.faults.jump())) {
              jump(bank);
            }
            publish(bank, published.merge(bank, 1L, Long::sum) - 1);
            publishLater(bank);
          }
        });
  }

  private void jump(String bank) {
    long from = next(bank);
    long to = from + (1L << consortium.random.nextInt(JUMP_BITS + 1));
    jumps(bank).put(from, to);
    published.put(bank, to);
  }

  private void publish(String bank, long sequence) {
    int victim = consortium.random.nextInt(SimulatedConsortium.PARTIES);
    int rows = 1 + consortium.random.nextInt(1_024);
    Event good = Batches.block(bank, sequence, rows);
    boolean trouble = consortium.happens(consortium.faults.block());
    if (trouble) {
      troubled.add(new Effect.Position(bank, sequence));
    }
    for (int party = 0; party < SimulatedConsortium.PARTIES; party++) {
      boolean toldGood = !trouble || party != victim;
      if (toldGood) {
        bring(party, good);
        if (consortium.random.nextInt(10) == 0) {
          bring(party, good);
        }
      } else {
        bringTrouble(party, bank, sequence, rows, good);
      }
    }
  }

  private void bringTrouble(int party, String bank, long sequence, int rows, Event good) {
    switch (consortium.random.nextInt(4)) {
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
  private void bring(int index, Event shown) {
    consortium.after(
        consortium.random.nextInt(DELAY_MILLIS),
        () -> {
          SimulatedParty party = consortium.parties.get(index);
          Event block = shown;
          if (shown instanceof Event.BlockHeld held) {
            var at = new Effect.Position(held.bank(), held.sequence());
            boolean again = party.store.brought.putIfAbsent(at, held.header()) != null;
            block = defect.taken(party, held, again);
          }
          party.store.topic.add(block);
          if (party.alive) {
            consortium.step(party, block);
          }
        });
  }

  /** A process reads all that its party's log shows. */
  void readBy(SimulatedParty process) {
    for (Event block : List.copyOf(process.store.topic)) {
      consortium.afterIn(
          process, consortium.random.nextInt(DELAY_MILLIS), () -> consortium.step(process, block));
    }
  }

  /** By bank: how far it has come. */
  @Override
  public String toString() {
    return published.toString();
  }
}
