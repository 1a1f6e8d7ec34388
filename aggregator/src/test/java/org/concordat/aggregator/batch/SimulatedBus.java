package org.concordat.aggregator.batch;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.concordat.aggregator.batch.SimulatedComputing.Shares;
import org.concordat.aggregator.batch.SimulatedStore.Written;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.jspecify.annotations.Nullable;

/**
 * The brokers of a {@link SimulatedConsortium}, and what the processes of a party do with them.
 *
 * <p>Votes are plain records. Nothing fences off those of a process that was replaced or has died:
 * they may reach the log after the next process has read it. So a process looks at what stands
 * between two votes of its own before it goes on, and begins again where another's vote on an
 * attempt is first: {@link OwnVotes} decides that here as it does in a {@code VoteWriter}. A write
 * that fails is repeated, whether it arrived or not.
 *
 * <p>Batches are committed in transactions. Whoever takes the partition opens their producer, which
 * fences off all others, reads what is there, and then tells that the partition is its own. A
 * process whose transaction failed asks who has told so last; unless it was another, it opens the
 * producer again and looks whether the batch is committed ({@code Committer}, {@code
 * PartitionClaim}). Between its question and its opening another may take the partition.
 */
final class SimulatedBus {
  /** So late that the next process may have read the log by then. */
  private static final int SLOW_MILLIS = 60;

  private static final int RETRY_MILLIS = 20;

  /** By then another process has long taken over. */
  private static final int STALE_MILLIS = 200;

  private final SimulatedConsortium consortium;
  private final Defect defect;
  private int sealings;

  SimulatedBus(SimulatedConsortium consortium, Defect defect) {
    this.consortium = consortium;
    this.defect = defect;
  }

  /** What a process that has ended had sent may arrive all the same. */
  private boolean arrives(SimulatedParty party) {
    return party.alive || (consortium.faults.write() > 0 && consortium.random.nextBoolean());
  }

  // Votes.

  void persist(SimulatedParty party, Effect.PersistVote wanted) {
    Vote vote =
        Batches.vote(
            party.settings,
            wanted.batch(),
            wanted.attempt(),
            wanted.kind(),
            wanted.cut(),
            wanted.outcome());
    @Nullable Shares sealed = null;
    Vote inLog = vote;
    if (wanted.kind() == VoteKind.PREPARED) {
      consortium.invariants.kept(party, wanted.cut());
      sealed = party.kept.get(wanted.cut());
      // Sealing is randomised: what two processes prepared is never the same.
      inLog = Batches.sealing(vote, sealings++);
    }
    write(party, new Written(party, vote, inLog, sealed));
  }

  private void write(SimulatedParty party, Written written) {
    if (written.sealed() != null && consortium.happens(consortium.faults.outage())) {
      // All that this process and its peers know is lost before the brokers have the vote.
      party.store.onTheWay.add(written);
      consortium.after(0, consortium::outage);
      return;
    }
    if (!consortium.happens(consortium.faults.write())) {
      land(party, written, consortium.delay(), true);
      return;
    }
    switch (consortium.random.nextInt(3)) {
      case 0 -> writeAgain(party, written);
      case 1 -> land(party, written, consortium.random.nextInt(SLOW_MILLIS), true);
      default -> {
        land(party, written, consortium.random.nextInt(SLOW_MILLIS), false);
        writeAgain(party, written);
      }
    }
  }

  private void writeAgain(SimulatedParty party, Written written) {
    consortium.afterIn(party, RETRY_MILLIS, () -> write(party, written));
  }

  private void land(SimulatedParty party, Written written, int millis, boolean acknowledged) {
    consortium.after(
        millis,
        () -> {
          if (!arrives(party)) {
            return;
          }
          Vote vote = written.vote();
          int offset = append(party.store, written);
          Shares onIt = party.computed.get(vote.getBatch() + 1);
          if (defect == Defect.COMMIT_ON_ABANDONED
              && vote.getKind() == VoteKind.ABANDONED
              && onIt != null) {
            commitNow(party, onIt);
          }
          if (acknowledged) {
            consortium.afterIn(
                party, consortium.delay(), () -> acknowledged(party, written.inLog(), offset));
          }
        });
  }

  private int append(SimulatedStore store, Written written) {
    int offset = store.append(written);
    if (store.first(written.vote()) == written) {
      consortium.invariants.voted(written);
    }
    return offset;
  }

  private void acknowledged(SimulatedParty party, Vote own, int offset) {
    OwnVotes ownVotes = party.ownVotes;
    ownVotes.written(own, offset);
    if (defect == Defect.GAP_FORGOTTEN) {
      // Later ones neither wait for what stands before this one, nor are compared with it.
      party.ownVotes = new OwnVotes(offset + 1, Batches::sealedDigest);
    }
    goOn(party, ownVotes);
  }

  /** Does what is next with own votes, as far as the log before them is known. */
  private void goOn(SimulatedParty party, OwnVotes ownVotes) {
    while (party.alive) {
      Optional<OwnVotes.Next> next = ownVotes.next();
      if (next.isEmpty()) {
        return;
      }
      switch (next.get()) {
        case OwnVotes.Next.Look look ->
            consortium.afterIn(
                party,
                consortium.delay(),
                () -> {
                  ownVotes.looked(party.store.votes(look.from(), look.to()), look.to());
                  goOn(party, ownVotes);
                });
        case OwnVotes.Next.Report own -> tell(party, own.vote());
        case OwnVotes.Next.OtherFirst own -> {
          if (defect == Defect.LATE_VOTE_OVERLOOKED) {
            tell(party, own.vote());
          } else {
            consortium.end(party, consortium.delay());
          }
        }
      }
    }
  }

  private void tell(SimulatedParty party, Vote own) {
    consortium.step(party, new Event.VotePersisted(Batches.bare(own)));
  }

  // Transactions.

  void commit(SimulatedParty party, CutRecord cut) {
    consortium.invariants.mayCommit(cut);
    consortium.invariants.kept(party, cut.getCut());
    Shares kept = Objects.requireNonNull(party.kept.get(cut.getCut()));
    transact(party, defect.committed(party, kept));
  }

  private void transact(SimulatedParty party, Shares shares) {
    CutRecord cut = shares.cut();
    if (party.committed > cut.getBatch()) {
      committed(party, cut);
      return;
    }
    boolean disturbed = consortium.happens(consortium.faults.write());
    boolean lands = !disturbed || consortium.random.nextBoolean();
    consortium.after(
        2 * consortium.delay(),
        () -> {
          boolean open = arrives(party) && party.epoch == party.store.epoch;
          if (open && lands) {
            commitNow(party, shares);
          } else if (!open && defect == Defect.STALE_EPOCH_ACCEPTED) {
            consortium.after(STALE_MILLIS, () -> commitNow(party, shares));
          }
          if (open && !disturbed) {
            committed(party, cut);
          } else {
            consortium.afterIn(party, RETRY_MILLIS, () -> commitAgain(party, shares));
          }
        });
  }

  private void commitAgain(SimulatedParty party, Shares shares) {
    if (party.store.term > party.term) {
      party.stop();
      return;
    }
    consortium.afterIn(
        party,
        consortium.delay(),
        () -> {
          party.epoch = ++party.store.epoch;
          party.committed = party.store.nextBatch();
          transact(party, shares);
        });
  }

  private void committed(SimulatedParty party, CutRecord cut) {
    consortium.afterIn(
        party,
        consortium.delay(),
        () -> consortium.step(party, new Event.Committed(cut.getBatch())));
  }

  private void commitNow(SimulatedParty party, Shares shares) {
    consortium.invariants.committing(party.store, shares);
    party.store.commit(shares.cut());
  }

  // Who has the partition.

  /** Another process takes a party's partition, whether or not one has it. */
  void takeOver(SimulatedStore store, int millis) {
    if (!store.recovering) {
      store.recovering = true;
      consortium.after(millis, () -> fence(store));
    }
  }

  private void fence(SimulatedStore store) {
    long epoch = ++store.epoch;
    consortium.after(consortium.delay(), () -> read(store, epoch));
  }

  private void read(SimulatedStore store, long epoch) {
    boolean forgets = defect == Defect.SEQUENCES_RESET_ON_RESTART;
    Map<String, Long> sequences = forgets ? Map.of() : store.nextSequences();
    var next = new SimulatedParty(store, store.progress(sequences));
    next.epoch = epoch;
    Event recovered = next.recovered();
    store.onTheWay.forEach(written -> append(store, written));
    store.onTheWay.clear();
    consortium.after(consortium.delay(), () -> claim(next, recovered));
  }

  private void claim(SimulatedParty next, Event recovered) {
    SimulatedStore store = next.store;
    if (store.epoch != next.epoch) {
      // The process before has opened the producer once more: all is read again.
      consortium.after(RETRY_MILLIS, () -> fence(store));
      return;
    }
    next.term = ++store.term;
    store.recovering = false;
    consortium.begin(next, recovered);
  }
}
