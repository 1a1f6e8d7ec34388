package org.concordat.agent.desk;

import java.util.Optional;
import org.concordat.agent.config.DeskConfig.Priority;

/**
 * Which items are wanted. May name an account: prints nothing of it.
 *
 * @param sinceMillis no items of earlier events; the lowest number for all
 * @param priority the lowest that is wanted
 */
public record Filter(
    Optional<State> state,
    Optional<String> rule,
    Optional<String> account,
    long sinceMillis,
    Priority priority) {
  public static final Filter ALL =
      new Filter(
          Optional.empty(), Optional.empty(), Optional.empty(), Long.MIN_VALUE, Priority.LOW);

  /** Whether an item is wanted, but for its state. */
  boolean fits(Entry entry) {
    return entry.priority.compareTo(priority) >= 0
        && entry.eventMillis >= sinceMillis
        && (rule.isEmpty() || entry.hasRule(rule.get()))
        && (account.isEmpty() || entry.account.equals(account.get()));
  }

  @Override
  public String toString() {
    return "Filter[" + state + "]";
  }
}
