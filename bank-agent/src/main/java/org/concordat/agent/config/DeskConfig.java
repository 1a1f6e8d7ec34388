package org.concordat.agent.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/**
 * How the bank treats its alerts.
 *
 * @param retention how long an item is kept after its last alert
 * @param itemsMax items that are kept; beyond it the oldest go
 * @param auditRetention how long it is kept who did what
 * @param budgetPerDay of a rule that {@code rules} doesn't name; 0 for no limit
 * @param rules by name
 */
public record DeskConfig(
    Duration retention,
    int itemsMax,
    Duration auditRetention,
    int budgetPerDay,
    Map<String, Treatment> rules) {
  /** Rules that a configuration treats by name. */
  static final int RULES_MAX = 256;

  /** What is looked at first: the last one. */
  public enum Priority {
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL
  }

  /**
   * What a rule's alerts are to the bank.
   *
   * @param budgetPerDay alerts of a UTC day beyond which more go to the overflow list; 0 for no
   *     limit
   */
  public record Treatment(Priority priority, int budgetPerDay) {}

  public DeskConfig {
    rules = Map.copyOf(rules);
  }

  /** What a configuration without the section gets. */
  public static final DeskConfig DEFAULT =
      new DeskConfig(Duration.ofDays(90), 100_000, Duration.ofDays(400), 0, Map.of());

  /** How a rule's alerts are treated. */
  public Treatment treatment(String rule) {
    return rules.getOrDefault(rule, new Treatment(Priority.MEDIUM, budgetPerDay));
  }

  static DeskConfig read(Document desk) {
    int budget = budget(desk, 0);
    return new DeskConfig(
        Duration.ofDays(
            desk.maybe("retentionDays")
                .about("How long an item of the fraud team's list is kept after its last alert.")
                .integer(1, 3_650, DEFAULT.retention().toDays())),
        (int)
            desk.maybe("itemsMax")
                .about("Items that are kept; beyond it the oldest go.")
                .integer(1, 1_000_000, DEFAULT.itemsMax()),
        Duration.ofDays(
            desk.maybe("auditDays")
                .about("How long it is kept who listed, opened, exported, snoozed and judged.")
                .integer(1, 3_650, DEFAULT.auditRetention().toDays())),
        budget,
        rules(
            desk.maybe("rules")
                .about("A list: rule, priority (low, medium, high, critical), budgetPerDay."),
            budget));
  }

  private static int budget(Document section, int whenMissing) {
    return (int)
        section
            .maybe("budgetPerDay")
            .about("Alerts of one rule and UTC day; more go to the overflow list. 0: no limit.")
            .integer(0, 1_000_000, whenMissing);
  }

  private static Map<String, Treatment> rules(Document list, int budget) {
    var rules = new LinkedHashMap<String, Treatment>();
    var items = list.items();
    if (items.size() > RULES_MAX) {
      list.add(Code.CDT_106, "More than " + RULES_MAX + " rules.", "Name fewer.");
    }
    for (Document item : items) {
      Document rule = item.get("rule");
      Priority priority = item.maybe("priority").choice(Priority.class).orElse(Priority.MEDIUM);
      if (rules.put(rule.text(), new Treatment(priority, budget(item, budget))) != null) {
        rule.add(Code.CDT_107, "The rule is treated twice.", Code.CDT_107.fix());
      }
      item.finish();
    }
    return rules;
  }
}
