package org.concordat.rules.explain;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Lookup;
import org.concordat.rules.link.LinkSpec.Measure;

/**
 * What it costs to find the records of hidden entities, where as many are remembered as there is
 * room for, all windows cover them, and entities are alike.
 *
 * @param buckets of each kind of entity
 * @param lookups what is compared with what
 * @param pairs compared for each transaction, of all lookups
 * @param andGates of these
 * @param bytesSent for these by the busiest aggregator
 * @param roundsPerPass of the longest lookup, for each so many pairs
 * @param bytesPerPair that are held while it is compared, of the lookup that holds most
 * @param bytesMax of the pairs that are held at a time, if one row sees all records
 */
public record MatchingCost(
    long buckets,
    List<String> lookups,
    long pairs,
    double andGates,
    double bytesSent,
    int roundsPerPass,
    long bytesPerPair,
    long bytesMax) {
  private static final int EQUAL_AND_GATES = LinkSpec.Hidden.COMPARED_BITS - 1;
  private static final int EQUAL_ROUNDS = 6;

  /** A bit to an arithmetic word. */
  private static final int WORDS = 2;

  /** Where a record is found, in a list with room for twice as many, and the row that sees it. */
  private static final int SEEN_BYTES = 28;

  /** By what a window that orders records sorts them, likewise. */
  private static final int SORTED_BYTES = 16;

  /**
   * For each window that orders records: five numbers, in lists with room for twice as many, two of
   * them once more, and the components of what is added up.
   */
  private static final int ORDERED_BYTES = 64;

  /** Pairs that rows have together before they are compared, beside those of the last row. */
  private static final int GROUP_PAIRS = 1 << 17;

  static MatchingCost of(LinkSpec spec) {
    long buckets = 1L << spec.linkageBits();
    long each = Math.max(1, spec.entitiesMax() / buckets);
    int levels = Long.SIZE - Long.numberOfLeadingZeros(each - 1);
    double ands = 0;
    double bytes = 0;
    int rounds = 0;
    long held = 0;
    for (Lookup lookup : spec.lookups()) {
      List<Measure> measures =
          spec.measures().stream().filter(m -> spec.lookup(m).equals(lookup)).toList();
      boolean counts = measures.stream().anyMatch(m -> is(m, Kind.COUNT) || is(m, Kind.SUM));
      long values =
          measures.stream().filter(m -> is(m, Kind.SUM)).map(Measure::value).distinct().count();
      long since =
          measures.stream().filter(m -> is(m, Kind.SINCE_FIRST) || is(m, Kind.SINCE_LAST)).count();
      long ordered = since + measures.stream().filter(m -> is(m, Kind.BANKS)).count();
      double bits = EQUAL_AND_GATES + (double) ordered * levels;
      ands += each * bits;
      double words = (counts ? WORDS : 0) + values + since * (double) WORDS;
      bytes += each * (bits / Byte.SIZE + words * Long.BYTES);
      int first = EQUAL_ROUNDS + (counts ? 2 : 0) + (values > 0 ? 1 : 0);
      held =
          Math.max(held, SEEN_BYTES + (ordered > 0 ? SORTED_BYTES : 0) + ordered * ORDERED_BYTES);
      rounds = Math.max(rounds, first + (ordered > 0 ? levels + 2 : 0));
    }
    return new MatchingCost(
        buckets,
        spec.lookups().stream().map(lookup -> name(spec, lookup)).toList(),
        each * spec.lookups().size(),
        ands,
        bytes,
        rounds,
        held,
        held * (GROUP_PAIRS + (long) spec.entitiesMax()));
  }

  private static boolean is(Measure measure, Kind kind) {
    return measure.kind() == kind;
  }

  private static String name(LinkSpec spec, Lookup lookup) {
    return spec.entities().get(lookup.entity()).name()
        + " with earlier "
        + spec.entities().get(lookup.role()).name();
  }

  String text() {
    return String.format(
        Locale.ROOT,
        """
          Then a transaction is compared on shares with earlier ones of its buckets, %d of a kind:
          %s.
          Where as many are remembered as may be, all in the windows, and entities are alike:
          %d comparisons a transaction, %.0f ANDs, %.0f bytes sent, up to %d rounds a pass.
          A busy entity's bucket has more.
          While they are compared %d bytes are held for each, those of one transaction at a time at least:
          %d MiB at most, where one sees all records.
        """,
        buckets,
        lookups.stream().collect(Collectors.joining(", ")),
        pairs,
        andGates,
        bytesSent,
        roundsPerPass,
        bytesPerPair,
        bytesMax + (1 << 20) - 1 >> 20);
  }
}
