package org.concordat.aggregator.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.concordat.aggregator.batch.Attempt.Phase;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.jspecify.annotations.Nullable;

/**
 * The batches that aren't committed yet, in order. Each attempt is built on the one of the batch
 * before: its cut begins where that one ends and names its hash.
 *
 * <p>Holds the most batches that any party may have in flight, whatever this one was told, since
 * its own log and its peers may know of them.
 */
final class BatchWindow {
  private final Settings settings;
  private final Progress progress;
  private final ArrayDeque<OpenBatch> open = new ArrayDeque<>();

  /**
   * Own prepared votes on the last committed batches: a peer that has not committed them needs the
   * one that stood. Of what was abandoned there may be more than a peer could be told.
   */
  private final TreeMap<Long, List<Vote>> votesBefore = new TreeMap<>();

  BatchWindow(Settings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
    fill();
  }

  private void fill() {
    while (open.size() < Settings.BATCHES_IN_FLIGHT_MAX) {
      open.add(new OpenBatch(progress.nextBatch() + open.size(), settings));
    }
  }

  /** In order. */
  List<OpenBatch> all() {
    return List.copyOf(open);
  }

  /** The next batch to be committed. */
  OpenBatch first() {
    return open.getFirst();
  }

  /** Null if it is committed, or farther ahead than any may be. */
  @Nullable OpenBatch of(long number) {
    for (OpenBatch batch : open) {
      if (batch.number == number) {
        return batch;
      }
    }
    return null;
  }

  /** A batch and all behind it. */
  List<OpenBatch> from(OpenBatch first) {
    return open.stream().filter(batch -> batch.number >= first.number).toList();
  }

  /** Whether this party may take up a batch by now. */
  boolean admits(OpenBatch batch) {
    return batch.number - progress.nextBatch() < settings.batchesInFlight();
  }

  boolean isIdle() {
    return open.stream().allMatch(batch -> batch.attempt == null);
  }

  /** Batches with an attempt. */
  int inFlight() {
    return (int) open.stream().filter(batch -> batch.attempt != null).count();
  }

  long rowsInFlight() {
    long rows = 0;
    for (OpenBatch batch : open) {
      if (batch.attempt != null) {
        rows += batch.attempt.rows();
      }
    }
    return rows;
  }

  /** The batch whose attempt on this cut is being computed, or null. */
  @Nullable OpenBatch computing(Digest cut) {
    for (OpenBatch batch : open) {
      Attempt attempt = batch.attempt;
      if (attempt != null && attempt.phase == Phase.COMPUTING && attempt.cut.getCut().equals(cut)) {
        return batch;
      }
    }
    return null;
  }

  /**
   * Where a batch begins: where the attempts before it end. Null if one of them is missing, or may
   * have died: no honest party works on a later one before that.
   */
  @Nullable Progress base(OpenBatch batch) {
    Progress base = progress.copy();
    for (OpenBatch before : open) {
      if (before.number == batch.number) {
        return base;
      }
      Attempt attempt = before.attempt;
      if (attempt == null
          || attempt.phase == Phase.ABANDONING
          || (!attempt.isFirm() && before.lastHeard() > attempt.number)) {
        return null;
      }
      base.apply(attempt.cut);
    }
    throw new IllegalStateException("A batch of another window.");
  }

  /** Whether all parties agreed to the attempt that a batch is built on. */
  boolean baseIsAgreed(OpenBatch batch) {
    OpenBatch before = of(batch.number - 1);
    return before == null
        || (before.attempt != null
            && before.attempt.phase != Phase.AGREEING
            && before.attempt.phase != Phase.ABANDONING);
  }

  /** The first batch's cut is committed. */
  void committed(CutRecord cut) {
    OpenBatch done = open.removeFirst();
    progress.apply(cut);
    remember(done.number, done.ballot.of(settings.me()));
    fill();
  }

  /** Keeps what a peer may need of own votes on a committed batch, as long as it may. */
  void remember(long batch, List<Vote> votes) {
    List<Vote> prepared =
        votes.stream().filter(vote -> vote.getKind() == VoteKind.PREPARED).toList();
    votesBefore.put(batch, prepared);
    votesBefore.headMap(progress.nextBatch() - Settings.BATCHES_IN_FLIGHT_MAX, false).clear();
  }

  /** Attempts of all these batches that anyone has voted on. */
  int attempts() {
    return open.stream().mapToInt(batch -> batch.ballot.attempts()).sum();
  }

  /**
   * How much is kept beside these blocks.
   *
   * @param blocks that the machine keeps
   */
  Kept kept(int blocks) {
    int votes = 0;
    int writing = 0;
    for (OpenBatch batch : open) {
      votes += batch.ballot.size();
      writing += batch.writing.size();
    }
    int earlierVotes = votesBefore.values().stream().mapToInt(List::size).sum();
    return new Kept(blocks, votes, earlierVotes, writing);
  }

  /** What peers may need to know of this party's votes. */
  List<Vote> ownVotes() {
    List<Vote> votes = new ArrayList<>();
    votesBefore.values().forEach(votes::addAll);
    open.forEach(batch -> votes.addAll(batch.ballot.of(settings.me())));
    return votes;
  }
}
