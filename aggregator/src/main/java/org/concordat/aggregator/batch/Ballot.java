package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** The durable votes on the next batch, by attempt and party. First written wins. */
final class Ballot {
  private record Content(Digest cut, Digest outcome) {}

  private final int parties;
  private final NavigableMap<Integer, Map<Integer, Vote>> byAttempt = new TreeMap<>();

  Ballot(int parties) {
    this.parties = parties;
  }

  /** Takes a vote; false if the party voted otherwise on the same attempt before. */
  boolean add(int party, Vote vote) {
    Map<Integer, Vote> votes =
        byAttempt.computeIfAbsent(vote.getAttempt(), attempt -> new HashMap<>());
    Vote first = votes.putIfAbsent(party, vote);
    return first == null
        || (first.getKind() == vote.getKind()
            && first.getCut().equals(vote.getCut())
            && first.getOutcome().equals(vote.getOutcome()));
  }

  Optional<Vote> of(int party, int attempt) {
    return Optional.ofNullable(votes(attempt).get(party));
  }

  /** All votes of a party, by ascending attempt. */
  List<Vote> of(int party) {
    List<Vote> votes = new ArrayList<>();
    for (Map<Integer, Vote> attempt : byAttempt.values()) {
      Vote vote = attempt.get(party);
      if (vote != null) {
        votes.add(vote);
      }
    }
    return votes;
  }

  /** The last attempt that a party has prepared, or -1. */
  int lastPrepared(int party) {
    return of(party).stream()
        .filter(vote -> vote.getKind() == VoteKind.PREPARED)
        .mapToInt(Vote::getAttempt)
        .max()
        .orElse(-1);
  }

  /** Whether all parties have prepared one cut with one outcome: the attempt stands. */
  boolean stands(int attempt) {
    return votes(attempt).size() == parties && !dead(attempt);
  }

  /** Whether an attempt can't come to stand any more, whatever the missing votes say. */
  boolean dead(int attempt) {
    return votes(attempt).values().stream().anyMatch(v -> v.getKind() == VoteKind.ABANDONED)
        || prepared(attempt).size() > 1;
  }

  /** Whether two parties computed different outcomes from the same cut. */
  boolean outcomesDiffer(int attempt) {
    Set<Content> prepared = prepared(attempt);
    return prepared.stream().map(Content::cut).distinct().count() < prepared.size();
  }

  /** Whether a party voted on another cut under this attempt's number. */
  boolean otherCut(int attempt, Digest cut) {
    return votes(attempt).values().stream().anyMatch(v -> !v.getCut().equals(cut));
  }

  /** The last attempt that anyone voted on, or -1. */
  int lastAttempt() {
    return byAttempt.isEmpty() ? -1 : byAttempt.lastKey();
  }

  /** How many attempts anyone has voted on, as far as this party knows. */
  int attempts() {
    return byAttempt.size();
  }

  /** Whether anyone has voted on an attempt. */
  boolean knows(int attempt) {
    return byAttempt.containsKey(attempt);
  }

  /** Whether every attempt before this one is known to be dead. */
  boolean allDeadBefore(int attempt) {
    return byAttempt.headMap(attempt, false).keySet().stream().allMatch(this::dead);
  }

  /** All votes, of all attempts and parties. */
  int size() {
    int votes = 0;
    for (Map<Integer, Vote> attempt : byAttempt.values()) {
      votes += attempt.size();
    }
    return votes;
  }

  private Set<Content> prepared(int attempt) {
    Set<Content> contents = new HashSet<>();
    for (Vote vote : votes(attempt).values()) {
      if (vote.getKind() == VoteKind.PREPARED) {
        contents.add(new Content(vote.getCut(), vote.getOutcome()));
      }
    }
    return contents;
  }

  private Map<Integer, Vote> votes(int attempt) {
    return byAttempt.getOrDefault(attempt, Map.of());
  }
}
