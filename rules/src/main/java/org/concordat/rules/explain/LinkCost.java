package org.concordat.rules.explain;

import org.concordat.rules.link.LinkSpec;

/**
 * What linking costs before the rules are evaluated, and what an aggregator keeps.
 *
 * @param entities enciphered for each transaction: an AES block each
 * @param values that are admitted, if within their range
 * @param andGates of both, for each transaction
 * @param rounds of a batch, the opening of pseudonyms included
 * @param bytesSent by the busiest aggregator, for each transaction
 * @param bytesPerEntity of an aggregator's state
 * @param entitiesMax that are remembered at a time
 */
public record LinkCost(
    int entities,
    int values,
    int andGates,
    int rounds,
    double bytesSent,
    long bytesPerEntity,
    int entitiesMax) {
  /** 160 S-boxes of 34 products; the key is scheduled once an epoch. */
  static final int AES_AND_GATES = 5_440;

  private static final int AES_ROUNDS = 40;

  /** Two signs of 64 bits, and both of them. */
  private static final int RANGE_AND_GATES = 2 * 241 + 1;

  /** A bit to an arithmetic word takes two, then one for the product. */
  private static final int RANGE_WORDS = 3;

  private static final int AGGREGATOR_COMPONENTS = 2;

  /** Where paths run along fresh payments: pairs of accounts that are remembered at most. */
  private static final int PAIRS_PER_ENTITY = 8;

  private static final int PAIR_BYTES = 32;

  static LinkCost of(LinkSpec spec) {
    int entities = spec.entities().size();
    int values = spec.values().size();
    int ands = entities * AES_AND_GATES + values * RANGE_AND_GATES;
    double bytes =
        (ands + entities * spec.linkageBits()) / 8.0 + values * RANGE_WORDS * (double) Long.BYTES;
    return new LinkCost(
        entities, values, ands, AES_ROUNDS + 1, bytes, bytesPerEntity(spec), spec.entitiesMax());
  }

  private static long bytesPerEntity(LinkSpec spec) {
    boolean remembersPairs = spec.edges().map(edges -> edges.freshMinutes() > 0).orElse(false);
    return spec.bytesPerEntity(AGGREGATOR_COMPONENTS)
        + (remembersPairs ? PAIRS_PER_ENTITY * PAIR_BYTES : 0);
  }

  String text() {
    return String.format(
        java.util.Locale.ROOT,
        """

        Linking, before the rules
          %d AES %s and %d range %s a transaction: %d ANDs, %.1f bytes sent.
          %d rounds a batch, the opening of pseudonyms included.
          An aggregator keeps %d bytes for each entity, of at most %d entities: %d MiB.
        """,
        entities,
        entities == 1 ? "block" : "blocks",
        values,
        values == 1 ? "check" : "checks",
        andGates,
        bytesSent,
        rounds,
        bytesPerEntity,
        entitiesMax,
        bytesPerEntity * entitiesMax + (1 << 20) - 1 >> 20);
  }
}
