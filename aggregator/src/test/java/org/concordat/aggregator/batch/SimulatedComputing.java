package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.ScoredSpans.Span;

/** Computations of a {@link SimulatedConsortium}: what they open is the hash of the cut. */
final class SimulatedComputing {
  /** Long enough that several batches compute side by side. */
  private static final int COMPUTE_MILLIS = 25;

  /** In so many steps a long computation comes to its end. */
  private static final int STEPS = 12;

  /** How long the computation of a cut takes, and how it goes. */
  enum Load {
    /** Little beside a stall. */
    LIGHT,
    /** Three stalls, and it comes further all the time. */
    LONG,
    /** It comes no further at one party. */
    STUCK,
    /** All parties see that it is too much. */
    REFUSED
  }

  /** Says of a cut with so many rows in so many blocks what its computation takes. */
  interface Loads {
    Load of(long rows, long blocks);
  }

  /** What a party computed: it fits only what others computed of the cut in the same session. */
  record Shares(CutRecord cut, int session) {
    /** Where all blocks of a cut are skipped, nothing is computed. */
    boolean isEmpty() {
      return blocks(cut) == 0;
    }
  }

  private final SimulatedConsortium consortium;
  private final Defect defect;
  private final Map<String, List<SimulatedParty>> computing = new HashMap<>();
  private int attemptsInVain;
  Loads loads;

  SimulatedComputing(SimulatedConsortium consortium, Defect defect, Loads loads) {
    this.consortium = consortium;
    this.defect = defect;
    this.loads = loads;
  }

  /** That were stuck or refused. */
  int attemptsInVain() {
    return attemptsInVain;
  }

  void compute(SimulatedParty party, CutRecord cut) {
    if (party.session < 0) {
      consortium.afterIn(
          party, 0, () -> consortium.step(party, new Event.ComputeFailed(cut.getCut())));
      return;
    }
    String name = party.session + ":" + cut.getCut() + ":" + cut.getAttempt();
    boolean byNumber = defect == Defect.MASKS_REUSED_AFTER_ABORT;
    consortium.invariants.scoredBy(party, cut);
    consortium.invariants.masksDrawn(
        party, byNumber ? party.session + ":" + cut.getBatch() : name, cut);
    party.computing.add(cut.getCut());
    party.kept.put(cut.getCut(), new Shares(cut, party.session));
    List<SimulatedParty> taking = computing.computeIfAbsent(name, n -> new ArrayList<>());
    taking.add(party);
    if (taking.size() == SimulatedConsortium.PARTIES) {
      long rows = cut.getEntries().stream().mapToLong(entry -> entry.getRows()).sum();
      Load load = loads.of(rows, blocks(cut));
      if (load == Load.REFUSED && blocks(cut) == 1) {
        spans(cut).forEach(consortium.banks::tooLarge);
      }
      run(taking, party.session, cut, load);
    }
  }

  /** That are scored. */
  private static long blocks(CutRecord cut) {
    return spans(cut).mapToLong(Span::blocks).sum();
  }

  private static Stream<Span> spans(CutRecord cut) {
    return ScoredSpans.of(cut).orElseThrow().values().stream().flatMap(List::stream);
  }

  /** What a party votes of what it computed. */
  Digest outcome(Shares shares) {
    Digest opened = shares.cut().getCut();
    return shares.isEmpty() || defect == Defect.SESSION_NOT_NAMED
        ? opened
        : Batches.digest(shares.session() + ":" + opened);
  }

  private void run(List<SimulatedParty> taking, int session, CutRecord cut, Load load) {
    boolean failing = consortium.happens(consortium.faults.compute());
    int victim = consortium.random.nextInt(SimulatedConsortium.PARTIES);
    attemptsInVain += load == Load.STUCK || load == Load.REFUSED ? 1 : 0;
    for (SimulatedParty each : taking) {
      // Some results come when another attempt is on.
      int millis =
          consortium.random.nextInt(20) == 0
              ? 40 + consortium.delay()
              : consortium.random.nextInt(COMPUTE_MILLIS);
      boolean fails = failing && each.index == victim;
      switch (load) {
        case LIGHT -> consortium.afterIn(each, millis, () -> computed(each, session, cut, fails));
        case LONG -> {
          comeFurther(each, session, cut, STEPS);
          consortium.afterIn(
              each, 3 * Batches.STALL_MILLIS + millis, () -> computed(each, session, cut, fails));
        }
        case STUCK -> {
          // A few steps, and then nothing more, while another party has come to the end.
          comeFurther(each, session, cut, 2);
          if (each.index == victim) {
            consortium.afterIn(each, millis, () -> computed(each, session, cut, false));
          }
        }
        case REFUSED -> {
          // As of a batch that begins an epoch: all parties see the same.
          boolean toOneBlock = cut.getBatch() % 2 == 1;
          consortium.afterIn(
              each,
              millis,
              () -> consortium.step(each, new Event.TooLarge(cut.getCut(), toOneBlock)));
        }
      }
    }
  }

  private void comeFurther(SimulatedParty party, int session, CutRecord cut, int steps) {
    for (int i = 1; i <= steps; i++) {
      consortium.afterIn(
          party,
          i * 3 * Batches.STALL_MILLIS / STEPS,
          () -> {
            if (party.session == session && party.computing.contains(cut.getCut())) {
              consortium.step(party, new Event.Progressed(cut.getCut()));
            }
          });
    }
  }

  private void computed(SimulatedParty party, int session, CutRecord cut, boolean failed) {
    boolean late = party.session != session || !party.computing.contains(cut.getCut());
    if (late && consortium.random.nextBoolean()) {
      return;
    }
    var shares = new Shares(cut, session);
    party.computed.put(cut.getBatch(), shares);
    // A late result may come all the same, as from a thread that had just finished.
    boolean wrong =
        consortium.happens(consortium.faults.outcome()) || defect.scoresByOthers(party, cut);
    Digest outcome = wrong ? Batches.digest("wrong") : outcome(shares);
    consortium.step(
        party,
        failed ? new Event.ComputeFailed(cut.getCut()) : new Event.Computed(cut.getCut(), outcome));
  }
}
