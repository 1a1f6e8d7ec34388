package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** What must hold whatever happens when. Looks at what is durable, not at the machines. */
final class Invariants {
  private final SimulatedConsortium consortium;
  private final List<CutRecord> cuts = new ArrayList<>();
  private final Set<Effect.Position> used = new HashSet<>();
  private final Map<Long, Integer> standing = new HashMap<>();

  Invariants(SimulatedConsortium consortium) {
    this.consortium = consortium;
  }

  /** A vote has become durable. Once all have prepared an attempt, none beside it may be. */
  void voted(Vote vote) {
    long batch = vote.getBatch();
    int attempt = vote.getAttempt();
    assertThat(
            vote.getKind() == VoteKind.ABANDONED
                || !consortium.honestOutcomes()
                || vote.getOutcome().equals(vote.getCut()))
        .as("an outcome belongs to the cut that is voted on")
        .isTrue();
    if (allPrepared(batch, attempt)) {
      Integer before = standing.putIfAbsent(batch, attempt);
      assertThat(before == null || before == attempt)
          .as("batch %s: attempts %s and %s both stand", batch, before, attempt)
          .isTrue();
    }
  }

  private boolean allPrepared(long batch, int attempt) {
    List<Vote> votes =
        consortium.parties.stream()
            .map(party -> party.vote(batch, attempt))
            .flatMap(Optional::stream)
            .filter(vote -> vote.getKind() == VoteKind.PREPARED)
            .toList();
    return votes.size() == SimulatedConsortium.PARTIES
        && votes.stream().map(Vote::getCut).distinct().count() == 1
        && votes.stream().map(Vote::getOutcome).distinct().count() == 1;
  }

  /** A machine wants to commit. */
  void mayCommit(CutRecord cut) {
    assertThat(allPrepared(cut.getBatch(), cut.getAttempt()))
        .as("a commit needs every party's durable vote for it")
        .isTrue();
  }

  /** A transaction is about to become durable at a party. */
  void committing(SimulatedParty party, CutRecord cut) {
    assertThat(cut.getBatch()).as("each batch is committed once").isEqualTo(party.nextBatch());
    assertThat(cut.getPreviousCut()).isEqualTo(party.previousCut());
    for (CutEntry entry : cut.getEntries()) {
      assertThat(entry.getFirstSequence())
          .as("sequences go on without a gap")
          .isEqualTo(party.nextSequence(entry.getBank()));
    }
    if (cut.getBatch() < cuts.size()) {
      assertThat(cut).as("all parties commit one cut").isEqualTo(cuts.get((int) cut.getBatch()));
      return;
    }
    assertThat(cut.getBatch()).isEqualTo(cuts.size());
    assertThat(standing).containsEntry(cut.getBatch(), cut.getAttempt());
    cuts.add(cut);
    for (CutEntry entry : cut.getEntries()) {
      for (long s = entry.getFirstSequence(); s < entry.getNextSequence(); s++) {
        assertThat(used.add(new Effect.Position(entry.getBank(), s)))
            .as("each block is used up once")
            .isTrue();
      }
    }
    for (Skip skip : cut.getSkips()) {
      assertThat(consortium.troubled)
          .as("only what somebody couldn't use is skipped")
          .contains(new Effect.Position(skip.getBank(), skip.getSequence()));
    }
  }
}
