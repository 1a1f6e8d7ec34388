package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.jspecify.annotations.Nullable;

/** A party: what survives a crash, and what doesn't. */
final class SimulatedParty {
  /** A message that came before this party's end of the session was up. */
  record Early(int session, int from, PeerMessage message) {}

  final int index;
  final Settings settings;

  // Durable.
  private final Map<String, Vote> log = new LinkedHashMap<>();
  private final Map<String, CutRecord> preparedCuts = new HashMap<>();
  final List<CutRecord> committed = new ArrayList<>();
  final List<Event> topic = new ArrayList<>();

  /** The headers of blocks that came in some form that could be opened, as they came first. */
  final Map<Effect.Position, Digest> brought = new HashMap<>();

  /** Those beside the first one that were put into this party's folder. */
  final List<RuleSetId> ruleSets = new ArrayList<>();

  private Digest previousCut = new Digest(new byte[32]);
  private RuleSetId ruleSet = RuleSetId.NONE;
  private final Map<String, Long> nextSequences = new HashMap<>();

  // Lost in a crash.
  /** The rule sets that the process has read. */
  final Set<Digest> ready = new HashSet<>();

  BatchMachine machine;
  boolean alive = true;
  int incarnation;
  int session = -1;

  /** By which its clock is ahead of the time. */
  int clockMinutes;

  final List<Early> early = new ArrayList<>();
  final Set<Digest> computing = new HashSet<>();

  /** Cuts whose computation, or what the log has of it, is at hand. */
  final Set<Digest> kept = new HashSet<>();

  /** By batch: the cut of the last attempt that was computed. */
  final Map<Long, CutRecord> computed = new HashMap<>();

  SimulatedParty(Settings settings) {
    this.settings = settings;
    this.index = settings.me();
    this.machine = new BatchMachine(settings, Progress.initial());
    ready.add(settings.ruleSet());
  }

  long nextBatch() {
    return committed.size();
  }

  long nextSequence(String bank) {
    return nextSequences.getOrDefault(bank, 0L);
  }

  int ruleSetVersion() {
    return ruleSet.version();
  }

  /** Whether a rule set is in its folder, or is the first. */
  boolean has(Digest ruleSet) {
    return ruleSet.equals(settings.ruleSet())
        || ruleSets.stream().anyMatch(each -> each.hash().equals(ruleSet));
  }

  /** The process looks into its folder. */
  Event look() {
    ruleSets.forEach(ruleSet -> ready.add(ruleSet.hash()));
    return new Event.RuleSetsReady(List.copyOf(ruleSets));
  }

  Digest previousCut() {
    return previousCut;
  }

  private static String key(long batch, int attempt) {
    return batch + "/" + attempt;
  }

  Optional<Vote> vote(long batch, int attempt) {
    return Optional.ofNullable(log.get(key(batch, attempt)));
  }

  /**
   * Appends a vote unless there is one on the attempt.
   *
   * @param cut of a prepared vote
   * @return the first written
   */
  Vote write(Vote vote, @Nullable CutRecord cut) {
    Vote first = log.putIfAbsent(key(vote.getBatch(), vote.getAttempt()), vote);
    if (first == null && vote.getKind() == VoteKind.PREPARED) {
      preparedCuts.put(
          key(vote.getBatch(), vote.getAttempt()), java.util.Objects.requireNonNull(cut));
    }
    return first == null ? vote : first;
  }

  /** The transaction of a batch. */
  void commit(CutRecord cut) {
    committed.add(cut);
    previousCut = cut.getCut();
    ruleSet = new RuleSetId(cut.getRuleSet(), cut.getRuleSetVersion());
    for (CutEntry entry : cut.getEntries()) {
      nextSequences.put(entry.getBank(), entry.getNextSequence());
    }
  }

  void crash() {
    alive = false;
    incarnation++;
    session = -1;
    early.clear();
    computing.clear();
    kept.clear();
    computed.clear();
    ready.retainAll(Set.of(settings.ruleSet()));
  }

  /**
   * A new process, as far as the log tells.
   *
   * @param sequences of the state that it finds
   */
  Event restart(Map<String, Long> sequences) {
    alive = true;
    machine =
        new BatchMachine(settings, new Progress(nextBatch(), previousCut, sequences, ruleSet));
    List<Vote> votes =
        log.values().stream()
            .filter(v -> v.getBatch() >= nextBatch() - Settings.BATCHES_IN_FLIGHT_MAX)
            .toList();
    List<PreparedCut> prepared = new ArrayList<>();
    for (Vote vote : votes) {
      if (vote.getBatch() >= nextBatch() && vote.getKind() == VoteKind.PREPARED) {
        String key = key(vote.getBatch(), vote.getAttempt());
        prepared.add(
            new PreparedCut(
                vote.getAttempt(), java.util.Objects.requireNonNull(preparedCuts.get(key))));
      }
    }
    prepared.forEach(cut -> kept.add(cut.cut().getCut()));
    return new Event.Recovered(votes, prepared);
  }

  Event restart() {
    return restart(nextSequences);
  }
}
