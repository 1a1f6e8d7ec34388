package org.concordat.rules.plan;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.Member;
import org.concordat.rules.plan.RuleOutput.MemberPath;
import org.concordat.rules.plan.RuleOutput.Members;

/**
 * Chooses the earlier records that are alerted with the flagged ones of a batch. All that it looks
 * at is public once flags and slots are opened, so the oracle and every aggregator choose alike.
 * One serves one batch.
 */
public final class MemberAlerts {
  /**
   * A flagged row.
   *
   * @param output index of the rule among the plan's outputs
   * @param slots bit i: slot i of the output's paths, in their order, holds
   */
  public record Flag(int output, int row, long slots) {}

  /**
   * An earlier record that is alerted.
   *
   * @param row of the batch that completed the pattern
   */
  public record Chosen(int output, int row, Member member) {}

  /** Says which alerts may be sent. */
  public interface Limits {
    /** Whether an earlier batch has sent an alert. */
    boolean isSent(String rule, long place);

    /** Whether a bank may get one more of a rule; that one is taken from what is left. */
    boolean take(String rule, int bank);
  }

  private final Plan plan;
  private final LinkColumns columns;
  private final Limits limits;
  private final Map<String, Set<Long>> sent = new HashMap<>();
  private final Map<String, Set<Long>> heldPlaces = new HashMap<>();
  private final List<Chosen> chosen = new ArrayList<>();
  private final List<Chosen> held = new ArrayList<>();

  /**
   * @param flags that were opened, ordered by row, then by output
   */
  public MemberAlerts(Plan plan, LinkColumns columns, List<Flag> flags, Limits limits) {
    this.plan = plan;
    this.columns = columns;
    this.limits = limits;
    flags.forEach(this::take);
  }

  private void take(Flag flag) {
    RuleOutput output = plan.outputs().get(flag.output());
    Optional<Members> members = output.members();
    if (members.isEmpty()) {
      return;
    }
    markSent(output.rule(), columns.firstPlace() + flag.row());
    var found = new TreeSet<Member>();
    int bit = 0;
    for (MemberPath path : members.get().paths()) {
      long slots = path.slots().isEmpty() ? 1 : flag.slots() >>> bit;
      found.addAll(columns.membersOf(path.path(), flag.row(), slot -> (slots >>> slot & 1) == 1));
      bit += path.slots().size();
    }
    // The latest ones: earlier ones are the likelier to be known already.
    while (found.size() > members.get().max()) {
      found.pollFirst();
    }
    found.forEach(member -> take(flag, output.rule(), member));
  }

  private void take(Flag flag, String rule, Member member) {
    if (!member.alertable()
        || limits.isSent(rule, member.place())
        || sent.getOrDefault(rule, Set.of()).contains(member.place())) {
      return;
    }
    var alert = new Chosen(flag.output(), flag.row(), member);
    if (limits.take(rule, member.bank())) {
      markSent(rule, member.place());
      chosen.add(alert);
    } else if (heldPlaces.computeIfAbsent(rule, r -> new HashSet<>()).add(member.place())) {
      held.add(alert);
    }
  }

  private void markSent(String rule, long place) {
    sent.computeIfAbsent(rule, r -> new HashSet<>()).add(place);
  }

  /** Alerts to send, in the order of the flags. */
  public List<Chosen> chosen() {
    return List.copyOf(chosen);
  }

  /** Those that a bank's limit keeps from it, each once. */
  public List<Chosen> held() {
    return List.copyOf(held);
  }

  /** By rule, the places of records that are alerted now, as flagged ones or as members. */
  public Map<String, Set<Long>> sent() {
    return Map.copyOf(sent);
  }

  /**
   * Feeds a digest with all that was chosen and held: parties that differ in it must not commit.
   */
  public void addTo(MessageDigest digest) {
    for (List<Chosen> alerts : List.of(chosen, held)) {
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(alerts.size()).array());
      for (Chosen alert : alerts) {
        Member member = alert.member();
        digest.update(
            ByteBuffer.allocate(3 * Integer.BYTES + 3 * Long.BYTES)
                .putInt(alert.output())
                .putInt(alert.row())
                .putInt(member.bank())
                .putLong(member.place())
                .putLong(member.idHigh())
                .putLong(member.idLow())
                .array());
      }
    }
  }

  @Override
  public String toString() {
    return "MemberAlerts[chosen=" + chosen.size() + "]";
  }
}
