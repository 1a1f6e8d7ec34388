package org.concordat.aggregator.batch;

import java.util.HashSet;
import java.util.Set;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Announcement;

/**
 * Says what is wrong with the rule sets of the parties, once: a party can't go on without the one
 * that scores now, or two are of one version. The protocol needs none of it: nothing is scored by
 * such rule sets, and somebody has to know why.
 */
final class RuleSetAlarms {
  /** A peer that sends ever other hashes is told of once. */
  private record Contradiction(int party, int version) {}

  private final Settings settings;
  private final Progress progress;
  private final ReadyRuleSets ruleSets;
  private final Outbox out;
  private final Set<Contradiction> contradictions = new HashSet<>();
  private RuleSetId lacked = RuleSetId.NONE;

  RuleSetAlarms(Settings settings, Progress progress, ReadyRuleSets ruleSets, Outbox out) {
    this.settings = settings;
    this.progress = progress;
    this.ruleSets = ruleSets;
    this.out = out;
  }

  /** More rule sets came: should this party still lack one, it is another matter. */
  void ruleSetsCame() {
    lacked = RuleSetId.NONE;
  }

  /** Looks at what scores now; this may have changed, or what this party or its peers have. */
  void inForce(RollCall rollCall) {
    RuleSetId inForce = progress.ruleSet();
    if (!lacked.equals(inForce) && isLacking(inForce, rollCall)) {
      lacked = inForce;
      out.alarm(Code.CDT_614, settings.me(), inForce.toString());
    }
    contradicted(settings.me(), inForce);
  }

  /**
   * Whether this party has neither the one in force nor a later one. One that it alone has is none:
   * others wait for this party then, which has to know.
   */
  private boolean isLacking(RuleSetId inForce, RollCall rollCall) {
    boolean stuck =
        rollCall.announcements().size() + 1 == settings.parties()
            && ruleSets.common(rollCall.announcements().values(), inForce).isEmpty();
    return ruleSets.outdated(inForce)
        || (stuck && !inForce.equals(RuleSetId.NONE) && !ruleSets.has(inForce));
  }

  /** A peer says what it is ready for. */
  void announced(int peer, Announcement announcement) {
    RuleSetId.in(announcement.getOffered()).forEach(offered -> contradicted(peer, offered));
  }

  private void contradicted(int party, RuleSetId other) {
    ruleSets
        .contradicted(other)
        .filter(own -> contradictions.add(new Contradiction(party, own.version())))
        .ifPresent(own -> out.alarm(Code.CDT_252, party, other + "; here " + own));
  }
}
