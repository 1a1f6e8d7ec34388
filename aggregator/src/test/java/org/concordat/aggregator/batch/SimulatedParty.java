package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.aggregator.batch.SimulatedComputing.Shares;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;

/**
 * A process of a party: all of it is lost when it ends. A party may have several, each of which
 * holds the partition for its own.
 */
final class SimulatedParty {
  /** A message that came before this party's end of the session was up. */
  record Early(int session, int from, PeerMessage message) {}

  final int index;
  final Settings settings;
  final SimulatedStore store;
  final BatchMachine machine;

  /** The rule sets that the process has read. */
  final Set<Digest> ready = new HashSet<>();

  boolean alive = true;
  int session = -1;

  /** By which its clock is ahead of the time. */
  int clockMinutes;

  final List<Early> early = new ArrayList<>();
  final Set<Digest> computing = new HashSet<>();

  /** By cut: what is being computed or was, or what the log has of it. */
  final Map<Digest, Shares> kept = new HashMap<>();

  /** By batch: what the last attempt that was computed gave. */
  final Map<Long, Shares> computed = new HashMap<>();

  /** Of its producer of transactions. */
  long epoch;

  /** Under which it has told that the partition is its own. */
  long term;

  /** The next batch, as of its last look at the committed state after a failure. */
  long committed;

  /** So much of the log the process has read at its start. */
  final int votesRead;

  OwnVotes ownVotes;

  SimulatedParty(SimulatedStore store, Progress progress) {
    this.store = store;
    this.settings = store.settings;
    this.index = settings.me();
    this.machine = new BatchMachine(settings, progress);
    this.votesRead = store.votes();
    this.ownVotes = new OwnVotes(votesRead, Batches::sealedDigest);
    ready.add(settings.ruleSet());
  }

  /** The process looks into its folder of rule sets. */
  Event look() {
    store.ruleSets.forEach(ruleSet -> ready.add(ruleSet.hash()));
    return new Event.RuleSetsReady(List.copyOf(store.ruleSets));
  }

  /** What it finds in the log at its start. */
  Event recovered() {
    List<Vote> votes = new ArrayList<>();
    List<PreparedCut> prepared = new ArrayList<>();
    Set<Digest> bases = new HashSet<>();
    bases.add(store.previousCut());
    long next = store.nextBatch();
    for (SimulatedStore.Written each : store.firstVotes(next - Settings.BATCHES_IN_FLIGHT_MAX)) {
      Vote vote = each.vote();
      Shares sealed = each.sealed();
      votes.add(vote);
      if (sealed != null && vote.getBatch() >= next) {
        CutRecord cut = sealed.cut();
        if (!bases.contains(cut.getPreviousCut())) {
          throw new AssertionError("what was prepared was built on what was prepared");
        }
        bases.add(cut.getCut());
        prepared.add(new PreparedCut(vote.getAttempt(), cut));
        kept.put(cut.getCut(), sealed);
      }
    }
    return new Event.Recovered(List.copyOf(votes), List.copyOf(prepared));
  }

  void stop() {
    alive = false;
    session = -1;
  }
}
