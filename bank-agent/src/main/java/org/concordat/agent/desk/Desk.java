package org.concordat.agent.desk;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.DeskConfig.Treatment;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;
import org.concordat.agent.store.JournalRow;
import org.jspecify.annotations.Nullable;

/**
 * The fraud team's items: alerts of one transaction are one item, items of one account within 24
 * hours one group. Nothing that came is hidden for good or dropped but by age and number: what a
 * snooze mutes or a budget holds back stands in a list of its own.
 *
 * <p>Whatever changes is durable first, in one write with the caller's own. Safe for use by several
 * threads.
 */
public final class Desk implements AutoCloseable {
  private static final String BUDGET = "budget/";
  private static final String NUMBER = "number";
  private static final String MUTED = "muted";
  private static final String OVERFLOW = "overflow";

  /** Verdicts on one item. */
  static final int VERDICTS_MAX = 100;

  /** What became of an order. */
  enum Done {
    DONE,
    UNKNOWN,
    TOO_MANY
  }

  private final DeskStore store;
  private final DeskConfig config;
  private final Counts counts;
  private final Snoozes snoozes;
  private final AuditLog audit;
  private @Nullable Index loaded;
  private volatile boolean closed;

  /** One that knows its items once {@link #load} has read them. */
  public Desk(DeskStore store, DeskConfig config) {
    this.store = store;
    this.config = config;
    this.counts = new Counts(store);
    this.snoozes = new Snoozes(store);
    this.audit = new AuditLog(store, config.auditRetention(), AuditLog.ENTRIES_MAX);
  }

  /** One that knows its items at once. */
  public static Desk open(DeskStore store, DeskConfig config) {
    var desk = new Desk(store, config);
    desk.load();
    return desk;
  }

  /**
   * Reads all items, which takes a tenth of a second for a thousand of them: by a thread of its
   * own, so that an agent that starts publishes and sees its rows scored meanwhile. What needs them
   * waits, but people are asked to come again. Called once; ends early where the desk is closed.
   */
  public void load() {
    var index = new Index();
    store.forEach(
        DeskTable.ITEM,
        new byte[0],
        (key, plain) -> {
          index.put(new Entry(Item.decode(plain)));
          return !closed;
        });
    synchronized (this) {
      // Not with a part of them.
      if (!closed) {
        loaded = index;
      }
      notifyAll();
    }
  }

  /**
   * Waits until the items are read: for who must not wait in the middle of something.
   *
   * @throws CancellationException the desk was closed, or who waits interrupted, before that
   */
  public void awaitItems() {
    index();
  }

  /** Whether it knows its items. */
  synchronized boolean isLoaded() {
    return loaded != null;
  }

  /**
   * The items, once they are read.
   *
   * @throws CancellationException the desk was closed, or who waits interrupted, before that
   */
  private synchronized Index index() {
    try {
      while (loaded == null) {
        if (closed) {
          throw new CancellationException("The desk was closed before it had read its items.");
        }
        wait();
      }
      return loaded;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted before the desk had read its items.");
    }
  }

  AuditLog audit() {
    return audit;
  }

  /**
   * Takes alerts; those that it has are left as they are.
   *
   * @param commit makes the change durable, or throws
   */
  public synchronized void take(
      List<Arrival> arrivals, long nowMillis, Consumer<DeskChange> commit) {
    Map<String, Item> items = new LinkedHashMap<>();
    Map<String, Optional<Entry>> before = new LinkedHashMap<>();
    for (Arrival arrival : arrivals) {
      String id = Item.idOf(arrival.row());
      Item item = items.containsKey(id) ? items.get(id) : find(id).orElse(null);
      if (item != null && item.alert(arrival.alert().getId()).isPresent()) {
        continue;
      }
      long number = counts.add(NUMBER, 1);
      if (item == null) {
        item = Item.begin(arrival, group(arrival.row(), id), number, nowMillis);
      }
      item = item.with(alert(arrival, id, nowMillis), number, nowMillis);
      items.put(id, item);
      before.putIfAbsent(id, index().get(id));
      // At once: the next one's group may be this one's.
      index().put(new Entry(item));
    }
    var change = new DeskChange();
    items.values().forEach(item -> put(change, item));
    List<Entry> evicted = oldest(index().size() - config.itemsMax());
    evicted.forEach(entry -> change.remove(DeskTable.ITEM, key(entry.id)));
    try {
      commit(change, commit);
    } catch (RuntimeException e) {
      restore(before);
      throw e;
    }
    evicted.forEach(index()::remove);
    if (!items.isEmpty()) {
      notifyAll();
    }
  }

  private void restore(Map<String, Optional<Entry>> before) {
    before.forEach(
        (id, old) -> {
          index().get(id).ifPresent(index()::remove);
          old.ifPresent(index()::put);
        });
  }

  private List<Entry> oldest(int count) {
    return index().oldestFirst().stream().limit(Math.max(0, count)).toList();
  }

  /** Writes what is staged together with a change; after a failure nothing of it holds. */
  private void commit(DeskChange change, Consumer<DeskChange> write) {
    counts.fill(change);
    snoozes.fill(change);
    try {
      write.accept(change);
    } catch (RuntimeException e) {
      counts.abandoned();
      snoozes.abandoned();
      throw e;
    }
    counts.committed();
    snoozes.committed();
  }

  private ItemAlert alert(Arrival arrival, String id, long nowMillis) {
    String rule = arrival.alert().getRule();
    Treatment treatment = config.treatment(rule);
    String mutedBy = snoozes.mute(rule, arrival.row().account(), id, nowMillis);
    boolean over = false;
    if (mutedBy.isEmpty() && treatment.budgetPerDay() > 0) {
      String name = BUDGET + day(nowMillis) + "/" + rule;
      over = counts.get(name) >= treatment.budgetPerDay();
      counts.add(name, over ? 0 : 1);
    }
    counts.add(MUTED, mutedBy.isEmpty() ? 0 : 1);
    counts.add(OVERFLOW, over ? 1 : 0);
    return ItemAlert.of(arrival, treatment.priority(), over, mutedBy);
  }

  private static LocalDate day(long millis) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
  }

  private String group(JournalRow row, String id) {
    return row.account().isEmpty()
        ? id
        : index().group(row.account(), row.eventMillis()).orElse(id);
  }

  private static byte[] key(String id) {
    return HexFormat.of().parseHex(id);
  }

  private static void put(DeskChange change, Item item) {
    change.put(DeskTable.ITEM, key(item.id()), item.encode());
  }

  private Optional<Item> find(String id) {
    return index().get(id).flatMap(entry -> store.get(DeskTable.ITEM, key(id))).map(Item::decode);
  }

  /** What an alert's later share is held against; nothing where none is waited for. */
  public synchronized Optional<String> evidence(byte[] transactionId, String alertId) {
    return find(HexFormat.of().formatHex(transactionId))
        .flatMap(item -> item.alert(alertId))
        .filter(alert -> !alert.isVerified())
        .map(ItemAlert::evidence)
        .filter(evidence -> !evidence.isEmpty());
  }

  /** The last share of an alert has come and fits. */
  public synchronized void verified(byte[] transactionId, String alertId) {
    Optional<Item> found = find(HexFormat.of().formatHex(transactionId));
    Optional<ItemAlert> alert = found.flatMap(item -> item.alert(alertId));
    if (found.isPresent() && alert.isPresent()) {
      Item item = found.get().replacing(alert.get().verified(), counts.add(NUMBER, 1));
      var change = new DeskChange();
      put(change, item);
      commit(change, store::commit);
      index().put(new Entry(item));
      notifyAll();
    }
  }

  private State state(Entry entry, Collection<Snooze> inForce) {
    if (entry.finding.isPresent()) {
      return State.CLOSED;
    }
    boolean heard = false;
    for (Entry.Mark mark : entry.marks) {
      boolean muted = inForce.stream().anyMatch(s -> s.mutes(mark.rule(), entry.account, entry.id));
      if (!muted && !mark.isOverBudget()) {
        return State.NEW;
      }
      heard |= !muted;
    }
    return heard ? State.OVERFLOW : State.SNOOZED;
  }

  private Seen seen(Item item, Collection<Snooze> inForce) {
    return new Seen(item, state(new Entry(item), inForce));
  }

  synchronized Optional<Seen> item(String id, long nowMillis) {
    return find(id).map(item -> seen(item, snoozes.inForce(nowMillis)));
  }

  /**
   * Items after a place in a list: the overflow list is in the order of priority, all others in
   * that in which they came, latest first.
   *
   * @param after the last item of the page before
   */
  synchronized List<Seen> list(Filter filter, @Nullable Place after, int limit, long nowMillis) {
    Index items = index();
    Collection<Snooze> inForce = snoozes.inForce(nowMillis);
    boolean ranked = filter.state().equals(Optional.of(State.OVERFLOW));
    Predicate<Entry> isBehind = entry -> after == null || after.isBefore(entry, ranked);
    var entries = items.latestFirst().stream();
    if (ranked) {
      entries = entries.sorted(Comparator.comparing((Entry e) -> e.priority).reversed());
    }
    return entries
        .filter(isBehind)
        .filter(filter::fits)
        .filter(e -> filter.state().isEmpty() || filter.state().get() == state(e, inForce))
        .limit(limit)
        .map(entry -> find(entry.id))
        .flatMap(Optional::stream)
        .map(item -> seen(item, inForce))
        .toList();
  }

  /**
   * Where a page of a list ends.
   *
   * @param number of its last item
   */
  record Place(DeskConfig.Priority priority, long number) {
    boolean isBefore(Entry entry, boolean ranked) {
      int order = ranked ? priority.compareTo(entry.priority) : 0;
      return order > 0 || (order == 0 && entry.number < number);
    }
  }

  /** A group's items, oldest first; none where there is no such group. */
  synchronized List<Seen> group(String id, long nowMillis) {
    Index.Group group = index().group(id);
    return group == null ? List.of() : open(group.inOrder(), nowMillis);
  }

  private List<Seen> open(List<Entry> entries, long nowMillis) {
    Collection<Snooze> inForce = snoozes.inForce(nowMillis);
    return entries.stream()
        .map(entry -> find(entry.id))
        .flatMap(Optional::stream)
        .map(item -> seen(item, inForce))
        .toList();
  }

  /**
   * Groups whose latest item came before another one, latest first.
   *
   * @param before the number of that item
   */
  synchronized List<SeenGroup> groups(Filter filter, long before, int limit, long nowMillis) {
    Index items = index();
    Collection<Snooze> inForce = snoozes.inForce(nowMillis);
    return items.groups().stream()
        .filter(group -> group.latest() < before)
        .filter(group -> group.members.values().stream().anyMatch(filter::fits))
        .sorted(Comparator.comparingLong(Index.Group::latest).reversed())
        .limit(limit)
        .map(group -> SeenGroup.of(group, entry -> state(entry, inForce)))
        .toList();
  }

  /** Waits until there are items that an alert came to after a change, or the time is over. */
  synchronized List<Seen> follow(
      Filter filter, long change, int limit, long waitMillis, LongSupplier clock)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
    Index items = index();
    while (true) {
      Collection<Snooze> inForce = snoozes.inForce(clock.getAsLong());
      List<Seen> found =
          items.changedAfter(change).stream()
              .filter(filter::fits)
              .filter(e -> filter.state().isEmpty() || filter.state().get() == state(e, inForce))
              .limit(limit)
              .map(entry -> find(entry.id))
              .flatMap(Optional::stream)
              .map(item -> seen(item, inForce))
              .toList();
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (!found.isEmpty() || leftMillis <= 0 || closed) {
        return found;
      }
      wait(leftMillis);
    }
  }

  /** Alerts that a snooze muted when they came. */
  synchronized long muted() {
    return counts.get(MUTED);
  }

  /** Alerts over their rule's daily budget. */
  synchronized long overBudget() {
    return counts.get(OVERFLOW);
  }

  /** The last change. */
  synchronized long lastChange() {
    return counts.get(NUMBER);
  }

  /** Gives a verdict, which holds until another one is given. */
  synchronized Done judge(String id, Verdict verdict) {
    Optional<Item> found = find(id);
    if (found.isEmpty()) {
      return Done.UNKNOWN;
    }
    if (found.get().verdicts().size() >= VERDICTS_MAX) {
      return Done.TOO_MANY;
    }
    Item item = found.get().with(verdict);
    var change = new DeskChange();
    put(change, item);
    var what = new JsonObject().put("item", id).put("verdict", verdict.finding().label());
    audit.add(change, verdict.by(), AuditLog.Deed.JUDGED, what, verdict.millis());
    commit(change, store::commit);
    index().put(new Entry(item));
    return Done.DONE;
  }

  /** Begins a snooze; nothing where there are too many. */
  synchronized Optional<Snooze> snooze(
      Snooze.Scope scope, String target, String by, String reason, long now, long until) {
    if (snoozes.inForce(now).size() >= Snoozes.IN_FORCE_MAX) {
      return Optional.empty();
    }
    String id = UUID.randomUUID().toString();
    Snooze snooze = Snooze.begin(id, scope, target, by, reason, now, until);
    snoozes.put(snooze);
    var change = new DeskChange();
    audit.add(change, by, AuditLog.Deed.SNOOZED, snooze.shown(now), now);
    commit(change, store::commit);
    return Optional.of(snooze);
  }

  /** Ends a snooze; nothing where there is none. */
  synchronized Optional<Snooze> endSnooze(String id, String by, long nowMillis) {
    Optional<Snooze> found = snoozes.get(id);
    if (found.isEmpty() || !found.get().isInForce(nowMillis)) {
      return found;
    }
    Snooze ended = found.get().ended(by, nowMillis);
    snoozes.put(ended);
    var change = new DeskChange();
    var what = new JsonObject().put("snooze", id);
    audit.add(change, by, AuditLog.Deed.ENDED_SNOOZE, what, nowMillis);
    commit(change, store::commit);
    return Optional.of(ended);
  }

  synchronized List<Snooze> snoozes() {
    return snoozes.list();
  }

  synchronized List<Precision> precision() {
    return Precision.of(index().oldestFirst());
  }

  /** How many items with an alert of each rule stand where. */
  synchronized Map<String, Map<State, Long>> standings(long nowMillis) {
    Collection<Snooze> inForce = snoozes.inForce(nowMillis);
    Map<String, Map<State, Long>> standings = new LinkedHashMap<>();
    for (Entry entry : index().oldestFirst()) {
      State state = state(entry, inForce);
      entry.marks.forEach(
          mark ->
              standings
                  .computeIfAbsent(mark.rule(), rule -> new LinkedHashMap<>())
                  .merge(state, 1L, Long::sum));
    }
    return standings;
  }

  /** Removes what is past its age. */
  public synchronized void expire(long nowMillis) {
    long oldestMillis = nowMillis - config.retention().toMillis();
    List<Entry> old =
        index().oldestFirst().stream().filter(entry -> entry.lastMillis < oldestMillis).toList();
    var change = new DeskChange();
    old.forEach(entry -> change.remove(DeskTable.ITEM, key(entry.id)));
    store.commit(change);
    old.forEach(index()::remove);
    snoozes.expire(store, oldestMillis);
    counts.removeBefore(BUDGET, BUDGET + day(nowMillis));
    audit.expire(nowMillis);
  }

  /** Lets go of whoever waits for more. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
