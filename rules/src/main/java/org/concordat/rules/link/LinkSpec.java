package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a rule set links.
 *
 * @param linkageBits of a pseudonym that aggregators open
 * @param entitiesMax accounts, cards and so on that are remembered at a time; where they are
 *     hidden, records
 * @param entitiesPerBank of those that are remembered, how many may have come with one bank's
 *     records first: so that no bank fills the room with made-up ones
 * @param entities in the contract's order; at most {@link #ENTITIES_MAX}
 * @param paymentEntity index of the entity that names a payment, whose second half adds nothing; -1
 *     for none
 * @param values that enter windows and paths
 * @param edges what paths run along; there where {@code paths} is not empty
 * @param hidden where an entity is to be told from few others only
 * @param carried whether windows reach back over the beginning of an epoch, see {@link
 *     LinkState#carry}
 */
public record LinkSpec(
    int linkageBits,
    int entitiesMax,
    int entitiesPerBank,
    List<EntityField> entities,
    int paymentEntity,
    List<ValueField> values,
    List<Track> tracks,
    List<Measure> measures,
    Optional<EdgeSpec> edges,
    List<PathSpec> paths,
    Optional<Hidden> hidden,
    boolean carried) {
  public static final int ENTITIES_MAX = 16;
  public static final int TRACKS_MAX = 64;
  public static final int PANES = 8;

  /** Banks that windows tell apart. */
  public static final int BANKS_MAX = PaneRing.BANKS_MAX;

  public static final int WINDOW_MINUTES_MAX = 90 * 24 * 60;

  /** Events that a window counts; beyond it, it stands still until panes expire. */
  public static final int EVENTS_MAX = 1 << 20;

  /** Different counterparties that a window can tell apart. */
  public static final int COUNTERPARTIES_MAX = 256;

  /** Records of a window whose values are remembered one by one. */
  public static final int LATEST_MAX = 32;

  /** Earlier payments of an account that paths remember, in each direction. */
  public static final int EDGES_MAX = 64;

  /** Earlier payments looked at for one number of one record, where a rule set says nothing. */
  public static final int STEPS_DEFAULT = 16_384;

  /** Payments of a path, the record's own counted. */
  public static final int HOPS_MAX = 10;

  public static final int SLOTS_MAX = 16;

  /** That a window may see records of: the one before and its own. */
  public static final int EPOCHS_SEEN = 2;

  /** Entities where they are carried: their rows are shuffled together. */
  public static final int ENTITIES_CARRIED_MAX = 1 << 22;

  /**
   * Days after an epoch's end in which the next one has to begin: later, it begins with nothing.
   * Logs are kept for as long.
   */
  public static final int CARRY_DAYS_MAX = 7;

  /**
   * An identifier of each record.
   *
   * @param field of the share layout that holds its low 64 bits; the next one holds the high ones
   */
  public record EntityField(String name, int field) {}

  /**
   * A number of each record that others' windows add up.
   *
   * @param field of the share layout, arithmetic
   * @param min from 0; above it only where records are counted
   * @param max it counts as 0 where it isn't from {@code min} to this
   * @param isCount whether it counts as 1 there, and not as itself
   */
  public record ValueField(String name, int field, long min, long max, boolean isCount) {
    public ValueField {
      if (min < 0 || max < min || (min > 0 && !isCount)) {
        throw new IllegalArgumentException("range of a value");
      }
    }

    /** The number itself, from 0 to {@code max}. */
    public ValueField(String name, int field, long max) {
      this(name, field, 0, max, false);
    }

    /** What is remembered of a number that a bank sent. */
    public long admitted(long sent) {
      if (sent < min || sent > max) {
        return 0;
      }
      return isCount ? 1 : sent;
    }
  }

  /**
   * What is kept of the records in which an entity stood in one role, for one length of time.
   *
   * @param role index of the entity field
   * @param windowMinutes a multiple of {@link #PANES} or at least 1: see {@link #paneMinutes}
   * @param eventsMax of the window; with a counterparty also how many are told apart
   * @param counterparty index of the entity field whose different values are counted, or -1
   * @param latestMax records whose values are remembered one by one, the latest ones; 0 for none
   */
  public record Track(int role, int windowMinutes, int eventsMax, int counterparty, int latestMax) {
    public Track(int role, int windowMinutes, int eventsMax, int counterparty) {
      this(role, windowMinutes, eventsMax, counterparty, 0);
    }

    /** Minutes of a pane, rounded up. */
    int paneMinutes() {
      return (windowMinutes + PANES - 1) / PANES;
    }

    /** Panes that cover the window; fewer than all where minutes are rounded up. */
    int panes() {
      return (windowMinutes + paneMinutes() - 1) / paneMinutes();
    }
  }

  /** What a window tells. */
  public enum Kind {
    /** Records. */
    COUNT,
    /** The sum of a value: shared. */
    SUM,
    /** Different banks that submitted. */
    BANKS,
    /** Different counterparties. */
    COUNTERPARTIES,
    /** Minutes since the first record in the role, at most the window; 0 if there was none. */
    SINCE_FIRST,
    /** Minutes since the latest record in the role, at most the window; the window if none. */
    SINCE_LAST,
    /** How many of the latest records are in the window, and a value of each: shared. */
    LATEST
  }

  /**
   * A window's number, seen from a record.
   *
   * @param entity index of the record's own entity field that is looked up
   * @param track index
   * @param value index, for {@link Kind#SUM} and {@link Kind#LATEST}; else -1
   */
  public record Measure(String name, int entity, int track, Kind kind, int value) {}

  /**
   * Payments from one entity to another.
   *
   * @param source index of the paying entity field
   * @param target index of the paid one
   * @param value index, or -1
   * @param edgesMax remembered of each account in each direction, the latest ones
   * @param freshMinutes a payment is part of paths only if none from the same source to the same
   *     target was seen in as many minutes before it; 0: always
   * @param stepsMax looked at for one number of one record; a dense graph costs no more
   */
  public record EdgeSpec(
      int source, int target, int value, int edgesMax, int freshMinutes, int stepsMax) {
    public EdgeSpec(int source, int target, int value, int edgesMax, int freshMinutes) {
      this(source, target, value, edgesMax, freshMinutes, STEPS_DEFAULT);
    }
  }

  /** What {@link Graph} looks for around a record from u to v. */
  public enum Shape {
    /** Earlier payments lead from v to u, in order of time; shared values in slots. */
    CYCLE,
    /** Earlier payments lead to u, in order of time, over different accounts; likewise. */
    CHAIN,
    /** Payments of the longest such cycle, the record's own counted; 0 for none. */
    CYCLE_LENGTH,
    /**
     * The most intermediaries, u among them, through which one source of u's reached v; 0 where it
     * is u alone.
     */
    SCATTER_GATHER,
    /** The sum over u's sources of their other intermediaries to v. */
    DIAMONDS,
    /** Payers of v, u aside, that also paid another payee of u's. */
    BIPARTITE,
    /**
     * Pairs of another payer of v's and another payee of u's of whom the one has paid the other.
     * Payees whom as many others have paid as are remembered are shops: they make none.
     */
    BUTTERFLIES,
    /**
     * Payers of v, u aside, whom at least two of u's sources had paid before they paid v: two
     * layers in sequence, of which the first is bipartite.
     */
    STACK
  }

  /**
   * A pattern of earlier payments.
   *
   * @param hopsMin of cycles and chains, the record itself counted; chains have just as many; else
   *     0
   * @param hopsMax at most {@link #HOPS_MAX}
   * @param withinMinutes before the record
   * @param slots candidates that are compared; 0 for a shape that is a number
   */
  public record PathSpec(
      String name, Shape shape, int hopsMin, int hopsMax, int withinMinutes, int slots) {
    /** Whether it is a number and not candidates. */
    public boolean isNumber() {
      return shape != Shape.CYCLE && shape != Shape.CHAIN;
    }
  }

  /**
   * Entities that share what is opened of their pseudonyms with others: the prefix is a bucket, and
   * whether two records of a bucket share an entity is computed on shares.
   *
   * <p>Each aggregator sees all buckets of a record at once. Where its entities belong together, as
   * an account and its device or both sides of a standing order, all bits that it opens single them
   * out: so its fields share as many as one entity may open by itself. That bounds what a record
   * tells by its buckets, not what several tell by their banks and hours.
   *
   * @param among entities of a bucket, at least, if as many are active as was declared
   * @param activeEntities of an epoch, of the kind that has the fewest
   * @param sharedBy fields of a record by which the bits are shared; 1 where each opens them all
   */
  public record Hidden(int among, int activeEntities, int sharedBy) {
    public static final int AMONG_MIN = 16;

    /** Bits of a pseudonym that stay shared and are compared. */
    public static final int COMPARED_BITS = 64;

    /**
     * Pairs of records that a batch of several blocks compares: with more, fewer rows are cut, so
     * that no bank can have all others wait longer by records that fill a bucket.
     */
    public static final long BATCH_PAIRS_MAX = 1L << 24;

    public Hidden {
      if (among < 1 || activeEntities < 1 || sharedBy < 1) {
        throw new IllegalArgumentException("hidden among");
      }
    }

    /** Bits that leave so many: floor(log2(activeEntities / among)). */
    public int bitsMax() {
      return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, activeEntities / among));
    }

    /** Bits that are opened of each field. */
    public int bucketBits() {
      return bitsMax() / sharedBy;
    }

    /** Active entities of a bucket, on average. */
    public long expected() {
      return (long) activeEntities >> bucketBits();
    }
  }

  /** Records in which an entity of this record stood in some role. */
  public record Lookup(int entity, int role) {}

  /** One that leaves all the room to any bank, hides no entity and carries nothing. */
  public LinkSpec(
      int linkageBits,
      int entitiesMax,
      List<EntityField> entities,
      int paymentEntity,
      List<ValueField> values,
      List<Track> tracks,
      List<Measure> measures,
      Optional<EdgeSpec> edges,
      List<PathSpec> paths) {
    this(
        linkageBits,
        entitiesMax,
        entitiesMax,
        entities,
        paymentEntity,
        values,
        tracks,
        measures,
        edges,
        paths,
        Optional.empty(),
        false);
  }

  public LinkSpec {
    entities = List.copyOf(entities);
    values = List.copyOf(values);
    tracks = List.copyOf(tracks);
    measures = List.copyOf(measures);
    paths = List.copyOf(paths);
    if (entities.size() > ENTITIES_MAX || tracks.size() > TRACKS_MAX || entitiesMax < 1) {
      throw new IllegalArgumentException("too much is linked");
    }
    if (!paths.isEmpty() && edges.isEmpty()) {
      throw new IllegalArgumentException("paths run along edges");
    }
    boolean hideable =
        paths.isEmpty()
            && paymentEntity < 0
            && !carried
            && measures.stream().allMatch(LinkSpec::fits);
    if (hidden.isPresent() && !hideable) {
      throw new IllegalArgumentException("not of hidden entities");
    }
  }

  /** Whether a window can be kept of entities that are hidden. */
  private static boolean fits(Measure measure) {
    return measure.kind() != Kind.COUNTERPARTIES && measure.kind() != Kind.LATEST;
  }

  /** Whose pairs of records are compared where entities are hidden: those of all windows, once. */
  public List<Lookup> lookups() {
    return measures.stream().map(this::lookup).distinct().toList();
  }

  /** The lookup of a window. */
  public Lookup lookup(Measure measure) {
    return new Lookup(measure.entity(), tracks.get(measure.track()).role());
  }

  /** Words of each component that are kept of a record: values, then what is compared. */
  public int keptWords() {
    return values.size() + (hidden.isPresent() ? entities.size() : 0);
  }

  /** A column that a record gets from earlier ones. */
  public sealed interface Derived {
    String name();
  }

  /** As secret as the values. */
  public record Shared(String name) implements Derived {}

  /**
   * What every aggregator knows, from 0 to a bound.
   *
   * @param name of the window or number, or {@code path#slot}: earlier payments in the slot's path
   */
  public record Public(String name, long max) implements Derived {}

  /**
   * A number of an epoch's own records, which every aggregator knows, and as much more of what was
   * carried into it, as secret as the values; together from 0 to a bound.
   *
   * @param isOfBits whether what was carried are bits that are still to be counted, see {@link
   *     LinkColumns#bits}
   */
  public record Carried(String name, long max, boolean isOfBits) implements Derived {}

  /**
   * All columns in order: of each window one, and where it remembers values one by one also those,
   * {@code window.1} the latest; of each path either one number, or for each slot its length and
   * the values of its earlier payments, {@code path#slot.1} the latest.
   */
  public List<Derived> derived() {
    List<Derived> columns = new ArrayList<>();
    for (Measure measure : measures) {
      columns.add(derived(measure));
      for (int latest = 1; latest < columns(measure); latest++) {
        columns.add(new Shared(measure.name() + "." + latest));
      }
    }
    for (PathSpec path : paths) {
      if (path.isNumber()) {
        columns.add(new Public(path.name(), Graph.numberMax(path, edges.orElseThrow())));
      }
      for (int slot = 0; slot < path.slots(); slot++) {
        columns.add(new Public(path.name() + "#" + slot, path.hopsMax() - 1L));
        for (int hop = 1; hop < path.hopsMax(); hop++) {
          columns.add(new Shared(path.name() + "#" + slot + "." + hop));
        }
      }
    }
    return List.copyOf(columns);
  }

  private Derived derived(Measure measure) {
    if (measure.kind() == Kind.SUM || hidden.isPresent()) {
      return new Shared(measure.name());
    }
    return carries(measure)
        ? new Carried(measure.name(), max(measure), measure.kind() == Kind.BANKS)
        : new Public(measure.name(), max(measure));
  }

  /** Whether a window's number reaches back over the beginning of an epoch. */
  public boolean carries(Measure measure) {
    return carried
        && switch (measure.kind()) {
          case COUNT, SUM, BANKS, SINCE_FIRST, SINCE_LAST -> true;
          case COUNTERPARTIES, LATEST -> false;
        };
  }

  /** By entity field: whether its hashes are kept, since what is remembered of it is carried. */
  public boolean[] keepsHashes() {
    return EntityGroups.carried(this);
  }

  /** Words that are carried of an entity of which most is; 0 where nothing is. */
  public int carriedWords() {
    EntityGroups groups = EntityGroups.of(this);
    return groups.kept(this).stream()
        .mapToInt(group -> new CarriedLayout(this, groups, group).words())
        .max()
        .orElse(0);
  }

  /** Minutes of the longest window that is carried; 0 if none is. */
  public int carriedMinutes() {
    return measures.stream()
        .filter(this::carries)
        .mapToInt(measure -> tracks.get(measure.track()).windowMinutes())
        .max()
        .orElse(0);
  }

  /** Minutes of the longest path. */
  public int pathMinutes() {
    return paths.stream().mapToInt(PathSpec::withinMinutes).max().orElse(0);
  }

  /** Columns of a window. */
  int columns(Measure measure) {
    return measure.kind() == Kind.LATEST ? 1 + tracks.get(measure.track()).latestMax() : 1;
  }

  private long max(Measure measure) {
    Track track = tracks.get(measure.track());
    return switch (measure.kind()) {
      case COUNT -> (carried ? EPOCHS_SEEN : 1L) * track.eventsMax();
      case SUM -> throw new IllegalArgumentException("a sum is not public");
      case BANKS -> PaneRing.BANKS_MAX;
      case COUNTERPARTIES -> Math.min(track.eventsMax(), COUNTERPARTIES_MAX);
      case SINCE_FIRST, SINCE_LAST -> track.windowMinutes();
      case LATEST -> track.latestMax();
    };
  }

  /**
   * Bytes of state for each entity that is remembered, by the fields that it can stand in; where
   * entities are hidden, for each record.
   *
   * @param components 2 at an aggregator, 1 on plaintext
   * @param namesMembers whether earlier records of patterns are alerted too
   */
  public Map<List<String>, Long> bytesOfEntities(int components, boolean namesMembers) {
    if (hidden.isPresent()) {
      return Map.of(List.of("record"), HiddenPage.bytesPerRecord(this, components));
    }
    return EntityGroups.bytes(this, components, namesMembers);
  }

  /**
   * Bytes that a record adds to the log, without what its block adds: its minute, by what versions
   * of it are known, whether it counts, pseudonyms, components of what is kept and of hashes.
   *
   * @param components 2 at an aggregator
   * @param namesMembers whether its alert may be sent later
   */
  public long loggedBytes(int components, boolean namesMembers) {
    return EntityGroups.loggedBytes(this, components, namesMembers);
  }

  /**
   * The same of those of which most is remembered.
   *
   * @param namesMembers whether earlier records of patterns are alerted too
   */
  public long bytesPerEntity(int components, boolean namesMembers) {
    return bytesOfEntities(components, namesMembers).values().stream()
        .mapToLong(Long::longValue)
        .max()
        .orElse(0);
  }
}
