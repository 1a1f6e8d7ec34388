package org.concordat.rules.link;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.PaneRing.Added;

/**
 * What is remembered of earlier records by pseudonym, and what each record gets of it.
 *
 * <p>A record sees those before it in commit order, of its batch too, and never itself; where
 * batches end changes nothing. It reads its columns first and is then added, unless it doesn't
 * count, its transaction or payment has counted before, or there is no room. All that decides which
 * records a sum covers is public; values are only ever added, so they may be plain, or one party's
 * components of a sharing, which it works on alike.
 *
 * <p>An entity whose latest record is older than all windows and paths, measured from the newest
 * record that counted, is forgotten at the first record of a new day.
 *
 * <p>Batches are derived in order; each is committed, oldest first, or all that aren't are rolled
 * back. Used by one thread at a time. Holds no secret but value components; prints none.
 */
public final class LinkState implements LinkMemory {
  private static final int DAY_MINUTES = 24 * 60;

  /** Pairs of accounts whose latest payment is remembered, to know fresh ones. */
  private static final int PAIRS_MAX = 1 << 27;

  /**
   * What was counted since the start.
   *
   * @param entities remembered now
   * @param late additions to a window that records were too old for
   * @param full additions beyond a window's events
   * @param untracked additions of entities that there was no room for, or none left to their bank
   * @param repeated records whose payment or transaction had counted before
   * @param cutShort searches that ended at the most payments that are looked at
   */
  public record Counters(
      int entities, long late, long full, long untracked, long repeated, long cutShort) {}

  private final LinkSpec spec;
  private final int components;
  private final boolean namesMembers;
  private final List<EntityStore> stores;
  private final EntityStore[] storeOf;
  private final CarriedState carried;
  private final EntityTable pairs;
  private final Quota room;
  private final Quota pairRoom;
  private final Optional<Graph> graph;
  private final Recent recent = new Recent();
  private final ArrayDeque<LinkScalars> marks = new ArrayDeque<>();
  private final int[] columnOfMeasure;
  private final int[] columnOfPath;
  private final List<LinkSpec.Derived> derived;
  private final boolean[] kept;
  private long order;
  private int newestMinute = Integer.MIN_VALUE;
  private long late;
  private long full;
  private long untracked;
  private long repeated;
  private long cutShort;

  /**
   * @param components of each value: 1 where it is plain
   */
  public LinkState(LinkSpec spec, int components) {
    this(spec, components, false, List.of());
  }

  /**
   * @param namesMembers whether columns tell which earlier records make a path
   * @param carried what the epoch before handed on, see {@link #carry}; empty for nothing
   */
  public LinkState(
      LinkSpec spec, int components, boolean namesMembers, List<CarriedTable> carried) {
    this.spec = spec;
    this.components = components;
    this.namesMembers = namesMembers;
    EntityGroups groups = EntityGroups.of(spec);
    Map<Integer, EntityStore> byGroup = new LinkedHashMap<>();
    this.storeOf = new EntityStore[spec.entities().size()];
    for (int entity = 0; entity < storeOf.length; entity++) {
      storeOf[entity] =
          byGroup.computeIfAbsent(
              groups.of(entity), g -> EntityStore.of(spec, components, namesMembers, groups, g));
    }
    this.stores = List.copyOf(byGroup.values());
    this.carried = new CarriedState(spec, components, storeOf, stores, carried);
    this.pairs = new EntityTable(1, pairsMax(spec.entitiesMax()));
    this.room = new Quota(spec.entitiesMax(), spec.entitiesPerBank());
    this.pairRoom = new Quota(pairsMax(spec.entitiesMax()), pairsMax(spec.entitiesPerBank()));
    this.graph =
        spec.edges()
            .map(
                edges -> {
                  EntityStore store = storeOf[edges.source()];
                  return new Graph(edges, store.table(), store.layout());
                });
    this.derived = spec.derived();
    this.kept = new boolean[spec.entities().size()];
    for (int entity = 0; entity < kept.length; entity++) {
      kept[entity] = keeps(entity);
    }
    int column = 0;
    this.columnOfMeasure = new int[spec.measures().size()];
    for (int i = 0; i < columnOfMeasure.length; i++) {
      columnOfMeasure[i] = column;
      column += spec.columns(spec.measures().get(i));
    }
    this.columnOfPath = new int[spec.paths().size()];
    for (int i = 0; i < columnOfPath.length; i++) {
      columnOfPath[i] = column;
      PathSpec path = spec.paths().get(i);
      column += path.isNumber() ? 1 : path.slots() * path.hopsMax();
    }
  }

  /** Whether an epoch that begins on a day is handed what the one before remembers. */
  public static boolean isCarried(LinkSpec spec, long epochBefore, int epochDays, long day) {
    return spec.carried() && day < (epochBefore + 1) * epochDays + LinkSpec.CARRY_DAYS_MAX;
  }

  /**
   * What the next epoch gets of this one, of each group of entities of which anything is carried:
   * counts, sums, and minutes of the first and latest record, of entities that have a record in
   * this epoch. What this one was handed itself is not handed on, but for that an entity was known:
   * windows reach back to the beginning of the epoch before.
   *
   * @param publicAt position of the component that holds what is public; -1 where none does
   */
  @Override
  public List<CarriedRows> carry(int publicAt) {
    return carried.carry(newestMinute, publicAt);
  }

  @Override
  public int carriedBanks() {
    return carried.banks();
  }

  private static int pairsMax(int entities) {
    return (int) Math.min(PAIRS_MAX, 8L * entities);
  }

  @Override
  public LinkColumns derive(LinkRows rows) {
    mark(rows);
    int named = namesMembers ? spec.paths().size() : 0;
    var columns = new LinkColumns(derived, components, rows.rows(), order, named);
    for (int row = 0; row < rows.rows(); row++) {
      if (rows.counted(row)) {
        forgetBefore(rows.minute(row));
      }
      read(rows, row, columns);
      if (rows.counted(row)) {
        count(rows, row);
      }
      order++;
    }
    return columns;
  }

  /** Looks nothing up: of what a record was given nobody asks again, and paths take the longest. */
  @Override
  public void remember(LinkRows rows) {
    requireNonePending();
    again(rows, 0);
    commit();
  }

  private void requireNonePending() {
    if (!marks.isEmpty()) {
      throw new IllegalStateException("a batch was derived and doesn't stand");
    }
  }

  @Override
  public void again(LinkRows rows, long searchesCutShort) {
    mark(rows);
    for (int row = 0; row < rows.rows(); row++) {
      if (rows.counted(row)) {
        forgetBefore(rows.minute(row));
        count(rows, row);
      }
      order++;
    }
    cutShort += searchesCutShort;
  }

  private void mark(LinkRows rows) {
    if (rows.components() != components) {
      throw new IllegalArgumentException("components");
    }
    marks.addLast(scalars());
    stores.forEach(store -> store.table().mark());
    pairs.mark();
    recent.mark();
  }

  @Override
  public void commit() {
    marks.removeFirst();
    stores.forEach(store -> store.table().commit());
    pairs.commit();
    recent.commit();
  }

  @Override
  public void rollback() {
    while (!marks.isEmpty()) {
      restore(marks.removeLast());
      stores.forEach(store -> store.table().rollback());
      pairs.rollback();
      recent.rollback();
    }
  }

  private LinkScalars scalars() {
    return new LinkScalars(
        order, newestMinute, counters(), List.of(room.taken(), pairRoom.taken()));
  }

  private void restore(LinkScalars before) {
    order = before.order();
    newestMinute = before.newestMinute();
    late = before.counters().late;
    full = before.counters().full;
    untracked = before.counters().untracked;
    repeated = before.counters().repeated;
    cutShort = before.counters().cutShort;
    room.restore(before.taken().get(0));
    pairRoom.restore(before.taken().get(1));
  }

  @Override
  public LinkSweep sweep(Consumer<long[]> pages) {
    requireNonePending();
    scalars().write(new PageWriter(TableSweeps.SCALARS, pages));
    recent.write(new PageWriter(TableSweeps.RECENT, pages));
    return new TableSweeps(tables(), pages);
  }

  @Override
  public void load(long[] page) {
    switch ((int) page[0]) {
      case TableSweeps.SCALARS -> restore(LinkScalars.read(page));
      case TableSweeps.RECENT -> recent.load(page);
      default -> tables().get((int) page[0] - TableSweeps.TABLES).load(page);
    }
  }

  private List<EntityTable> tables() {
    return Stream.concat(stores.stream().map(EntityStore::table), Stream.of(pairs)).toList();
  }

  @Override
  public Counters counters() {
    return new Counters(room.size(), late, full, untracked, repeated, cutShort);
  }

  /** At the first record of a new day. */
  private void forgetBefore(int minute) {
    int newest = Math.max(newestMinute, minute);
    if (Math.floorDiv(newest, DAY_MINUTES) > Math.floorDiv(newestMinute, DAY_MINUTES)
        && room.size() > 0) {
      // Windows reach back to the beginning of a pane: less than twice as far as they are long. And
      // the newest record may be dated ahead by up to two days.
      for (EntityStore store : stores) {
        long oldest = newest - 2L * store.rememberedMinutes() - 2L * DAY_MINUTES;
        room.removeBefore(store.table(), oldest);
      }
      long fresh =
          newest - 2L * spec.edges().map(EdgeSpec::freshMinutes).orElse(0) - 2L * DAY_MINUTES;
      pairRoom.removeBefore(pairs, fresh);
    }
    newestMinute = newest;
  }

  private void read(LinkRows rows, int row, LinkColumns columns) {
    for (int i = 0; i < columnOfMeasure.length; i++) {
      Measure measure = spec.measures().get(i);
      int column = columnOfMeasure[i];
      EntityStore store = storeOf[measure.entity()];
      EntityTable table = store.table();
      int index = table.find(rows.pseudonym(measure.entity(), row));
      if (index >= 0) {
        long[] words = table.words(index);
        read(measure, column, store.layout(), words, table.offset(index), rows, row, columns);
      } else if (measure.kind() == LinkSpec.Kind.SINCE_LAST) {
        columns.open(column)[row] = spec.tracks().get(measure.track()).windowMinutes();
      }
      carried.read(measure, column, index, rows, row, columns);
    }
    if (graph.isPresent()) {
      readPaths(graph.get(), rows, row, columns);
    }
  }

  private void read(
      Measure measure,
      int column,
      RecordLayout layout,
      long[] words,
      int base,
      LinkRows rows,
      int row,
      LinkColumns columns) {
    PaneRing ring = layout.ring(measure.track());
    int minute = rows.minute(row);
    switch (measure.kind()) {
      case SUM -> {
        for (int c = 0; c < components; c++) {
          columns.shared(c, column)[row] = ring.sum(words, base, minute, measure.value(), c);
        }
      }
      case COUNT -> columns.open(column)[row] = ring.count(words, base, rows, row);
      case BANKS -> columns.open(column)[row] = ring.banks(words, base, minute);
      case COUNTERPARTIES -> columns.open(column)[row] = ring.counterparties(words, base, minute);
      case SINCE_FIRST -> columns.open(column)[row] = ring.sinceFirst(words, base, minute);
      case SINCE_LAST -> columns.open(column)[row] = ring.sinceLast(words, base, minute);
      case LATEST ->
          layout
              .latest(measure.track())
              .read(ring, words, base, measure.value(), minute, columns, column, row);
    }
  }

  private void readPaths(Graph found, LinkRows rows, int row, LinkColumns columns) {
    EdgeSpec edges = spec.edges().orElseThrow();
    long source = rows.pseudonym(edges.source(), row);
    long target = rows.pseudonym(edges.target(), row);
    int minute = rows.minute(row);
    if (!isFresh(edges, source, target, minute)) {
      return;
    }
    for (int i = 0; i < columnOfPath.length; i++) {
      PathSpec path = spec.paths().get(i);
      int column = columnOfPath[i];
      if (path.isNumber()) {
        MemberSink members = members(columns, i, 0, row);
        columns.open(column)[row] = found.number(path, source, target, minute, members);
        cutShort += found.isCutShort(path) ? 1 : 0;
      } else {
        readCandidates(found, i, column, rows, row, columns);
      }
    }
  }

  private MemberSink members(LinkColumns columns, int path, int slot, int row) {
    return namesMembers ? columns.members(path, slot, row) : MemberSink.NONE;
  }

  private void readCandidates(
      Graph found, int number, int column, LinkRows rows, int row, LinkColumns columns) {
    PathSpec path = spec.paths().get(number);
    EdgeSpec edges = spec.edges().orElseThrow();
    int[] slot = {0};
    found
        .search()
        .candidates(
            path,
            rows.pseudonym(edges.source(), row),
            rows.pseudonym(edges.target(), row),
            rows.minute(row),
            (length, words, at) -> {
              int first = column + slot[0] * path.hopsMax();
              MemberSink members = members(columns, number, slot[0], row);
              columns.open(first)[row] = length;
              for (int hop = 0; hop < length; hop++) {
                for (int c = 0; c < components; c++) {
                  columns.shared(c, first + 1 + hop)[row] = Edges.value(words[hop], at[hop], c);
                }
                members.take(words[hop], at[hop]);
              }
              slot[0]++;
            });
    cutShort += found.isCutShort(path) ? 1 : 0;
  }

  /** Whether no payment of the pair was seen within the time before. */
  private boolean isFresh(EdgeSpec edges, long source, long target, int minute) {
    int index = edges.freshMinutes() == 0 ? -1 : pairs.find(pair(source, target));
    return index < 0
        || Quota.minute(pairs.words(index)[pairs.offset(index)])
            < (long) minute - edges.freshMinutes();
  }

  /** Pseudonyms are pseudo-random, and so is this of different ones. */
  private static long pair(long source, long target) {
    return source + Long.rotateLeft(target * 0x9E3779B97F4A7C15L, 32);
  }

  private void count(LinkRows rows, int row) {
    if (isRepeated(rows, row)) {
      repeated++;
      return;
    }
    boolean isEdge = spec.edges().isPresent() && passes(spec.edges().get(), rows, row);
    for (int entity = 0; entity < kept.length; entity++) {
      if (kept[entity]) {
        count(rows, row, entity, isEdge);
      }
    }
  }

  /** Whether the record is a fresh payment; the pair is remembered. */
  private boolean passes(EdgeSpec edges, LinkRows rows, int row) {
    long source = rows.pseudonym(edges.source(), row);
    long target = rows.pseudonym(edges.target(), row);
    int minute = rows.minute(row);
    boolean isFresh = isFresh(edges, source, target, minute);
    if (edges.freshMinutes() > 0) {
      int index = pairRoom.change(pairs, pair(source, target), rows.bank(row), minute);
      untracked += index < 0 ? 1 : 0;
    }
    return isFresh;
  }

  private void count(LinkRows rows, int row, int entity, boolean isEdge) {
    EntityTable table = storeOf[entity].table();
    RecordLayout layout = storeOf[entity].layout();
    int index = room.change(table, rows.pseudonym(entity, row), rows.bank(row), rows.minute(row));
    if (index < 0) {
      untracked++;
      return;
    }
    long[] words = table.words(index);
    int base = table.offset(index);
    layout.putHash(words, base, rows, row, entity);
    for (int track = 0; track < spec.tracks().size(); track++) {
      if (spec.tracks().get(track).role() == entity) {
        Added added = layout.ring(track).add(words, base, rows, row);
        if (added == Added.YES) {
          layout.latest(track).add(words, base, rows, row);
        }
        late += added == Added.LATE ? 1 : 0;
        full += added == Added.FULL ? 1 : 0;
      }
    }
    if (isEdge) {
      addEdges(spec.edges().orElseThrow(), entity, words, base, rows, row);
    }
  }

  /** The record as a payment, to whom it is one from and to whom it is one to. */
  private void addEdges(
      EdgeSpec edges, int entity, long[] words, int base, LinkRows rows, int row) {
    RecordLayout layout = storeOf[entity].layout();
    int edgeWords = layout.edgeWords();
    if (edges.source() == entity) {
      int start = base + layout.edges(false);
      long other = rows.pseudonym(edges.target(), row);
      Edges.add(words, start, edges.edgesMax(), edgeWords, other, order, rows, row, edges.value());
    }
    if (edges.target() == entity) {
      int start = base + layout.edges(true);
      long other = rows.pseudonym(edges.source(), row);
      Edges.add(words, start, edges.edgesMax(), edgeWords, other, order, rows, row, edges.value());
    }
  }

  private boolean isRepeated(LinkRows rows, int row) {
    long transaction = rows.transaction(row);
    boolean isRepeated = recent.contains(transaction);
    if (spec.paymentEntity() >= 0) {
      long payment = rows.pseudonym(spec.paymentEntity(), row);
      isRepeated |= recent.contains(payment);
      if (!isRepeated && payment != transaction) {
        recent.add(payment);
      }
    }
    if (!isRepeated) {
      recent.add(transaction);
    }
    return isRepeated;
  }

  private boolean keeps(int entity) {
    return spec.tracks().stream().anyMatch(track -> track.role() == entity)
        || spec.edges()
            .filter(edges -> edges.source() == entity || edges.target() == entity)
            .isPresent();
  }

  @Override
  public String toString() {
    return "LinkState[entities=" + room.size() + "]";
  }
}
