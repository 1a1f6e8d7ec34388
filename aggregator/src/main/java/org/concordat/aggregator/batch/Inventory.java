package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.concordat.schemas.record.Complaint;
import org.jspecify.annotations.Nullable;

/** The blocks that this party holds or complains about, per bank. */
final class Inventory {
  private record Gap(long sequence, long sinceMillis) {}

  private final Settings settings;
  private final Progress progress;
  private final Map<String, NavigableMap<Long, Event.BlockHeld>> held = new HashMap<>();
  private final Map<String, NavigableMap<Long, String>> bad = new HashMap<>();
  private final Map<String, Gap> gaps = new HashMap<>();

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

  void complain(String bank, long sequence, String reason) {
    if (sequence >= progress.nextSequence(bank) && !of(held, bank).containsKey(sequence)) {
      of(bad, bank).putIfAbsent(sequence, reason);
    }
  }

  /** A block that this party holds but the leader's log shows differently. */
  void dispute(String bank, long sequence, String reason) {
    of(held, bank).remove(sequence);
    of(bad, bank).put(sequence, reason);
  }

  Event.@Nullable BlockHeld block(String bank, long sequence) {
    return of(held, bank).get(sequence);
  }

  /** The first sequence of a bank that this party can't offer. */
  long offered(String bank) {
    long sequence = progress.nextSequence(bank);
    NavigableMap<Long, Event.BlockHeld> blocks = of(held, bank);
    while (blocks.containsKey(sequence)) {
      sequence++;
    }
    return sequence;
  }

  /**
   * Complains about blocks that are still missing though later ones came.
   *
   * @return whether anything was added
   */
  boolean noticeGaps(long millis, String reason) {
    boolean added = false;
    for (String bank : settings.banks()) {
      long missing = offered(bank);
      boolean later =
          !of(held, bank).tailMap(missing, false).isEmpty()
              || !of(bad, bank).tailMap(missing, false).isEmpty();
      Gap gap = gaps.get(bank);
      if (!later || of(bad, bank).containsKey(missing)) {
        gaps.remove(bank);
      } else if (gap == null || gap.sequence() != missing) {
        gaps.put(bank, new Gap(missing, millis));
      } else if (millis - gap.sinceMillis() >= settings.graceMillis()) {
        of(bad, bank).put(missing, reason);
        gaps.remove(bank);
        added = true;
      }
    }
    return added;
  }

  /** The complaint that holds up a bank, if there is one; later ones can wait. */
  List<Complaint> complaints() {
    List<Complaint> complaints = new ArrayList<>();
    for (String bank : settings.banks()) {
      long first = offered(bank);
      String reason = of(bad, bank).get(first);
      if (reason != null) {
        complaints.add(new Complaint(bank, first, reason));
      }
    }
    return complaints;
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
