package org.concordat.agent.desk;

import java.util.List;
import java.util.Optional;
import org.concordat.agent.config.DeskConfig.Priority;

/** What is known of an item without opening it. Holds an account: prints its id only. */
final class Entry {
  /** One rule's alert. */
  record Mark(String rule, boolean isOverBudget) {}

  final String id;
  final String group;
  final String account;
  final long number;
  final long change;
  final long eventMillis;
  final long lastMillis;
  final Priority priority;
  final List<Mark> marks;
  final Optional<Verdict.Finding> finding;

  Entry(Item item) {
    this.id = item.id();
    this.group = item.group();
    this.account = item.account();
    this.number = item.number();
    this.change = item.change();
    this.eventMillis = item.eventMillis();
    this.lastMillis = item.lastMillis();
    this.priority = item.priority();
    this.marks = item.alerts().stream().map(a -> new Mark(a.rule(), a.isOverBudget())).toList();
    this.finding = item.verdict().map(Verdict::finding);
  }

  boolean hasRule(String rule) {
    return marks.stream().anyMatch(mark -> mark.rule().equals(rule));
  }

  @Override
  public String toString() {
    return "Entry[" + id + "]";
  }
}
