package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.concordat.aggregator.batch.SimulatedComputing.Shares;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Vote;
import org.jspecify.annotations.Nullable;

/** What a party has outside of its processes: its topics at the brokers, and its rule sets. */
final class SimulatedStore {
  /**
   * A vote in the log.
   *
   * @param writer the process
   * @param vote as machines and peers get it
   * @param inLog the same with what it seals
   * @param sealed by a prepared vote: what its writer computed
   */
  record Written(SimulatedParty writer, Vote vote, Vote inLog, @Nullable Shares sealed) {}

  final Settings settings;

  /** The transactions of batches. */
  final List<CutRecord> committed = new ArrayList<>();

  /** The banks' blocks. */
  final List<Event> topic = new ArrayList<>();

  /** The headers of blocks that came in some form that could be opened, as they came first. */
  final Map<Effect.Position, Digest> brought = new HashMap<>();

  /** Those beside the first one that were put into this party's folder. */
  final List<RuleSetId> ruleSets = new ArrayList<>();

  /** Of the process that opened the producer of transactions last; all others are fenced off. */
  long epoch;

  /** Of the process that told last that the partition is its own. */
  long term;

  /** Whether a process is about to take the partition. */
  boolean recovering;

  /** Votes of processes that have ended: they arrive once the next one has read the log. */
  final List<Written> onTheWay = new ArrayList<>();

  private final List<Written> votes = new ArrayList<>();
  private final Map<String, Written> firstVotes = new LinkedHashMap<>();
  private final Map<String, Long> nextSequences = new HashMap<>();
  private Digest previousCut = new Digest(new byte[32]);
  private RuleSetId ruleSet = RuleSetId.NONE;

  SimulatedStore(Settings settings) {
    this.settings = settings;
  }

  long nextBatch() {
    return committed.size();
  }

  long nextSequence(String bank) {
    return nextSequences.getOrDefault(bank, 0L);
  }

  Digest previousCut() {
    return previousCut;
  }

  int ruleSetVersion() {
    return ruleSet.version();
  }

  /** Whether a rule set is in its folder, or is the first. */
  boolean has(Digest ruleSet) {
    return ruleSet.equals(settings.ruleSet())
        || ruleSets.stream().anyMatch(each -> each.hash().equals(ruleSet));
  }

  Map<String, Long> nextSequences() {
    return Map.copyOf(nextSequences);
  }

  /**
   * Where the last committed batch has left the partition.
   *
   * @param sequences of the state
   */
  Progress progress(Map<String, Long> sequences) {
    return new Progress(nextBatch(), previousCut, sequences, ruleSet);
  }

  private static String key(long batch, int attempt) {
    return batch + "/" + attempt;
  }

  /**
   * Appends a vote, whoever wrote it.
   *
   * @return its offset
   */
  int append(Written written) {
    Vote vote = written.vote();
    firstVotes.putIfAbsent(key(vote.getBatch(), vote.getAttempt()), written);
    votes.add(written);
    return votes.size() - 1;
  }

  /** Votes in the log: where the next one is appended. */
  int votes() {
    return votes.size();
  }

  /**
   * Whether another process's prepared vote has come, on a batch that isn't committed, after one
   * has read the log at its start.
   */
  boolean hasUnread(SimulatedParty party) {
    return votes.subList(party.votesRead, votes.size()).stream()
        .anyMatch(
            written ->
                written.writer() != party
                    && written.sealed() != null
                    && written.vote().getBatch() >= party.machine.nextBatch());
  }

  /** The votes written from one offset to before another. */
  List<Vote> votes(long from, long to) {
    return votes.subList((int) from, (int) to).stream().map(Written::inLog).toList();
  }

  /** The first written vote on an attempt, which stands. */
  Optional<Vote> vote(long batch, int attempt) {
    return Optional.ofNullable(firstVotes.get(key(batch, attempt))).map(Written::vote);
  }

  /** What the first written vote on an attempt seals; null if there is none, or it abandons. */
  @Nullable Shares sealed(long batch, int attempt) {
    Written first = firstVotes.get(key(batch, attempt));
    return first == null ? null : first.sealed();
  }

  /** The first written on the attempt of a vote that is in the log. */
  Written first(Vote vote) {
    return Objects.requireNonNull(firstVotes.get(key(vote.getBatch(), vote.getAttempt())));
  }

  /** The first written votes on each attempt, from a batch on, in the log's order. */
  List<Written> firstVotes(long batch) {
    return firstVotes.values().stream().filter(w -> w.vote().getBatch() >= batch).toList();
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
}
