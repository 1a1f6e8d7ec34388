package org.concordat.agent.desk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All items in memory, as far as lists need them: by id, in the order in which they came, and in
 * groups. A group holds items of one account whose event times lie within a span of each other.
 */
final class Index {
  /** How far apart the first and the last of a group are at most. */
  static final Duration SPAN = Duration.ofHours(24);

  /** Items of one account within {@link #SPAN}; one item alone where no account is known. */
  static final class Group {
    final String id;
    final String account;
    final Map<String, Entry> members = new HashMap<>();
    private long fromMillis;
    private long toMillis;

    Group(String id, String account, long millis) {
      this.id = id;
      this.account = account;
      this.fromMillis = millis;
      this.toMillis = millis;
    }

    private boolean takes(long millis) {
      return Math.max(toMillis, millis) - Math.min(fromMillis, millis) <= SPAN.toMillis();
    }

    private void put(Entry entry) {
      members.put(entry.id, entry);
      fromMillis = Math.min(fromMillis, entry.eventMillis);
      toMillis = Math.max(toMillis, entry.eventMillis);
    }

    /** The number of the member that came last. */
    long latest() {
      return members.values().stream().mapToLong(entry -> entry.number).max().orElse(0);
    }

    /** Oldest first. */
    List<Entry> inOrder() {
      return members.values().stream()
          .sorted(
              Comparator.comparingLong((Entry entry) -> entry.eventMillis)
                  .thenComparingLong(entry -> entry.number))
          .toList();
    }

    @Override
    public String toString() {
      return "Group[" + id + "]";
    }
  }

  private final Map<String, Entry> byId = new HashMap<>();
  private final TreeMap<Long, Entry> byNumber = new TreeMap<>();
  private final TreeMap<Long, Entry> byChange = new TreeMap<>();
  private final Map<String, Group> groups = new HashMap<>();
  private final Map<String, List<Group>> byAccount = new HashMap<>();

  /** Adds an entry, or puts it in the place of the one with the same id. */
  void put(Entry entry) {
    Entry old = byId.put(entry.id, entry);
    if (old != null) {
      byChange.remove(old.change);
    }
    byNumber.put(entry.number, entry);
    byChange.put(entry.change, entry);
    Group group = groups.get(entry.group);
    if (group == null) {
      group = new Group(entry.group, entry.account, entry.eventMillis);
      groups.put(entry.group, group);
      if (!entry.account.isEmpty()) {
        byAccount.computeIfAbsent(entry.account, none -> new ArrayList<>()).add(group);
      }
    }
    group.put(entry);
  }

  void remove(Entry entry) {
    byId.remove(entry.id);
    byNumber.remove(entry.number);
    byChange.remove(entry.change);
    Group group = groups.get(entry.group);
    if (group != null) {
      group.members.remove(entry.id);
      if (group.members.isEmpty()) {
        groups.remove(group.id);
        List<Group> others = byAccount.get(group.account);
        if (others != null) {
          others.remove(group);
          if (others.isEmpty()) {
            byAccount.remove(group.account);
          }
        }
      }
    }
  }

  Optional<Entry> get(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The group that an account's item belongs to; nothing where it begins one. */
  Optional<String> group(String account, long eventMillis) {
    return byAccount.getOrDefault(account, List.of()).stream()
        .filter(group -> group.takes(eventMillis))
        .map(group -> group.id)
        .findFirst();
  }

  @Nullable Group group(String id) {
    return groups.get(id);
  }

  Collection<Group> groups() {
    return groups.values();
  }

  /** In the order in which they came, latest first. */
  Collection<Entry> latestFirst() {
    return byNumber.descendingMap().values();
  }

  /** In the order in which they came, oldest first. */
  Collection<Entry> oldestFirst() {
    return byNumber.values();
  }

  /** Those that an alert came to after a change, in that order. */
  Collection<Entry> changedAfter(long change) {
    return byChange.tailMap(change, false).values();
  }

  int size() {
    return byId.size();
  }
}
