package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.aggregator.batch.SimulatedComputing.Shares;
import org.concordat.aggregator.batch.SimulatedStore.Written;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.ScoredSpans.Span;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** What must hold whatever happens when. Looks at what is durable, not at the machines. */
final class Invariants {
  private final SimulatedConsortium consortium;
  private final List<CutRecord> cuts = new ArrayList<>();

  /** By bank: all sequences below are used up. */
  private final Map<String, Long> usedBelow = new HashMap<>();

  private final Map<Long, Integer> standing = new HashMap<>();

  /** By party and key: what the masks cover. */
  private final Map<String, CutRecord> masks = new HashMap<>();

  /** By hash: what leaders have proposed. */
  private final Map<Digest, CutRecord> proposals = new HashMap<>();

  /** By bank, where they begin: the committed ones. */
  private final Map<String, NavigableMap<Long, Skip>> skips = new HashMap<>();

  /** By batch: how many attempts anyone has voted on, with those before. */
  private final List<Integer> attempts = new ArrayList<>();

  private final Set<Digest> standingCuts = new HashSet<>();
  private int inFlightMost;
  private boolean sessionsMet;

  Invariants(SimulatedConsortium consortium) {
    this.consortium = consortium;
  }

  /** A vote has become durable. Once all have prepared an attempt, none beside it may be. */
  void voted(Written written) {
    Vote vote = written.vote();
    Shares sealed = written.sealed();
    long batch = vote.getBatch();
    int attempt = vote.getAttempt();
    while (attempts.size() <= batch) {
      attempts.add(0);
    }
    attempts.set((int) batch, Math.max(attempts.get((int) batch), attempt + 1));
    assertThat(
            sealed == null
                || !consortium.honestOutcomes()
                || vote.getOutcome().equals(consortium.computing.outcome(sealed)))
        .as("an outcome belongs to the cut that is voted on")
        .isTrue();
    if (vote.getKind() == VoteKind.PREPARED && batch > 0) {
      assertThat(standingCuts)
          .as("what is prepared rests on what can't be abandoned")
          .contains(previousOf(vote.getCut()));
    }
    Set<Integer> sessions = sessions(batch, attempt);
    sessionsMet |= sessions.size() > 1;
    if (allPrepared(batch, attempt)) {
      assertThat(sessions)
          .as("what is committed together was computed in one session")
          .hasSizeLessThan(2);
      standingCuts.add(vote.getCut());
      Integer before = standing.putIfAbsent(batch, attempt);
      assertThat(before == null || before == attempt)
          .as("batch %s: attempts %s and %s both stand", batch, before, attempt)
          .isTrue();
    }
  }

  private boolean allPrepared(long batch, int attempt) {
    List<Vote> votes =
        consortium.parties.stream()
            .map(party -> party.store.vote(batch, attempt))
            .flatMap(Optional::stream)
            .filter(vote -> vote.getKind() == VoteKind.PREPARED)
            .toList();
    return votes.size() == SimulatedConsortium.PARTIES
        && votes.stream().map(Vote::getCut).distinct().count() == 1
        && votes.stream().map(Vote::getOutcome).distinct().count() == 1;
  }

  /** In which the parties computed what they have prepared of an attempt. */
  private Set<Integer> sessions(long batch, int attempt) {
    Set<Integer> sessions = new HashSet<>();
    for (SimulatedParty party : consortium.parties) {
      Shares sealed = party.store.sealed(batch, attempt);
      if (sealed != null && !sealed.isEmpty()) {
        sessions.add(sealed.session());
      }
    }
    return sessions;
  }

  /** Whether parties have prepared an attempt that they computed in different sessions. */
  boolean sessionsMet() {
    return sessionsMet;
  }

  /** A party sends. */
  void sent(SimulatedParty party, PeerMessage message) {
    switch (message.getContent()) {
      case Vote vote -> durable(party, List.of(vote));
      case Standing standing -> durable(party, standing.getVotes());
      case Proposal proposal -> proposed(party, proposal.getCut());
      case Agreement agreement -> agreed(party, agreement.getCut());
      default -> {
        // Says nothing that others act on for good.
      }
    }
  }

  private static void durable(SimulatedParty party, List<Vote> votes) {
    for (Vote vote : votes) {
      assertThat(party.store.vote(vote.getBatch(), vote.getAttempt()))
          .as("a vote is durable before it is sent")
          .contains(vote);
    }
  }

  private void proposed(SimulatedParty party, CutRecord cut) {
    proposals.put(cut.getCut(), cut);
    requireUnused(party, cut);
    assertThat(consortium.parties)
        .as("a cut names a rule set that every party has")
        .allMatch(each -> each.store.has(cut.getRuleSet()));
    assertThat(scored(cut))
        .as("a cut goes no further than the minimum over all parties")
        .allMatch(this::everyPartyWasBrought);
  }

  private static List<Effect.Position> scored(CutRecord cut) {
    List<Effect.Position> scored = new ArrayList<>();
    for (List<Span> spans : ScoredSpans.of(cut).orElseThrow().values()) {
      for (Span span : spans) {
        for (long s = span.first(); s < span.next(); s++) {
          scored.add(new Effect.Position(span.bank(), s));
        }
      }
    }
    return scored;
  }

  /** A party agrees to a cut that a leader has proposed. */
  private void agreed(SimulatedParty party, Digest cut) {
    requireUnused(party, Objects.requireNonNull(proposals.get(cut)));
  }

  /**
   * Left out is a process that was replaced, whose party may have committed since; and one whose
   * party's log has got another's vote since it was read, by which peers may have committed. Those
   * peers agree to no cut of theirs.
   */
  private void requireUnused(SimulatedParty party, CutRecord cut) {
    if (!consortium.parties.contains(party) || party.store.hasUnread(party)) {
      return;
    }
    for (CutEntry entry : cut.getEntries()) {
      if (entry.getFirstSequence() < usedBelow.getOrDefault(entry.getBank(), 0L)) {
        throw new AssertionError(
            "each block is used up once: no cut holds what a committed one held");
      }
    }
  }

  private Digest previousOf(Digest cut) {
    return Objects.requireNonNull(proposals.get(cut)).getPreviousCut();
  }

  private boolean everyPartyWasBrought(Effect.Position at) {
    return consortium.parties.stream().allMatch(party -> party.store.brought.containsKey(at));
  }

  /** A party begins to compute. */
  void scoredBy(SimulatedParty party, CutRecord cut) {
    assertThat(party.ready)
        .as("a cut is computed by the rule set that it names")
        .contains(cut.getRuleSet());
  }

  /** Rule sets that scored something. */
  long ruleSetsUsed() {
    return cuts.stream().map(CutRecord::getRuleSet).distinct().count();
  }

  /** A party draws masks for an attempt. */
  void masksDrawn(SimulatedParty party, String key, CutRecord cut) {
    assertThat(masks.putIfAbsent(party.index + ":" + key, cut)).as("masks are drawn once").isNull();
  }

  /** A machine has taken an event. */
  void stepped(SimulatedParty party) {
    int inFlight = party.machine.inFlight();
    inFlightMost = Math.max(inFlightMost, inFlight);
    long rowsMost = (long) Batches.IN_FLIGHT * Batches.ROWS_MAX;
    if (inFlight > Batches.IN_FLIGHT || party.machine.rowsInFlight() > rowsMost) {
      throw new AssertionError("batches and rows in flight are bounded");
    }
    bounded(party);
  }

  /** Whatever a machine keeps is of blocks and batches that aren't done, or were last. */
  private void bounded(SimulatedParty party) {
    BatchMachine machine = party.machine;
    long blocks = consortium.banks.strays(party);
    for (String bank : SimulatedConsortium.BANKS) {
      blocks += consortium.banks.blocksFrom(bank, machine.nextSequence(bank));
    }
    int window = Settings.BATCHES_IN_FLIGHT_MAX;
    long next = machine.nextBatch();
    int open = attempts(next, next + window);
    Kept kept = machine.kept();
    if (kept.blocks() > blocks
        || kept.votes() > SimulatedConsortium.PARTIES * open
        || kept.earlierVotes() > attempts(next - window, next)
        || kept.writing() > open + window) {
      throw new AssertionError("blocks and votes that a machine keeps are bounded: " + kept);
    }
  }

  private int attempts(long from, long to) {
    int sum = 0;
    for (int batch = (int) Math.max(0, from); batch < Math.min(to, attempts.size()); batch++) {
      sum += attempts.get(batch);
    }
    return sum;
  }

  /** The most batches that any party has had in flight. */
  int inFlightMost() {
    return inFlightMost;
  }

  /** A party needs what it computed of an attempt as long as it may have to vote or commit. */
  void kept(SimulatedParty party, Digest cut) {
    assertThat(party.kept)
        .as("what is prepared was computed, or is in the own log")
        .containsKey(cut);
  }

  /** A machine wants to commit. */
  void mayCommit(CutRecord cut) {
    assertThat(allPrepared(cut.getBatch(), cut.getAttempt()))
        .as("a commit needs every party's durable vote for it")
        .isTrue();
  }

  /** A transaction is about to become durable at a party. */
  void committing(SimulatedStore party, Shares shares) {
    CutRecord cut = shares.cut();
    assertThat(cut.getBatch())
        .as("each batch is committed once, on the one before")
        .isEqualTo(party.nextBatch());
    assertThat(cut.getPreviousCut())
        .as("a batch is committed on the one that it was built on")
        .isEqualTo(party.previousCut());
    assertThat(cut.getRuleSetVersion())
        .as("rule sets don't go back")
        .isGreaterThanOrEqualTo(party.ruleSetVersion());
    for (CutEntry entry : cut.getEntries()) {
      assertThat(entry.getFirstSequence())
          .as("sequences go on without a gap")
          .isEqualTo(party.nextSequence(entry.getBank()));
    }
    if (!shares.isEmpty()) {
      assertThat(party.sealed(cut.getBatch(), cut.getAttempt()))
          .as("a party commits what its own vote seals, of the same session")
          .isEqualTo(shares);
    }
    if (cut.getBatch() < cuts.size()) {
      assertThat(cut).as("all parties commit one cut").isEqualTo(cuts.get((int) cut.getBatch()));
      return;
    }
    assertThat(cut.getBatch()).isEqualTo(cuts.size());
    assertThat(standing).containsEntry(cut.getBatch(), cut.getAttempt());
    cuts.add(cut);
    for (Skip skip : cut.getSkips()) {
      assertThat(consortium.banks.mayBeSkipped(skip))
          .as("only what somebody couldn't use is skipped: %s", skip)
          .isTrue();
      skips.computeIfAbsent(skip.getBank(), bank -> new TreeMap<>()).put(skip.getSequence(), skip);
    }
    for (CutEntry entry : cut.getEntries()) {
      assertThat(entry.getFirstSequence())
          .as("each block is used up once")
          .isGreaterThanOrEqualTo(usedBelow.getOrDefault(entry.getBank(), 0L));
      usedBelow.put(entry.getBank(), entry.getNextSequence());
    }
    for (Effect.Position at : scored(cut)) {
      assertThat(consortium.parties.stream().map(each -> each.store.brought.get(at)).distinct())
          .as("all parties score the block that they see")
          .hasSize(1);
    }
  }

  /** Why a block was skipped, if it was. */
  private Optional<String> skipped(Effect.Position at) {
    return Optional.ofNullable(skips.get(at.bank()))
        .map(ofBank -> ofBank.floorEntry(at.sequence()))
        .map(Map.Entry::getValue)
        .filter(skip -> at.sequence() < skip.getNextSequence())
        .map(Skip::getReason);
  }

  /** Everything is used up: what logs show differently is skipped, for that, and people know. */
  void settled() {
    for (Effect.Position at : consortium.banks.differing) {
      assertThat(skipped(at))
          .as("a block that logs show differently is skipped, and its bank told why")
          .contains(Code.CDT_602.label());
      assertThat(consortium.told).as("people are told whose block it is").contains(at.bank());
    }
  }
}
