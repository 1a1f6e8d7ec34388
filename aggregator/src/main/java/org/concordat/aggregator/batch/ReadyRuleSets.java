package org.concordat.aggregator.batch;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.schemas.record.Announcement;
import org.jspecify.annotations.Nullable;

/**
 * The rule sets that this party can score by: the first one, which peers compare when they connect,
 * and later ones that came while it runs. None is taken back, so what a party has announced holds
 * as long as its session.
 */
final class ReadyRuleSets {
  private final RuleSetId first;
  private List<RuleSetId> later = List.of();

  ReadyRuleSets(Settings settings) {
    this.first = new RuleSetId(settings.ruleSet(), settings.ruleSetVersion());
  }

  /**
   * @return whether this party is ready for more than before
   */
  boolean take(List<RuleSetId> all) {
    boolean more = !later.containsAll(all);
    later = Stream.concat(later.stream(), all.stream()).distinct().toList();
    return more;
  }

  private Stream<RuleSetId> all() {
    return Stream.concat(Stream.of(first), later.stream());
  }

  boolean has(RuleSetId ruleSet) {
    return all().anyMatch(ruleSet::equals);
  }

  /** The one of this party that another content of the same version contradicts. */
  Optional<RuleSetId> contradicted(RuleSetId other) {
    return all().filter(other::contradicts).findFirst();
  }

  /** Adds the later ones to what an announcement offers: no bank has such a name. */
  void addTo(Map<String, Long> offered) {
    later.forEach(ruleSet -> offered.put(ruleSet.entry(), (long) ruleSet.version()));
  }

  private static boolean announces(@Nullable Announcement announcement, RuleSetId ruleSet) {
    Long version = announcement == null ? null : announcement.getOffered().get(ruleSet.entry());
    return version != null && version == ruleSet.version();
  }

  /**
   * The latest one that all parties are ready for.
   *
   * @param inForce that the batch before is scored by: no cut goes back
   */
  Optional<RuleSetId> common(Collection<Announcement> peers, RuleSetId inForce) {
    return Stream.concat(
            Stream.of(first),
            later.stream().filter(set -> peers.stream().allMatch(peer -> announces(peer, set))))
        .filter(set -> set.mayFollow(inForce))
        .max(Comparator.comparingInt(RuleSetId::version));
  }

  /** Whether this party has none that may follow the one in force. */
  boolean outdated(RuleSetId inForce) {
    return all().noneMatch(set -> set.mayFollow(inForce));
  }

  /** Whom the next cut waits for: those that aren't ready for a rule set that may score it. */
  Waiting waitsFor(Settings settings, Map<Integer, Announcement> peers, RuleSetId inForce) {
    String wanted = "a rule set of version " + inForce.version() + " or later";
    if (outdated(inForce)) {
      return Waiting.of(wanted + ": this aggregator has none");
    }
    List<Integer> lacking =
        settings.peersThat(
            peer ->
                later.stream()
                    .filter(set -> set.mayFollow(inForce))
                    .noneMatch(set -> announces(peers.get(peer), set)));
    return lacking.isEmpty()
        ? Waiting.of(wanted + " that all aggregators have")
        : new Waiting(wanted + " at ", lacking);
  }
}
