package org.concordat.aggregator.batch;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.jspecify.annotations.Nullable;

/** What the peers announced last, in this session. */
final class RollCall {
  private final Settings settings;
  private final Map<Integer, Announcement> latest = new TreeMap<>();

  RollCall(Settings settings) {
    this.settings = settings;
  }

  void take(int peer, Announcement announcement) {
    latest.put(peer, announcement);
  }

  /** A new session: what was said in the last one counts no more. */
  void clear() {
    latest.clear();
  }

  /** Whether every peer has announced something. */
  boolean isComplete() {
    return latest.size() + 1 == settings.parties();
  }

  /** Peers by their announcements. */
  Map<Integer, Announcement> announcements() {
    return latest;
  }

  /** The peers that, by their last word, can't take up a batch yet, or are past it. */
  List<Integer> missing(long batch) {
    return IntStream.range(0, settings.parties())
        .filter(party -> party != settings.me())
        .filter(party -> !ready(latest.get(party), batch))
        .boxed()
        .toList();
  }

  private boolean ready(@Nullable Announcement announcement, long batch) {
    return announcement != null
        && announcement.getNextBatch() <= batch
        && batch - announcement.getNextBatch() < settings.batchesInFlight();
  }

  /**
   * Whether no follower, by its last word, stands at another batch: the leader may have to wait for
   * one that does. At any other, since how far apart parties may be is the leader's setting.
   */
  boolean followersStandAt(long batch) {
    return latest.entrySet().stream()
        .filter(peer -> peer.getKey() != settings.leader())
        .allMatch(peer -> peer.getValue().getNextBatch() == batch);
  }

  /** Whether every peer offers blocks of a bank up to a sequence, that one included. */
  boolean allOffer(String bank, long sequence) {
    return isComplete() && latest.values().stream().allMatch(a -> offered(a, bank) > sequence);
  }

  /** Whether a peer offers a bank's block of this sequence. */
  boolean anyOffers(String bank, long sequence) {
    return latest.values().stream().anyMatch(a -> offered(a, bank) > sequence);
  }

  /** How far a bank has come by the word of any peer. */
  long knownBelow(String bank) {
    return latest.values().stream().mapToLong(a -> knownBelow(a, bank)).max().orElse(0);
  }

  /**
   * How far a bank has come by a party's word: it offers the bank's blocks up to there, or has seen
   * one there.
   */
  static long knownBelow(Announcement announcement, String bank) {
    long known = offered(announcement, bank);
    for (Complaint complaint : announcement.getComplaints()) {
      if (complaint.getBank().equals(bank)) {
        known = Math.max(known, complaint.getNextSequence());
      }
    }
    return known;
  }

  static long offered(Announcement announcement, String bank) {
    return announcement.getOffered().getOrDefault(bank, 0L);
  }
}
