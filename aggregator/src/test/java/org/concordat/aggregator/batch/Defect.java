package org.concordat.aggregator.batch;

import java.util.Map;
import java.util.TreeMap;
import org.concordat.aggregator.batch.SimulatedComputing.Shares;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** What a broken implementation would do: the invariants have to find each. */
enum Defect {
  NONE,
  /** One peer's prepared vote counts for the others' too. */
  COMMIT_WITHOUT_ALL_VOTES,
  /** A batch's masks come from its number, so that another attempt draws them again. */
  MASKS_REUSED_AFTER_ABORT,
  /** A restart forgets how far the banks' blocks are used up. */
  SEQUENCES_RESET_ON_RESTART,
  /** A process that was replaced still commits. */
  STALE_EPOCH_ACCEPTED,
  /** The leader takes it that all hold one block more than they say. */
  CUT_ABOVE_MINIMUM,
  /** The leader cuts one batch more than may be in flight. */
  ONE_IN_FLIGHT_TOO_MANY,
  /** When a batch is abandoned, what was computed on it is committed. */
  COMMIT_ON_ABANDONED,
  /** A party computes the first batch of a new rule set by the one before. */
  OLD_RULES_AFTER_CHANGE,
  /** The leader takes it that all are ready for each rule set that it has itself. */
  RULE_SET_NOT_AWAITED,
  /** A party takes a block for the one that the others hold, though its log shows another. */
  HEADERS_NOT_COMPARED,
  /** A party takes a block's offset in its log for its sequence, and misses all before it. */
  OFFSET_FOR_SEQUENCE,
  /** A party takes a block that its log shows again for another one. */
  REPEATS_KEPT,
  /** A process takes its vote for the first, though that of one before it came late. */
  LATE_VOTE_OVERLOOKED,
  /** A late vote is compared only with the next one of the process, which others don't wait for. */
  GAP_FORGOTTEN,
  /** An outcome says what was opened, but not in which session. */
  SESSION_NOT_NAMED,
  /** A party in another session than it voted in commits what it would compute in that one. */
  OTHER_SESSION_COMMITTED;

  /** Of the banks' first blocks: what was before them in their logs has expired. */
  private static final long FIRST_OFFSET = 1_000;

  /** Far from all that a bank sends. */
  private static final long FIRST_REPEAT = 1L << 50;

  /** The faults under which it shows. */
  Mix mix() {
    return switch (this) {
      case LATE_VOTE_OVERLOOKED, GAP_FORGOTTEN -> Mix.BROKERS;
      case SESSION_NOT_NAMED -> Mix.OUTAGES;
      default -> Mix.SOME;
    };
  }

  /** How many batches a party takes to be the most in flight. Party 0 is the leader. */
  int inFlight(int party) {
    boolean oneMore = this == ONE_IN_FLIGHT_TOO_MANY && party == 0;
    return oneMore ? Batches.IN_FLIGHT + 1 : Batches.IN_FLIGHT;
  }

  /** What a party hears instead of a message. */
  PeerMessage heard(SimulatedParty party, PeerMessage message) {
    return switch (message.getContent()) {
      case Announcement said when this == CUT_ABOVE_MINIMUM -> inflated(said);
      case Announcement said when this == RULE_SET_NOT_AWAITED -> readyAs(party, said);
      default -> message;
    };
  }

  /** Whether a party takes another rule set than a cut's: that of its last committed one. */
  boolean scoresByOthers(SimulatedParty party, CutRecord cut) {
    int last = party.store.ruleSetVersion();
    return this == OLD_RULES_AFTER_CHANGE
        && party.index == 1
        && last > 0
        && last != cut.getRuleSetVersion();
  }

  /**
   * What a party commits.
   *
   * @param kept what it has voted for
   */
  Shares committed(SimulatedParty party, Shares kept) {
    return this == OTHER_SESSION_COMMITTED && party.session > kept.session()
        ? new Shares(kept.cut(), party.session)
        : kept;
  }

  /**
   * How a party takes a block that its log shows.
   *
   * @param again whether it was shown before
   */
  Event.BlockHeld taken(SimulatedParty party, Event.BlockHeld shown, boolean again) {
    return switch (this) {
      case HEADERS_NOT_COMPARED -> Batches.block(shown.bank(), shown.sequence(), shown.rows());
      case OFFSET_FOR_SEQUENCE ->
          Batches.block(shown.bank(), FIRST_OFFSET + shown.sequence(), shown.rows());
      case REPEATS_KEPT ->
          again && party.index == 1
              ? Batches.block(shown.bank(), FIRST_REPEAT + shown.sequence(), shown.rows())
              : shown;
      default -> shown;
    };
  }

  /** What the leader hears instead of an announcement. */
  private static PeerMessage inflated(Announcement said) {
    Map<String, Long> offered = new TreeMap<>();
    SimulatedConsortium.BANKS.forEach(
        bank -> offered.put(bank, said.getOffered().getOrDefault(bank, 0L) + 1));
    return new PeerMessage(Announcement.newBuilder(said).setOffered(offered).build());
  }

  /** What the leader hears instead of an announcement: that the peer has its rule sets too. */
  private static PeerMessage readyAs(SimulatedParty leader, Announcement said) {
    Map<String, Long> offered = new TreeMap<>(said.getOffered());
    var own = new ReadyRuleSets(leader.settings);
    own.take(leader.store.ruleSets);
    own.addTo(offered);
    return new PeerMessage(Announcement.newBuilder(said).setOffered(offered).build());
  }

  /** A prepared vote as if another party had cast it too. */
  static PeerMessage copied(Vote vote, Settings other) {
    return new PeerMessage(
        Batches.vote(
            other,
            vote.getBatch(),
            vote.getAttempt(),
            VoteKind.PREPARED,
            vote.getCut(),
            vote.getOutcome()));
  }
}
