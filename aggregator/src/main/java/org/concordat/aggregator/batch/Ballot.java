package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** The votes on the next batch, by attempt and party. First written wins. */
final class Ballot {
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
    return Optional.ofNullable(byAttempt.getOrDefault(attempt, Map.of()).get(party));
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

  /** Whether all parties have prepared one cut with one outcome: the attempt stands. */
  boolean stands(int attempt) {
    Map<Integer, Vote> votes = byAttempt.getOrDefault(attempt, Map.of());
    return votes.size() == parties
        && votes.values().stream().allMatch(v -> v.getKind() == VoteKind.PREPARED)
        && votes.values().stream().map(Vote::getCut).distinct().count() == 1
        && votes.values().stream().map(Vote::getOutcome).distinct().count() == 1;
  }

  /** Whether an attempt can't come to stand any more. */
  boolean dead(int attempt) {
    Map<Integer, Vote> votes = byAttempt.getOrDefault(attempt, Map.of());
    return votes.values().stream().anyMatch(v -> v.getKind() == VoteKind.ABANDONED)
        || differ(attempt);
  }

  /** Whether all have prepared, but not the same. */
  boolean differ(int attempt) {
    Map<Integer, Vote> votes = byAttempt.getOrDefault(attempt, Map.of());
    return votes.size() == parties
        && votes.values().stream().allMatch(v -> v.getKind() == VoteKind.PREPARED)
        && !stands(attempt);
  }

  /** The last attempt that anyone voted on, or -1. */
  int lastAttempt() {
    return byAttempt.isEmpty() ? -1 : byAttempt.lastKey();
  }

  /** Whether every attempt before this one is known to be dead. */
  boolean allDeadBefore(int attempt) {
    return byAttempt.headMap(attempt, false).keySet().stream().allMatch(this::dead);
  }
}
