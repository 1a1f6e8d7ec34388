package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;

/**
 * Notices a leader that leaves out a bank whose next block all parties hold (DESIGN 5, "Cuts").
 *
 * <p>Time alone accuses nobody, since everything may be slow together: it leads to an alarm. What a
 * party objects to is counted in cuts, and an honest leader, which begins with another bank each
 * time, serves each within as many cuts as there are banks.
 */
final class LeaderWatch {
  private static final class Ready {
    long sinceMillis;
    int cuts;

    Ready(long sinceMillis) {
      this.sinceMillis = sinceMillis;
    }
  }

  private final Settings settings;
  private final Map<String, Ready> ready = new HashMap<>();

  LeaderWatch(Settings settings) {
    this.settings = settings;
  }

  /** Cuts that may pass a bank by: some may have been made before it had anything to score. */
  int cutsMax() {
    return 2 * settings.banks().size() + 8 + Settings.BATCHES_IN_FLIGHT_MAX;
  }

  /**
   * Takes note of the banks that could be scored.
   *
   * @return those that have been waiting for a cut for too long, each named once in a while
   */
  List<String> overdue(long millis, Predicate<String> scorable) {
    List<String> overdue = new ArrayList<>();
    for (String bank : settings.banks()) {
      if (!scorable.test(bank)) {
        ready.remove(bank);
        continue;
      }
      Ready since = ready.computeIfAbsent(bank, b -> new Ready(millis));
      if (millis - since.sinceMillis > settings.stallMillis()) {
        since.sinceMillis = millis;
        overdue.add(bank);
      }
    }
    return overdue;
  }

  /** Counts the time that banks have been waiting from now on; the cuts go on. */
  void startAnew(long millis) {
    ready.values().forEach(bank -> bank.sinceMillis = millis);
  }

  void committed(CutRecord cut) {
    Set<String> served = served(cut);
    ready.keySet().removeAll(served);
    ready.values().forEach(bank -> bank.cuts++);
  }

  /** A bank that has been passed by too often and isn't in this cut either. */
  Optional<String> leftOut(CutRecord cut) {
    Set<String> served = served(cut);
    return ready.entrySet().stream()
        .filter(bank -> bank.getValue().cuts > cutsMax() && !served.contains(bank.getKey()))
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst();
  }

  void clear() {
    ready.clear();
  }

  private static Set<String> served(CutRecord cut) {
    Set<String> banks = new HashSet<>();
    cut.getEntries().stream().map(CutEntry::getBank).forEach(banks::add);
    return banks;
  }
}
