package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Complaint;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that this party holds or can't use, per bank, and those that it misses, however many.
 * They become a complaint only when they have been unusable or missing for a grace time, since good
 * copies may still come.
 */
final class Inventory {
  /**
   * Unusable blocks of a bank that are remembered; others count as missing when it is their turn.
   */
  static final int BAD_PER_BANK_MAX = 1_024;

  private record Bad(String reason, long sinceMillis) {}

  /**
   * What a bank's blocks miss.
   *
   * @param came the first block after it that had come when it was noticed: all that are missing up
   *     to there have been missing for as long, unless a nearer one has come since; the next
   *     sequence where no later block had come
   * @param known how far the bank had come by a peer's word then: what is missing below can have
   *     been on its way for no longer
   */
  private record Gap(long first, long came, long known, long sinceMillis) {
    /** Whether what is missing now, or what a peer has of it now, is to be waited for anew. */
    boolean isOther(long firstNow, long cameNow, long knownNow) {
      boolean isRest = first <= firstNow && firstNow < came;
      boolean isNewAtPeer = known <= firstNow && firstNow < knownNow && knownNow < came;
      // What is before the nearer one is late only since that came: the bank may have sent it just
      // now, and the one far ahead long ago.
      boolean isBeforeNearer = firstNow < cameNow && cameNow < came;
      return !isRest || isNewAtPeer || isBeforeNearer;
    }

    /** What is still missing of it. */
    Gap from(long firstNow) {
      return new Gap(firstNow, came, known, sinceMillis);
    }

    /**
     * Up to where nobody waits for it any more: as far as a peer knows that the bank has come,
     * since a block that it signed far ahead says nothing about when it will send those before.
     */
    long givenUpBelow(long knownNow) {
      return knownNow >= came ? came : Math.min(known, came);
    }
  }

  private final Settings settings;
  private final Progress progress;
  private final Map<String, NavigableMap<Long, Event.BlockHeld>> held = new HashMap<>();
  private final Map<String, NavigableMap<Long, Bad>> bad = new HashMap<>();
  private final Map<String, Gap> gaps = new HashMap<>();

  /** By bank: what is missing below has been missing for so long that nobody waits for it. */
  private final Map<String, Long> missingBelow = new HashMap<>();

  private final Map<String, Long> offered = new HashMap<>();
  private List<Complaint> complaints = List.of();

  Inventory(Settings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
    for (String bank : settings.banks()) {
      held.put(bank, new TreeMap<>());
      bad.put(bank, new TreeMap<>());
    }
  }

  void hold(Event.BlockHeld block) {
    if (block.sequence() >= progress.nextSequence(block.bank())) {
      of(held, block.bank()).putIfAbsent(block.sequence(), block);
      // A good copy that comes later takes the complaint back.
      of(bad, block.bank()).remove(block.sequence());
    }
  }

  void unusable(String bank, long sequence, String reason, long millis) {
    NavigableMap<Long, Bad> ofBank = of(bad, bank);
    if (sequence >= progress.nextSequence(bank)
        && !of(held, bank).containsKey(sequence)
        && ofBank.size() < BAD_PER_BANK_MAX) {
      ofBank.putIfAbsent(sequence, new Bad(reason, millis));
    }
  }

  /**
   * Lets go a block that this party holds, but the leader's log shows differently, or that is too
   * large by itself.
   */
  void letGo(Complaint complaint) {
    of(held, complaint.getBank()).remove(complaint.getSequence());
    offered.remove(complaint.getBank());
    // No better copy can be told from this one: no grace.
    of(bad, complaint.getBank())
        .put(complaint.getSequence(), new Bad(complaint.getReason(), -settings.graceMillis()));
  }

  Event.@Nullable BlockHeld block(String bank, long sequence) {
    return of(held, bank).get(sequence);
  }

  /** The first sequence of a bank that this party can't offer. */
  long offered(String bank) {
    NavigableMap<Long, Event.BlockHeld> blocks = of(held, bank);
    long sequence = Math.max(offered.getOrDefault(bank, 0L), progress.nextSequence(bank));
    while (blocks.containsKey(sequence)) {
      sequence++;
    }
    offered.put(bank, sequence);
    return sequence;
  }

  /**
   * Looks again at what holds up each bank.
   *
   * @return whether the complaints have changed
   */
  boolean refresh(long millis, RollCall peers) {
    List<Complaint> now = new ArrayList<>();
    for (String bank : settings.banks()) {
      long first = offered(bank);
      noticeGap(bank, first, millis, peers);
      // Later ones can wait until they hold the bank up.
      complaint(bank, first, millis).ifPresent(now::add);
    }
    boolean changed = !now.equals(complaints);
    complaints = List.copyOf(now);
    return changed;
  }

  /**
   * Of the block that holds a bank up, or of all that are missing up to the next one that came, or
   * up to where a peer had come when they were noticed. While this party alone knows of a later
   * block, it says by that how far the bank has come: no range is skipped before another says so.
   */
  private Optional<Complaint> complaint(String bank, long first, long millis) {
    Bad reason = of(bad, bank).get(first);
    if (reason != null) {
      return millis - reason.sinceMillis() >= settings.graceMillis()
          ? Optional.of(new Complaint(bank, first, first + 1, reason.reason()))
          : Optional.empty();
    }
    long came = cameAfter(bank, first);
    boolean laterCame = came > first;
    long next = first;
    Gap gap = gaps.get(bank);
    if (isGivenUp(bank, first)) {
      next = missingBelow.getOrDefault(bank, first);
    } else if (gap != null && isOver(gap, laterCame, millis)) {
      next = gap.came();
    }
    if (laterCame) {
      next = Math.min(next, came);
    }
    return next > first
        ? Optional.of(new Complaint(bank, first, next, Code.CDT_601.label()))
        : Optional.empty();
  }

  private boolean isGivenUp(String bank, long sequence) {
    return sequence < missingBelow.getOrDefault(bank, 0L);
  }

  /**
   * Starts to miss a block when later ones came, or when it reached others and nothing came here.
   */
  private void noticeGap(String bank, long first, long millis, RollCall peers) {
    long came = cameAfter(bank, first);
    boolean laterCame = came > first;
    boolean othersHold = first == progress.nextSequence(bank) && peers.anyOffers(bank, first);
    long known = peers.knownBelow(bank);
    if (first < known && known < missingBelow.getOrDefault(bank, 0L)) {
      // Another began to get some of it, or begins anew: not all of it could be skipped now.
      missingBelow.remove(bank);
    }
    if (of(bad, bank).containsKey(first) || isGivenUp(bank, first) || !(laterCame || othersHold)) {
      gaps.remove(bank);
      return;
    }
    Gap before = gaps.get(bank);
    Gap gap =
        before == null || before.isOther(first, came, known)
            ? new Gap(first, laterCame ? came : first + 1, known, millis)
            : before.from(first);
    gaps.put(bank, gap);
    long below = gap.givenUpBelow(known);
    if (isOver(gap, laterCame, millis) && below > first) {
      missingBelow.put(bank, below);
      gaps.remove(bank);
    }
  }

  private boolean isOver(Gap gap, boolean laterCame, long millis) {
    // What only others have may be on its way still, behind a long backlog of this party's.
    long waitMillis = laterCame ? settings.graceMillis() : settings.stallMillis();
    return millis - gap.sinceMillis() >= waitMillis;
  }

  /** The first block after one that is missing that came, usable or not; that one if none did. */
  private long cameAfter(String bank, long first) {
    Long good = of(held, bank).higherKey(first);
    Long unusable = of(bad, bank).higherKey(first);
    if (good == null || unusable == null) {
      return good != null ? good : unusable != null ? unusable : first;
    }
    return Math.min(good, unusable);
  }

  /** The complaints that hold up a bank, at most one for each, as of the last {@link #refresh}. */
  List<Complaint> complaints() {
    return complaints;
  }

  /** Blocks that are held or can't be used. */
  int size() {
    int blocks = 0;
    for (String bank : settings.banks()) {
      blocks += of(held, bank).size() + of(bad, bank).size();
    }
    return blocks;
  }

  /** Forgets what the last cut used up. */
  void prune() {
    for (String bank : settings.banks()) {
      of(held, bank).headMap(progress.nextSequence(bank), false).clear();
      of(bad, bank).headMap(progress.nextSequence(bank), false).clear();
    }
  }

  private static <V> NavigableMap<Long, V> of(Map<String, NavigableMap<Long, V>> map, String bank) {
    NavigableMap<Long, V> ofBank = map.get(bank);
    if (ofBank == null) {
      throw new IllegalArgumentException("The charter knows no such bank.");
    }
    return ofBank;
  }
}
