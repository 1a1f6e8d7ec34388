package org.concordat.rules.explain;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.LinkSpec;
import org.jspecify.annotations.Nullable;

/**
 * What linking costs before the rules are evaluated, and what an aggregator keeps.
 *
 * @param entities enciphered for each transaction: an AES block each
 * @param values that are admitted, if within their range
 * @param andGates of both, for each transaction
 * @param rounds of a batch, the opening of pseudonyms included
 * @param bytesSent by the busiest aggregator, for each transaction
 * @param bytesOfEntities of an aggregator's state, by the fields that an entity can stand in
 * @param bytesMax of all of it
 * @param entitiesMax that are remembered at a time
 * @param matching what it costs to find records of hidden entities; null where none are
 * @param carriedBytesSent by the busiest aggregator at the beginning of an epoch, for each entity
 *     that is carried, or row that pads them to a power of two; 0 where none is carried
 */
public record LinkCost(
    int entities,
    int values,
    int andGates,
    int rounds,
    double bytesSent,
    Map<List<String>, Long> bytesOfEntities,
    long bytesMax,
    int entitiesMax,
    @Nullable MatchingCost matching,
    double carriedBytesSent) {
  /** 160 S-boxes of 34 products; the key is scheduled once an epoch. */
  static final int AES_AND_GATES = 5_440;

  private static final int AES_ROUNDS = 40;

  /** Two signs of 64 bits, and both of them. */
  private static final int RANGE_AND_GATES = 2 * 241 + 1;

  /** A bit to an arithmetic word. */
  private static final int RANGE_WORDS = 2;

  private static final int AGGREGATOR_COMPONENTS = 2;

  /** Where paths run along fresh payments: pairs of accounts that are remembered at most. */
  private static final int PAIRS_PER_ENTITY = 8;

  private static final int PAIR_BYTES = 32;

  static LinkCost of(LinkSpec spec, boolean namesMembers) {
    int entities = spec.entities().size();
    int values = spec.values().size();
    int ands = entities * AES_AND_GATES + values * RANGE_AND_GATES;
    // What isn't counted but added up takes one more, for the product.
    long products = spec.values().stream().filter(value -> !value.isCount()).count();
    double bytes =
        (ands + entities * spec.linkageBits()) / 8.0
            + (values * RANGE_WORDS + products) * (double) Long.BYTES;
    return new LinkCost(
        entities,
        values,
        ands,
        AES_ROUNDS + 1,
        bytes,
        spec.bytesOfEntities(AGGREGATOR_COMPONENTS, namesMembers),
        (spec.bytesPerEntity(AGGREGATOR_COMPONENTS, namesMembers) + pairBytes(spec))
            * spec.entitiesMax(),
        spec.entitiesMax(),
        spec.hidden().isPresent() ? MatchingCost.of(spec) : null,
        carriedBytes(spec));
  }

  /** A shuffle's two words for each, an AES block and the opening. */
  private static double carriedBytes(LinkSpec spec) {
    int words = spec.carriedWords();
    return words == 0
        ? 0
        : 2.0 * (CarriedRows.HASH_COLUMNS + words) * Long.BYTES
            + (AES_AND_GATES + spec.linkageBits()) / 8.0;
  }

  private static long pairBytes(LinkSpec spec) {
    boolean remembersPairs = spec.edges().map(edges -> edges.freshMinutes() > 0).orElse(false);
    return remembersPairs ? PAIRS_PER_ENTITY * PAIR_BYTES : 0;
  }

  String text() {
    return String.format(
            java.util.Locale.ROOT,
            """

            Linking, before the rules
              %d AES %s and %d range %s a transaction: %d ANDs, %.1f bytes sent.
              %d rounds a batch, the opening of pseudonyms included.
            %s  An aggregator keeps %s, of at most %d %s: %d MiB at most.
            """,
            entities,
            entities == 1 ? "block" : "blocks",
            values,
            values == 1 ? "check" : "checks",
            andGates,
            bytesSent,
            rounds,
            matching == null ? "" : matching.text(),
            bytesOfEntities.entrySet().stream()
                .map(of -> of.getValue() + " bytes for each " + String.join(" or ", of.getKey()))
                .collect(Collectors.joining(", ")),
            entitiesMax,
            matching == null ? "entities" : "records",
            bytesMax + (1 << 20) - 1 >> 20)
        + carriedText();
  }

  private String carriedText() {
    return carriedBytesSent == 0
        ? ""
        : String.format(
            java.util.Locale.ROOT,
            """
              An epoch's first batch takes an AES block and %.1f bytes sent more for each entity that is carried,
              and for each row that pads them to a power of two.
            """,
            carriedBytesSent);
  }
}
